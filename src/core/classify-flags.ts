/** The named remarks a verdict may carry, with what each means to a reader. */
import type { Locale } from './sentence-locale.ts';

interface FlagMeaning {
  /** True: this remark alone may be why a verdict is `unknown`. */
  readonly mayExplainUnknown: boolean;
  /** True: the remark may come or go with the clock alone, so it is never part of a text pushed into a CRM. */
  readonly byClock: boolean;
  readonly text: Readonly<Record<Locale, string>>;
}

/** Every flag the standard classification may raise. Rules of a profile may add flags of their own. */
export const FLAGS = {
  closed_without_outcome: {
    mayExplainUnknown: true,
    byClock: false,
    text: {
      en: 'the CRM calls it closed but does not say whether it was won or lost',
      fr: 'le CRM la dit fermée sans dire si elle est gagnée ou perdue',
    },
  },
  completeness_missing: {
    mayExplainUnknown: true,
    byClock: false,
    text: {
      en: 'the proof that it is complete is missing',
      fr: 'la preuve qu’elle est complète manque',
    },
  },
  contact_in_future: {
    mayExplainUnknown: false,
    byClock: true,
    text: {
      en: 'the last contact lies in the future and was not counted',
      fr: 'le dernier contact est daté du futur et n’a pas été compté',
    },
  },
  crms_disagree: {
    mayExplainUnknown: true,
    byClock: false,
    text: {
      en: 'the two CRMs do not say the same',
      fr: 'les deux CRM ne disent pas la même chose',
    },
  },
  decided_by_configuration: {
    mayExplainUnknown: true,
    byClock: false,
    text: {
      en: 'your configuration decides for this stage',
      fr: 'votre configuration décide pour cette étape',
    },
  },
  evidence_unreadable: {
    mayExplainUnknown: true,
    byClock: false,
    text: {
      en: 'some evidence was not of the expected type and was set aside',
      fr: 'une partie des indices n’a pas le type attendu et a été écartée',
    },
  },
  flags_contradict_stage: {
    mayExplainUnknown: true,
    byClock: false,
    text: {
      en: 'the record and its stage do not say the same',
      fr: 'la fiche et son étape ne disent pas la même chose',
    },
  },
  label_contradicts: {
    mayExplainUnknown: false,
    byClock: false,
    text: {
      en: 'the name of the stage reads differently',
      fr: 'le nom de l’étape se lit autrement',
    },
  },
  lost_without_closed: {
    mayExplainUnknown: true,
    byClock: false,
    text: { en: 'it is marked lost but not closed', fr: 'elle est marquée perdue mais pas fermée' },
  },
  no_evidence: {
    mayExplainUnknown: true,
    byClock: false,
    text: { en: 'the CRM says nothing about its state', fr: 'le CRM ne dit rien de son état' },
  },
  no_stage: {
    mayExplainUnknown: true,
    byClock: false,
    text: { en: 'it has no stage', fr: 'elle n’a pas d’étape' },
  },
  overdue: {
    mayExplainUnknown: false,
    byClock: true,
    text: { en: 'its close date has passed', fr: 'sa date de clôture est dépassée' },
  },
  probability_100_open: {
    mayExplainUnknown: false,
    byClock: false,
    text: {
      en: 'its probability is 100 % although it is open',
      fr: 'sa probabilité est de 100 % alors qu’elle est ouverte',
    },
  },
  proofs_disagree: {
    mayExplainUnknown: false,
    byClock: false,
    text: {
      en: 'one source says a required proof is there, another that it is not',
      fr: 'une source dit qu’une preuve exigée est là, une autre qu’elle n’y est pas',
    },
  },
  stage_deleted: {
    mayExplainUnknown: true,
    byClock: false,
    text: { en: 'its stage no longer exists in the CRM', fr: 'son étape n’existe plus dans le CRM' },
  },
  rule_failed: {
    mayExplainUnknown: true,
    byClock: false,
    text: {
      en: 'a rule of the profile failed on it',
      fr: 'une règle du profil a échoué sur elle',
    },
  },
  stage_not_recognised: {
    mayExplainUnknown: true,
    byClock: false,
    text: {
      en: 'the name of its stage is not known to mean open, won or lost',
      fr: 'le nom de son étape ne permet pas de dire si elle est ouverte, gagnée ou perdue',
    },
  },
  stages_assumed: {
    mayExplainUnknown: false,
    byClock: false,
    text: {
      en: 'the stages were not described, so the standard ones were assumed',
      fr: 'les étapes n’étaient pas décrites, les étapes standard ont été supposées',
    },
  },
  won_and_lost: {
    mayExplainUnknown: true,
    byClock: false,
    text: { en: 'it is marked both won and lost', fr: 'elle est marquée à la fois gagnée et perdue' },
  },
  won_before_complete: {
    mayExplainUnknown: false,
    byClock: false,
    text: {
      en: 'it was marked won before it was complete',
      fr: 'elle a été marquée gagnée avant d’être complète',
    },
  },
  won_flag_on_open_stage: {
    mayExplainUnknown: true,
    byClock: false,
    text: { en: 'it is marked won on an open stage', fr: 'elle est marquée gagnée à une étape ouverte' },
  },
  won_without_closed: {
    mayExplainUnknown: true,
    byClock: false,
    text: { en: 'it is marked won but not closed', fr: 'elle est marquée gagnée mais pas fermée' },
  },
} as const satisfies Readonly<Record<string, FlagMeaning>>;

export type FlagName = keyof typeof FLAGS;

/** What a flag means, or null for a flag of a team's own rule. */
export function flagMeaning(flag: string): FlagMeaning | null {
  return Object.hasOwn(FLAGS, flag) ? FLAGS[flag as FlagName] : null;
}
