import type { StageInfo } from '../core/account-facts.ts';
import { classify, type StageDecision } from '../core/classify.ts';
import type { Dictionary } from '../core/dictionary.ts';
import type { Crm } from '../core/ids.ts';
import { detectLanguage } from '../core/label.ts';
import type { Profile } from '../core/profile.ts';
import { type Locale, reasonText } from '../core/sentence.ts';
import type { Classifier } from './deps.ts';

export interface ClassifierOptions {
  readonly profile: Profile;
  /** Stage decisions of an operator, per CRM by stage key. */
  readonly decisions?: Readonly<Record<Crm, ReadonlyMap<string, StageDecision>>>;
  readonly dictionary?: Dictionary;
  /** Language of the stage names, per CRM; detected per pipeline where absent. */
  readonly languages?: Readonly<Record<Crm, string>>;
  readonly timeZone?: string;
  readonly locale: Locale;
}

/** The rules of one profile as the engine uses them. */
export function createClassifier(options: ClassifierOptions): Classifier {
  const { profile, decisions, dictionary, languages, timeZone, locale } = options;
  // The stages of an account are asked about with every batch of a run; they rarely change.
  const detected = new Map<string, string | null>();

  function languageOf(crm: Crm, labels: readonly string[]): string | null {
    const given = languages?.[crm];
    if (given !== undefined) return given;
    if (dictionary === undefined) return null;
    const key = JSON.stringify(labels);
    const known = detected.get(key);
    if (known !== undefined) return known;
    const found = detectLanguage(labels, dictionary);
    detected.set(key, found);
    return found;
  }

  return {
    languagesOf(crm, stages) {
      const found = new Map<string, string | null>();
      for (const pipeline of Map.groupBy(stages, (stage: StageInfo) => stage.pipeline).values()) {
        const language = languageOf(
          crm,
          pipeline.map(({ label }) => label),
        );
        for (const { key } of pipeline) found.set(key, language);
      }
      return found;
    },
    classify: (crm, evidence, now, language) => {
      const own = decisions?.[crm];
      return classify(evidence, {
        profile,
        now,
        language: language ?? languages?.[crm] ?? null,
        ...(own === undefined ? {} : { decisions: own }),
        ...(dictionary === undefined ? {} : { dictionary }),
        ...(timeZone === undefined ? {} : { timeZone }),
      });
    },
    reasonText: (verdict) => reasonText(verdict, locale),
  };
}
