/** Reads the name of a stage: exact match after normalisation, in the language given or detected. Never by substring. */
import {
  combine,
  type Dictionary,
  keyIn,
  type LabelClass,
  type LabelMeaning,
  type LanguageTable,
} from './dictionary.ts';
import { foldCase, withoutNumbering } from './dictionary-normalise.ts';
import type { Phase } from './verdict.ts';

export interface ReadLabel {
  readonly class: LabelClass | 'unknown';
  readonly phase: Phase | null;
  /** The language the name was understood in; null when it was not, or in several languages alike. */
  readonly language: string | null;
}

const UNKNOWN: ReadLabel = Object.freeze({ class: 'unknown', phase: null, language: null });
/** Stage names are repeated on every record of a stage; this many distinct ones are remembered per dictionary. */
const REMEMBERED = 5_000;
const LONGEST_LABEL = 200;
const FALLBACK = 'en';

const remembered = new WeakMap<Dictionary, Map<string, ReadLabel>>();

/**
 * What a stage name means. With a language, the name is looked up there, then in English (CRMs leave names untranslated).
 * Without one, every language that knows the name must give it the same class, otherwise it is `unknown`.
 */
export function classifyLabel(label: string, language: string | null, dictionary: Dictionary): ReadLabel {
  let memory = remembered.get(dictionary);
  if (memory === undefined) {
    memory = new Map();
    remembered.set(dictionary, memory);
  }
  const key = `${language ?? ''}\n${label}`;
  const known = memory.get(key);
  if (known !== undefined) return known;
  const read = readLabel(label, language, dictionary);
  if (memory.size >= REMEMBERED) memory.clear();
  memory.set(key, read);
  return read;
}

/**
 * The language most of these names (the stages of one pipeline) are written in, or null when no language knows more of them
 * than every other. English alone is not enough when another language explains as many.
 */
export function detectLanguage(labels: readonly string[], dictionary: Dictionary): string | null {
  let best: string | null = null;
  let bestCount = 0;
  let tied = false;
  for (const table of dictionary.tables) {
    let count = 0;
    for (const label of labels) if (readIn([table], label) !== undefined) count += 1;
    if (count === 0 || count < bestCount) continue;
    tied = count === bestCount;
    if (!tied) {
      best = table.language;
      bestCount = count;
    }
  }
  return tied ? null : best;
}

/** The dictionary's table for a language tag such as `fr`, `fr-CA`, `pt_BR` or `zh-Hant-TW`; null when unsupported. */
export function tableFor(language: string, dictionary: Dictionary): LanguageTable | null {
  const tag = language.trim().toLowerCase().replaceAll('_', '-');
  for (let end = tag.length; end > 0; end = tag.lastIndexOf('-', end - 1)) {
    const table = dictionary.languages.get(tag.slice(0, end));
    if (table !== undefined) return table;
  }
  return null;
}

function readLabel(label: string, language: string | null, dictionary: Dictionary): ReadLabel {
  if (label.length > LONGEST_LABEL) return UNKNOWN;
  if (language === null || language.trim() === '') return readAnywhere(label, dictionary);
  const tables = [tableFor(language, dictionary), tableFor(FALLBACK, dictionary)];
  for (const table of tables) {
    if (table === null) continue;
    const meaning = readIn([table], label);
    // Known here, but with two meanings: asking another language would be guessing.
    if (meaning === null) return UNKNOWN;
    if (meaning !== undefined) return { ...meaning, language: table.language };
  }
  return UNKNOWN;
}

function readAnywhere(label: string, dictionary: Dictionary): ReadLabel {
  const meaning = readIn(dictionary.tables, label, dictionary);
  if (meaning === null || meaning === undefined) return UNKNOWN;
  const languages = dictionary.tables.filter((table) => readIn([table], label) !== undefined);
  const only = languages.length === 1 ? languages[0] : undefined;
  return { ...meaning, language: only?.language ?? null };
}

/** Undefined: nobody knows the name. Null: it has several meanings. */
function readIn(
  tables: readonly LanguageTable[],
  label: string,
  dictionary?: Dictionary,
): LabelMeaning | null | undefined {
  const folded = foldCase(label);
  const whole = find(tables, folded, dictionary);
  if (whole !== undefined) return whole;
  const bare = withoutNumbering(folded);
  if (bare === '') return undefined;
  const named = find(tables, bare, dictionary);
  if (named !== undefined) return named;
  // "Closed won / Gagné", "Won (gewonnen)": every part must be known, and all must say the same.
  const parts = bare.split(/[/|\\·•()[\]:;–—]+|\s-\s/u).filter((part) => part.trim() !== '');
  if (parts.length < 2) return undefined;
  let all: LabelMeaning | null | undefined;
  for (const part of parts) {
    const meaning = find(tables, part, dictionary) ?? undefined;
    if (meaning === undefined) return undefined;
    all = combine(all, meaning);
    if (all === null) return undefined;
  }
  return all;
}

function find(
  tables: readonly LanguageTable[],
  folded: string,
  dictionary: Dictionary | undefined,
): LabelMeaning | null | undefined {
  let all: LabelMeaning | null | undefined;
  const exact = keyIn(KEEP, folded);
  const loose = keyIn(FOLD, folded);
  const candidates =
    dictionary === undefined
      ? tables
      : [
          ...(dictionary.index.get(exact) ?? []),
          ...(exact === loose ? [] : (dictionary.index.get(loose) ?? [])),
        ];
  for (const table of candidates) {
    const meaning = table.meanings.get(table.accents === 'fold' ? loose : exact);
    if (meaning === null) return null;
    if (meaning === undefined) continue;
    all = combine(all, meaning);
    if (all === null) return null;
  }
  return all;
}

const KEEP = { accents: 'keep' } as const;
const FOLD = { accents: 'fold' } as const;
