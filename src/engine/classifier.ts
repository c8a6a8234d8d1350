import { classify, type StageDecision } from '../core/classify.ts';
import type { Dictionary } from '../core/dictionary.ts';
import type { Crm } from '../core/ids.ts';
import type { Profile } from '../core/profile.ts';
import { type Locale, reasonText } from '../core/sentence.ts';
import type { Classifier } from './deps.ts';

export interface ClassifierOptions {
  readonly profile: Profile;
  /** Stage decisions of an operator, per CRM by stage key. */
  readonly decisions?: Readonly<Record<Crm, ReadonlyMap<string, StageDecision>>>;
  readonly dictionary?: Dictionary;
  readonly timeZone?: string;
  readonly locale: Locale;
}

/** The rules of one profile as the engine uses them. */
export function createClassifier(options: ClassifierOptions): Classifier {
  const { profile, decisions, dictionary, timeZone, locale } = options;
  return {
    classify: (crm, evidence, now) => {
      const own = decisions?.[crm];
      return classify(evidence, {
        profile,
        now,
        ...(own === undefined ? {} : { decisions: own }),
        ...(dictionary === undefined ? {} : { dictionary }),
        ...(timeZone === undefined ? {} : { timeZone }),
      });
    },
    reasonText: (verdict) => reasonText(verdict, locale),
  };
}
