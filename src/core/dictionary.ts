/** The multilingual stage dictionary: phrases a language uses for open, won, lost, cancelled and paused, ready for look-up. */
import { compact, foldAccents, foldCase } from './dictionary-normalise.ts';
import type { Phase } from './verdict.ts';

export type LabelClass = 'open' | 'won' | 'lost' | 'cancelled' | 'paused';

/** What a phrase means. */
export interface LabelMeaning {
  readonly class: LabelClass;
  readonly phase: Phase | null;
}

/** One language as it is written in config/dictionaries. */
export interface DictionarySource {
  /** BCP 47 code, for example `fr`. */
  readonly language: string;
  /** Other codes for the same language, for example `nb` and `nn` of `no`. */
  readonly aliases?: readonly string[];
  /** `fold`: accents may be left out or differ. `keep`: a mark makes another word. */
  readonly accents: 'fold' | 'keep';
  /** Words for "closed" that may stand beside an outcome word. */
  readonly closing?: readonly string[];
  /** Words that may stand between the two, for example "and", "as". */
  readonly joining?: readonly string[];
  /** Nouns an outcome word may qualify, for example "deal". */
  readonly nouns?: readonly string[];
  readonly won: OutcomeWords;
  readonly lost: OutcomeWords;
  readonly cancelled: OutcomeWords;
  readonly paused: OutcomeWords;
  /** Phrases by phase; `any` = open, but the name does not say where. */
  readonly open: Readonly<Partial<Record<Phase | 'any', readonly string[]>>>;
  /** Steps of selling that are put together: "proposal sent", "analysis of needs". Never words of an ending. */
  readonly steps?: StepWords;
  /** Languages to ask where this one does not know a name, for example Spanish for Basque. */
  readonly fallback?: readonly string[];
}

export interface StepWords {
  /** What happens to a thing: "sent", "planned", "analysis". */
  readonly states: readonly string[];
  /** Words that may stand between, for example "of". */
  readonly linking: readonly string[];
  /** What it happens to, by phase: "proposal", "needs". */
  readonly things: Readonly<Partial<Record<Phase, readonly string[]>>>;
}

/** `words` stand alone and combine with the closing words and nouns of the language; `phrases` stand alone only. */
export interface OutcomeWords {
  readonly words?: readonly string[];
  readonly phrases?: readonly string[];
}

/** One language, compiled. A name that means two classes in the same language is kept as null: it decides nothing. */
export interface LanguageTable {
  readonly language: string;
  readonly accents: 'fold' | 'keep';
  /** Words and phrases by key. */
  readonly meanings: ReadonlyMap<string, LabelMeaning | null>;
  /** The outcome words that combine, by key. */
  readonly words: ReadonlyMap<string, LabelMeaning | null>;
  readonly closing: ReadonlySet<string>;
  readonly nouns: ReadonlySet<string>;
  readonly joining: readonly string[];
  readonly states: ReadonlySet<string>;
  readonly linking: readonly string[];
  readonly things: ReadonlyMap<string, LabelMeaning | null>;
  /** Codes of related languages. */
  readonly fallback: readonly string[];
}

export interface Dictionary {
  /** By code, aliases included, lower case. */
  readonly languages: ReadonlyMap<string, LanguageTable>;
  /** Every language once, by code. */
  readonly tables: readonly LanguageTable[];
}

const OUTCOMES = ['won', 'lost', 'cancelled', 'paused'] as const;

/** The key of a folded label in a language. */
export function keyIn(accents: LanguageTable['accents'], folded: string): string {
  return compact(accents === 'fold' ? foldAccents(folded) : folded);
}

/** Builds the look-up tables, one per source. Pure; done once. Of two sources for one language the later one counts. */
export function compileDictionary(sources: readonly DictionarySource[]): Dictionary {
  const byLanguage = new Map<string, LanguageTable>();
  const languages = new Map<string, LanguageTable>();
  for (const source of sources) {
    const table = compileTable(source);
    byLanguage.set(table.language, table);
    for (const code of [source.language, ...(source.aliases ?? [])]) languages.set(code.toLowerCase(), table);
  }
  const tables = [...byLanguage.values()].sort((a, b) => (a.language < b.language ? -1 : 1));
  return { languages, tables };
}

function compileTable(source: DictionarySource): LanguageTable {
  const meanings = new Map<string, LabelMeaning | null>();
  const words = new Map<string, LabelMeaning | null>();
  const key = (phrase: string): string => keyIn(source.accents, foldCase(phrase));
  const add = (map: Map<string, LabelMeaning | null>, phrase: string, meaning: LabelMeaning): void => {
    const at = key(phrase);
    map.set(at, combine(map.get(at), meaning));
  };
  for (const outcome of OUTCOMES) {
    const meaning: LabelMeaning = { class: outcome, phase: outcome === 'paused' ? 'paused' : null };
    for (const word of source[outcome].words ?? []) {
      add(meanings, word, meaning);
      add(words, word, meaning);
    }
    for (const phrase of source[outcome].phrases ?? []) add(meanings, phrase, meaning);
  }
  for (const [phase, phrases] of Object.entries(source.open)) {
    const meaning: LabelMeaning = { class: 'open', phase: phase === 'any' ? null : (phase as Phase) };
    for (const phrase of phrases) add(meanings, phrase, meaning);
  }
  const things = new Map<string, LabelMeaning | null>();
  for (const [phase, names] of Object.entries(source.steps?.things ?? {})) {
    for (const name of names) add(things, name, { class: 'open', phase: phase as Phase });
  }
  return {
    language: source.language.toLowerCase(),
    accents: source.accents,
    meanings,
    words,
    closing: new Set((source.closing ?? []).map(key)),
    nouns: new Set((source.nouns ?? []).map(key)),
    joining: (source.joining ?? []).map(key),
    states: new Set((source.steps?.states ?? []).map(key)),
    linking: (source.steps?.linking ?? []).map(key),
    things,
    fallback: source.fallback ?? [],
  };
}

/** What a name means when two entries claim it: one class, its phase only when both agree; two classes decide nothing. */
export function combine(a: LabelMeaning | null | undefined, b: LabelMeaning): LabelMeaning | null {
  if (a === undefined) return b;
  if (a === null || a.class !== b.class) return null;
  return a.phase === b.phase ? a : { class: a.class, phase: null };
}
