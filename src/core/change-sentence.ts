import type { Crm, RecordRef } from './ids.ts';
import type { FieldChange } from './plan.ts';
import type { Locale } from './sentence-locale.ts';

/** Names of the canonical fields as people say them; other fields keep their own name. */
const FIELD_NAMES: Readonly<Record<Locale, Readonly<Record<string, string>>>> = {
  en: {
    name: 'the name',
    stage: 'the stage',
    amount: 'the amount',
    currency: 'the currency',
    closeDate: 'the close date',
    owner: 'the owner',
    nextStep: 'the next step',
    status: 'the oppsync status',
    outcome: 'the oppsync outcome',
    phase: 'the oppsync phase',
    engagement: 'the oppsync engagement',
    reason: 'the oppsync reason',
    completeness: 'the oppsync proofs',
    cycleDays: 'the oppsync cycle',
    regressions: 'the oppsync regressions',
    pushes: 'the oppsync pushes',
    reopened: 'the oppsync reopenings',
    lastContact: 'the oppsync last contact',
    pairKey: 'the pair key',
    openAmount: 'the open amount',
    wonAmount: 'the won amount',
    winRate: 'the win rate',
    medianCycleDays: 'the median cycle',
  },
  fr: {
    name: 'le nom',
    stage: 'l’étape',
    amount: 'le montant',
    currency: 'la devise',
    closeDate: 'la date de clôture',
    owner: 'le propriétaire',
    nextStep: 'la prochaine étape',
    status: 'le statut oppsync',
    outcome: 'l’issue oppsync',
    phase: 'la phase oppsync',
    engagement: 'l’engagement oppsync',
    reason: 'le motif oppsync',
    completeness: 'les preuves oppsync',
    cycleDays: 'le cycle oppsync',
    regressions: 'les retours en arrière oppsync',
    pushes: 'les reports oppsync',
    reopened: 'les réouvertures oppsync',
    lastContact: 'le dernier contact oppsync',
    pairKey: 'la clé de paire',
    openAmount: 'le montant en cours',
    wonAmount: 'le montant gagné',
    winRate: 'le taux de gain',
    medianCycleDays: 'le cycle médian',
  },
};

/** The name of a CRM as people write it. */
export type Title = (crm: Crm) => string;

/** Why one field of one record is to change: one sentence for the person who approves the plan. */
export function changeSentence(change: FieldChange, locale: Locale, title: Title): string {
  const field = FIELD_NAMES[locale][change.field] ?? change.field;
  const source = change.from === null ? '' : title(change.from);
  const was = change.was === null ? (locale === 'fr' ? 'vide' : 'blank') : `"${change.was}"`;
  const sentences: Readonly<Record<FieldChange['reason'], Readonly<Record<Locale, string>>>> = {
    copied: {
      en: `${field} changed in ${source} since both sides agreed on ${was}`,
      fr: `${field} a changé dans ${source} depuis l’accord sur ${was}`,
    },
    initial: {
      en: `the two sides differ and have never agreed: the configuration says ${source} is right at first`,
      fr: `les deux côtés diffèrent sans accord passé : la configuration donne raison à ${source} au départ`,
    },
    filled: {
      en: `${field} is blank here and known in ${source}`,
      fr: `${field} est vide ici et connu dans ${source}`,
    },
    policy: {
      en: `both sides changed ${field}: its policy lets ${source} win`,
      fr: `les deux côtés ont changé ${field} : la règle donne raison à ${source}`,
    },
    resolved: {
      en: `${change.by ?? 'a person'} decided between the two values of ${field}`,
      fr: `${change.by ?? 'une personne'} a tranché entre les deux valeurs pour ${field}`,
    },
    undo: {
      en: `${change.by ?? 'a person'} takes back what a run wrote into ${field}`,
      fr: `${change.by ?? 'une personne'} reprend ce qu’une exécution avait écrit dans ${field}`,
    },
    classified: {
      en: `${field}: from how the opportunity was classified`,
      fr: `${field} : selon le classement de l’opportunité`,
    },
    observed: {
      en: `${field}: what was seen to happen to the opportunity`,
      fr: `${field} : ce qui a été observé sur l’opportunité`,
    },
    rolled_up: {
      en: `${field} of the account's opportunities`,
      fr: `${field} des opportunités du compte`,
    },
    pair_key: {
      en: 'the key that ties this record to its counterpart',
      fr: 'la clé qui lie cet enregistrement à son homologue',
    },
  };
  const text = sentences[change.reason][locale];
  // Who decided is written the way they write themselves.
  if ((change.by ?? '') !== '' && text.startsWith(change.by ?? '')) return text;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Why a record is to be made. */
export function creationSentence(into: Crm, source: RecordRef, locale: Locale, title: Title): string {
  const [there, here] = [title(into), `${title(source.crm)} ${source.id}`];
  return locale === 'fr'
    ? `Ni clé, ni lien, ni ressemblance ne relie ${here} à une fiche de ${there} : une nouvelle y est créée`
    : `No key, link or likeness ties ${here} to a record in ${there}: a new one is created there`;
}
