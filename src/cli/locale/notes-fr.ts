import type { Cause } from '../../core/note-sentences.ts';
import type { Sentence } from '../../core/told.ts';

const RULE_REMEDY =
  'faites ce pas à la main dans {crm}, changez la règle là-bas, ou mettez pipelineRules: ignore pour la synchronisation';

const UNMAPPED_REMEDY = 'ajoutez une ligne avec {side}: {key} aux étapes de la synchronisation';

/** Causes that only the figures of conflicts bear. */
type OfConflicts = 'conflict' | 'conflict_deleted' | 'conflict_loop';

/** Why records were left alone, in French, by stable cause. English: src/core/note-sentences.ts. */
export const NOTES_FR: Readonly<Record<Cause | OfConflicts, Sentence>> = {
  outside_record_type: {
    message: '{crm} ne propose pas {field} « {value} » aux fiches du type « {type} »',
    remedy: 'associez-la à une valeur que ce type propose, ou ajoutez-la au type dans {crm}',
  },
  pipeline_rule_back: {
    message:
      'une règle interdit de revenir de « {from} » à « {stage} » dans le pipeline {crm} « {pipeline} »',
    remedy: RULE_REMEDY,
  },
  pipeline_rule_skip: {
    message:
      'une règle interdit de sauter une étape entre « {from} » et « {stage} » dans le pipeline {crm} « {pipeline} »',
    remedy: RULE_REMEDY,
  },
  pipeline_rule_approval: {
    message:
      'quelqu’un doit approuver le passage de « {from} » à « {stage} » dans le pipeline {crm} « {pipeline} »',
    remedy: RULE_REMEDY,
  },
  pipeline_rule_create: {
    message: 'une règle interdit de créer des fiches à l’étape « {stage} » du pipeline {crm} « {pipeline} »',
    remedy: RULE_REMEDY,
  },
  unmapped_stage: {
    message: 'l’étape {from} « {label} » n’est pas dans la table des étapes',
    remedy: UNMAPPED_REMEDY,
  },
  unmapped_in_pipeline: {
    message: 'l’étape {from} « {label} » n’a pas d’équivalent dans le pipeline {to} « {pipeline} »',
    remedy: UNMAPPED_REMEDY,
  },
  edited_since: {
    message: '{fields} a été modifié après l’exécution qu’on annule',
    remedy: 'cela reste tel quel ; réglez-le à la main s’il doit revenir',
  },
  ambiguous_link: {
    message: 'plusieurs fiches réclament la même contrepartie',
    remedy: 'retirez le lien de toutes sauf une',
  },
  read_only_field: {
    message: '{field} ne peut pas être écrit dans {crm}',
    remedy: 'donnez à l’utilisateur de {crm} le droit de le modifier, ou laissez {crm} décider de ce champ',
  },
  line_items_rule_amount: {
    message: '{crm} calcule le montant de cette fiche d’après ses produits',
    remedy: 'modifiez les produits dans {crm}, ou laissez {crm} décider du montant',
  },
  left_as_is: {
    message: '{field} diffère entre les deux côtés parce que {by} a annulé un changement',
    remedy: 'rien à faire ; il sera synchronisé dès qu’un côté le change',
  },
  set_by_crm: {
    message: '{field} diffère parce que {crm} l’a réglé lui-même quand l’affaire a été conclue ou rouverte',
    remedy: 'rien à faire ; la date sera synchronisée dès que quelqu’un en saisit une',
  },
  excluded_pipeline: {
    message: 'le pipeline {pipeline} de {crm} est exclu par la configuration',
    remedy: 'retirez-le de excludePipelines pour synchroniser ses fiches',
  },
  deleted: {
    message: 'la fiche a été supprimée dans son CRM',
    remedy: 'restaurez-la là-bas si c’était une erreur',
  },
  counterpart_deleted: {
    message: 'sa contrepartie a été supprimée ; les suppressions ne sont jamais reportées',
    remedy: 'supprimez aussi cette fiche, ou restaurez la contrepartie',
  },
  conflict: {
    message: 'les deux côtés ont changé {field} et aucune règle ne tranche',
    remedy: 'choisissez une valeur, ou donnez une règle à ce champ',
  },
  conflict_deleted: {
    message: '{field} a été modifié d’un côté et la fiche supprimée de l’autre',
    remedy: 'restaurez la fiche supprimée pour reporter la modification, ou supprimez l’autre aussi',
  },
  conflict_loop: {
    message: '{field} change de nouveau après chaque écriture, et tourne en rond',
    remedy: 'désactivez l’automatisme qui le change, ou ne synchronisez pas ce champ',
  },
  edited_and_deleted: {
    message: 'elle a été modifiée d’un côté et supprimée de l’autre',
    remedy: 'restaurez la fiche supprimée pour reporter la modification, ou supprimez celle-ci aussi',
  },
  create_waits_for_pairing: {
    message:
      'elle est peut-être la même affaire qu’une fiche de {to} ; aucune contrepartie n’est encore créée',
    remedy:
      '`oppsync pair` montre les deux ; acceptez la paire, ou rejetez-la et une contrepartie sera créée',
  },
  create_waits_for_link: {
    message: 'plusieurs fiches de {to} se disent sa contrepartie ; aucune n’est créée',
    remedy: 'retirez le lien de toutes sauf une',
  },
  create_kept_apart: {
    message: 'quelqu’un l’a séparée d’une fiche de {to} ; aucune autre contrepartie n’est créée',
    remedy: 'associez-la à la bonne fiche, ou créez-en une à la main et acceptez cette paire',
  },
  create_linked_elsewhere: {
    message:
      'un lien avec une fiche de {to} dit qu’elle a déjà une contrepartie, bien que les deux ne forment pas une paire',
    remedy: 'retirez le lien si cette fiche a disparu pour de bon, ou laissez oppsync la lire',
  },
  create_had_counterpart: {
    message:
      'elle porte une clé de paire : elle avait une contrepartie dans {to} ; une fiche supprimée n’est jamais recréée',
    remedy:
      'restaurez la fiche dans {to}, ou videz le champ de la clé de paire de celle-ci pour repartir à neuf',
  },
  create_waits_for_duplicate: {
    message:
      'elle semble être la même affaire qu’une autre de {crm} ; aucune contrepartie n’est créée pour l’une ni l’autre',
    remedy:
      '`oppsync pair` liste les doublons ; fusionnez-les dans {crm}, ou distinguez-les par le nom, le montant ou la date de clôture',
  },
  create_waits_for_reading: {
    message:
      'une contrepartie n’est créée qu’après une lecture complète de {to}, et cette exécution n’a lu que les changements',
    remedy: 'rien à faire : l’exécution nocturne lit tout, `--full` aussi',
  },
  create_incomplete: {
    message: '{to} ne prend pas de nouvelle fiche sans {fields}',
    remedy: 'remplissez {fields} dans {from}, et vérifiez que c’est un champ synchronisé',
  },
  create_moved_since_plan: {
    message: '{fields} a changé dans {crm} après le plan ; aucune contrepartie n’a été créée',
    remedy: 'refaites un plan : la prochaine exécution décide avec la nouvelle valeur',
  },
  create_gone_since_plan: {
    message: 'la fiche n’est plus dans {crm} ; aucune contrepartie n’a été créée',
    remedy: 'rien à faire si elle a été supprimée ou fusionnée exprès',
  },
  create_paired_since_plan: {
    message: 'quelqu’un a associé la fiche après le plan ; aucune contrepartie n’a été créée',
    remedy: 'rien à faire',
  },
  create_unanswered: {
    message: '{to} n’a pas dit si la contrepartie a été créée, et on ne l’y voit pas encore',
    remedy: 'relancez : elle est d’abord cherchée par sa clé de paire, et jamais créée deux fois',
  },
  moved_since_plan: {
    message: '{fields} a changé dans {crm} après le plan',
    remedy: 'refaites un plan : la prochaine exécution décide avec la nouvelle valeur',
  },
  unreadable_since_plan: {
    message: '{fields} ne pouvait plus être lu dans {crm} juste avant l’écriture',
    remedy: 'donnez à l’utilisateur de {crm} le droit de le lire ; la prochaine exécution décide de nouveau',
  },
  gone_since_plan: {
    message: 'la fiche n’est plus dans {crm}',
    remedy: 'rien à faire si elle a été supprimée ou fusionnée exprès',
  },
};
