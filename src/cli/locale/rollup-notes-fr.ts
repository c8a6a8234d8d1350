import type { ROLLUP_SENTENCES } from '../../core/rollup-remarks.ts';
import type { Sentence } from '../../core/told.ts';

const TWO_AMOUNTS = 'les montants en cours et gagné restent vides, car';

/** What stands in the way of roll-ups, in French. English: src/core/rollup-remarks.ts. */
export const ROLLUP_NOTES_FR: Readonly<Record<keyof typeof ROLLUP_SENTENCES, Sentence>> = {
  unable: {
    message: 'les comptes de {crm} ne peuvent pas porter de cumuls',
    remedy: 'retirez {side} des réglages rollups de la synchronisation',
  },
  not_provisioned: {
    message:
      'les cumuls sont activés, mais {fields} manquent aux comptes de {crm}, ou oppsync ne peut pas y écrire',
    remedy: 'créez les champs avec `oppsync provision`, ou désactivez rollups',
  },
  amounts_hidden: {
    message:
      'les montants de {crm}, ou leurs devises, ne sont pas visibles : les montants en cours et gagné restent tels quels',
    remedy: 'donnez à l’utilisateur de {crm} le droit de lire les deux',
  },
  not_all_seen: {
    message:
      'le compte de {records} fiches de {crm} n’était pas visible à leur dernière lecture : rien n’est cumulé',
    remedy: 'lancez une fois avec --full ; l’exécution nocturne le fait d’elle-même',
  },
  no_accounts: {
    message: 'aucune fiche de {crm} ne nomme un compte qu’oppsync puisse voir : il n’y a rien à cumuler',
    remedy: 'donnez à l’utilisateur de {crm} le droit de lire le compte de ses fiches, ou désactivez rollups',
  },
  no_rate: {
    message: `${TWO_AMOUNTS} une de leurs devises n’a pas de taux`,
    remedy: 'ajoutez le taux à la table de rollupRates',
  },
  several_currencies: {
    message: `${TWO_AMOUNTS} leurs opportunités sont en plusieurs devises`,
    remedy: 'donnez une table de taux (rollupRates) s’il faut les additionner en une seule devise',
  },
  not_found: {
    message:
      'des comptes que nomment des fiches de {crm} n’ont pas pu être lus : supprimés, fusionnés ou cachés à cet utilisateur',
    remedy: 'donnez à l’utilisateur de {crm} le droit de les lire',
  },
  gone: {
    message: 'le compte {account} n’est plus dans {crm}',
    remedy: 'rien à faire s’il a été supprimé ou fusionné exprès',
  },
  unreadable: {
    message: '{field} du compte {account} ne pouvait plus être lu dans {crm} juste avant l’écriture',
    remedy: 'voyez avec `oppsync provision` ; la prochaine exécution décide de nouveau',
  },
  moved: {
    message: 'ce que le compte {account} de {crm} porte ou totalise a changé après le plan',
    remedy: 'refaites un plan : la prochaine exécution décide avec la nouvelle valeur',
  },
  edited_since: {
    message: 'des cumuls de {crm} ont été changés après l’exécution qu’on annule, et sont laissés tels quels',
    remedy: 'réglez-les à la main s’ils doivent revenir',
  },
};
