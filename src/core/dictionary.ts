/** The multilingual stage dictionary: phrases a language uses for open, won, lost, cancelled and paused, ready for look-up. */
import { compact, foldAccents, foldCase } from './dictionary-normalise.ts';
import { expandPhrases } from './dictionary-phrases.ts';
import type { Phase } from './verdict.ts';

export type LabelClass = 'open' | 'won' | 'lost' | 'cancelled' | 'paused';

/** What a phrase means. */
export interface LabelMeaning {
  readonly class: LabelClass;
  readonly phase: Phase | null;
}

/**
 * One language as it is written in config/dictionaries. `words` stand alone and combine with the closing words and nouns of
 * the language; `phrases` stand alone only.
 */
export interface DictionarySource {
  /** BCP 47 code, for example `fr`. */
  readonly language: string;
  /** Other codes for the same language, for example `nb` and `nn` of `no`. */
  readonly aliases?: readonly string[];
  /** `fold`: accents may be left out or differ. `keep`: a mark makes another word. */
  readonly accents: 'fold' | 'keep';
  /** Words for "closed" that stand beside an outcome. */
  readonly closing?: readonly string[];
  /** Words between the two, for example "and", "as". */
  readonly joining?: readonly string[];
  /** Nouns an outcome may qualify, for example "deal". */
  readonly nouns?: readonly string[];
  readonly won: OutcomeWords;
  readonly lost: OutcomeWords;
  readonly cancelled: OutcomeWords;
  readonly paused: OutcomeWords;
  readonly open: Readonly<Partial<Record<Phase, readonly string[]>>>;
}

export interface OutcomeWords {
  readonly words?: readonly string[];
  readonly phrases?: readonly string[];
}

/** One language, compiled. A phrase that means two classes in the same language is kept as `null`: it decides nothing. */
export interface LanguageTable {
  readonly language: string;
  readonly accents: 'fold' | 'keep';
  readonly meanings: ReadonlyMap<string, LabelMeaning | null>;
}

export interface Dictionary {
  /** By code, aliases included, lower case. */
  readonly languages: ReadonlyMap<string, LanguageTable>;
  /** Every language once. */
  readonly tables: readonly LanguageTable[];
  /** For every key, the languages that know it: look-up without a language. */
  readonly index: ReadonlyMap<string, readonly LanguageTable[]>;
}

/** The key of a folded label in a language. */
export function keyIn(table: Pick<LanguageTable, 'accents'>, folded: string): string {
  return compact(table.accents === 'fold' ? foldAccents(folded) : folded);
}

/** Builds the look-up tables. Pure; done once. The order of sources does not matter, except that a later one of the same language adds to it. */
export function compileDictionary(sources: readonly DictionarySource[]): Dictionary {
  const byLanguage = new Map<string, { table: LanguageTable; meanings: Map<string, LabelMeaning | null> }>();
  const languages = new Map<string, LanguageTable>();
  for (const source of sources) {
    const code = source.language.toLowerCase();
    let entry = byLanguage.get(code);
    if (entry === undefined) {
      const meanings = new Map<string, LabelMeaning | null>();
      entry = { meanings, table: { language: code, accents: source.accents, meanings } };
      byLanguage.set(code, entry);
    }
    for (const [phrase, meaning] of expandPhrases(source)) {
      const key = keyIn(entry.table, foldCase(phrase));
      if (key !== '') entry.meanings.set(key, combine(entry.meanings.get(key), meaning));
    }
    for (const alias of [code, ...(source.aliases ?? [])]) languages.set(alias.toLowerCase(), entry.table);
  }
  const tables = [...byLanguage.values()].map((entry) => entry.table);
  const index = new Map<string, LanguageTable[]>();
  for (const table of tables) {
    for (const key of table.meanings.keys()) {
      const known = index.get(key);
      if (known === undefined) index.set(key, [table]);
      else known.push(table);
    }
  }
  return { languages, tables, index };
}

/** What a phrase means when two entries claim it: one class, its phase only when both agree; two classes decide nothing. */
export function combine(a: LabelMeaning | null | undefined, b: LabelMeaning): LabelMeaning | null {
  if (a === undefined) return b;
  if (a === null || a.class !== b.class) return null;
  return a.phase === b.phase ? a : { class: a.class, phase: null };
}
