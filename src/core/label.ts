/** Reads the name of a stage: exact match after normalisation, in the language given or detected. Never by substring. */
import {
  combine,
  type Dictionary,
  keyIn,
  type LabelClass,
  type LabelMeaning,
  type LanguageTable,
} from './dictionary.ts';
import { lookUp } from './dictionary-lookup.ts';
import { foldCase, withoutNumbering } from './dictionary-normalise.ts';
import type { Phase } from './verdict.ts';

export interface ReadLabel {
  readonly class: LabelClass | 'unknown';
  readonly phase: Phase | null;
  /** The language the name was understood in; null when it was not, or in several languages alike. */
  readonly language: string | null;
}

type Meaning = LabelMeaning | null | undefined;

const UNKNOWN: ReadLabel = Object.freeze({ class: 'unknown', phase: null, language: null });
/** Stage names are repeated on every record of a stage; this many distinct ones are remembered per dictionary. */
const REMEMBERED = 5_000;
const LONGEST_LABEL = 120;
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
  const read = Object.freeze(readLabel(label, language, dictionary));
  if (memory.size >= REMEMBERED) memory.clear();
  memory.set(key, read);
  return read;
}

/**
 * The language most of these names (the stages of one pipeline) are written in: the one that knows more of them than every
 * other. Null when two languages know as many, or none knows any.
 */
export function detectLanguage(labels: readonly string[], dictionary: Dictionary): string | null {
  const spelled = labels.filter((label) => label.length <= LONGEST_LABEL).map(spellings);
  let best: string | null = null;
  let bestCount = 0;
  for (const table of dictionary.tables) {
    const count = spelled.filter((label) => readIn(table, label) !== undefined).length;
    if (count < bestCount || count === 0) continue;
    best = count === bestCount ? null : table.language;
    bestCount = count;
  }
  return best;
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
  if (label.length > LONGEST_LABEL || DOUBT.test(label)) return UNKNOWN;
  const read = readSpelled(label, language, dictionary);
  return isDenied(label, read.class) ? UNKNOWN : read;
}

/** A question or a sign of negation: whoever named the stage so did not mean to say that it has ended. */
const DOUBT = /[?？؟‽≠¬]|^\s*!/u;
/** Signs that cross out what stands beside them. */
const CROSSED_OUT = /[❌🚫✗✘⛔❎]/u;

/** Does something beside the name take back what it says of the end: another probability, or a sign that crosses it out? */
function isDenied(label: string, read: ReadLabel['class']): boolean {
  if (read !== 'won' && read !== 'lost') return false;
  if (read === 'won' && CROSSED_OUT.test(label)) return true;
  const percent = /(\d+(?:[.,]\d+)?)\s*[%٪]|[%٪]\s*(\d+(?:[.,]\d+)?)/u.exec(label);
  if (percent === null) return false;
  const share = Number((percent[1] ?? percent[2] ?? '').replace(',', '.'));
  return share !== (read === 'won' ? 100 : 0);
}

function readSpelled(label: string, language: string | null, dictionary: Dictionary): ReadLabel {
  const spelled = spellings(label);
  if (language === null || language.trim() === '') return readAnywhere(spelled, dictionary);
  const own = tableFor(language, dictionary);
  const related = own === null ? [] : own.fallback.map((code) => tableFor(code, dictionary));
  for (const table of [own, tableFor(FALLBACK, dictionary), ...related]) {
    if (table === null) continue;
    const meaning = readIn(table, spelled, tableFor(FALLBACK, dictionary));
    // Known, but with two meanings: asking another language would be guessing.
    if (meaning === null) return UNKNOWN;
    if (meaning !== undefined) return { ...meaning, language: table.language };
  }
  return UNKNOWN;
}

function readAnywhere(spelled: Spellings, dictionary: Dictionary): ReadLabel {
  let all: Meaning;
  const languages: string[] = [];
  for (const table of dictionary.tables) {
    const meaning = readIn(table, spelled);
    if (meaning === undefined) continue;
    all = meaning === null ? null : combine(all, meaning);
    if (all === null) return UNKNOWN;
    languages.push(table.language);
  }
  if (all === undefined || all === null) return UNKNOWN;
  return { ...all, language: languages.length === 1 ? (languages[0] ?? null) : null };
}

/** The ways a label may be meant: as it stands, and without numbering; its parts when it lists several names. */
interface Spellings {
  readonly whole: readonly Keys[];
  readonly parts: readonly Keys[];
}

interface Keys {
  readonly fold: string;
  readonly keep: string;
}

function spellings(label: string): Spellings {
  const folded = foldCase(label);
  const bare = withoutNumbering(folded);
  const parts = bare.split(SEPARATORS).filter((part) => part.trim() !== '');
  return {
    whole: [keys(folded), keys(bare)].filter(
      (key, at, all) => key.fold !== '' && all[at - 1]?.keep !== key.keep,
    ),
    parts: parts.length > 1 ? parts.map(keys) : [],
  };
}

/** Signs, and the words for "and" and "or", between names that a label lists. */
const SEPARATORS =
  /[/|\\·•()[\]:;,&+–—、]+|\s-\s|\s(?:or|and|ou|et|oder|und|o|y|e|of|en|eller|og|och|lub|i|nebo|a|alebo|vagy|és|sau|și|ili|или|и|або|та|і|veya|ve|atau|dan|ή|και|tai|ja|või|vai|un|arba|ir|או|یا|و|أو|hoặc|và|หรือ)\s/u;

function keys(folded: string): Keys {
  return { fold: keyIn('fold', folded), keep: keyIn('keep', folded) };
}

/** Undefined: this language does not know the name. Null: it has several meanings. */
function readIn(table: LanguageTable, spelled: Spellings, second: LanguageTable | null = null): Meaning {
  for (const key of spelled.whole) {
    const meaning = lookUp(table, key[table.accents]);
    if (meaning !== undefined) return meaning;
  }
  // "Won / Gewonnen (sold)": every part must be known, and all must say the same.
  let all: Meaning;
  for (const key of spelled.parts) {
    let meaning = lookUp(table, key[table.accents]);
    if (meaning === undefined && second !== null) meaning = lookUp(second, key[second.accents]);
    if (meaning === undefined || meaning === null) return undefined;
    all = combine(all, meaning);
    if (all === null) return undefined;
  }
  return all;
}
