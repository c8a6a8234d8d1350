import { FILLER_WORDS, LEGAL_FORMS, LEGAL_PHRASES, LEGAL_RUNS } from './match-legal-forms.ts';

/** What a name says, freed of how it was typed. */
export interface NameParts {
  /** Distinct words, in alphabetical order. */
  readonly words: readonly string[];
  /** Distinct numbers without leading zeros, in alphabetical order. */
  readonly numbers: readonly string[];
}

const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  ς: 'σ',
  ё: 'е',
};
const LETTER_PATTERN = new RegExp(`[${Object.keys(LETTERS).join('')}]`, 'g');
/** Zeros of scripts whose digits compatibility normalisation leaves alone. */
const ZEROS = [0x0660, 0x06f0, 0x0966, 0x09e6, 0x0e50];
const ROMAN: Readonly<Record<string, string>> = {
  ii: '2',
  iii: '3',
  iv: '4',
  vi: '6',
  vii: '7',
  viii: '8',
  ix: '9',
};
const MOST_WORDS = 24;

/**
 * Reduces a name to words and numbers: case, accents, width, punctuation, word order, legal forms and filler words no
 * longer matter; `Müller`, `Mueller` and `MULLER` are one word; `Q1-2025` holds the numbers 1 and 2025; `III` is 3.
 * A name made of nothing but a legal form keeps it.
 */
export function nameParts(name: string): NameParts {
  const all = tokens(name);
  const told = withoutPhrases(all).filter((token) => !LEGAL_FORMS.has(token) && !FILLER_WORDS.has(token));
  const kept = told.length === 0 ? all : told;
  const words = new Set<string>();
  const numbers = new Set<string>();
  for (const token of kept.slice(0, MOST_WORDS)) {
    const roman = ROMAN[token];
    if (roman !== undefined) numbers.add(roman);
    else if (/^\d/.test(token)) numbers.add(token.replace(/^0+(?=\d)/, ''));
    else words.add(token.replaceAll(/([aou])e/g, '$1'));
  }
  return { words: [...words].sort(), numbers: [...numbers].sort() };
}

/** Words and numbers in the order of the text; letters and digits never share one. */
function tokens(name: string): string[] {
  let text = name
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .replace(LETTER_PATTERN, (letter) => LETTERS[letter] ?? letter)
    .replaceAll(/[٠-٩۰-۹०-९০-৯๐-๙]/g, digit)
    // Apostrophes and Hebrew abbreviation marks belong to their word; dots between single letters are an abbreviation.
    .replaceAll(/['’ʼ`"״׳]/g, '')
    .replaceAll(/(?<!\p{L})((?:\p{L}[./])+\p{L})(?![\p{L}\d])\.?/gu, (abbreviation) =>
      abbreviation.replaceAll(/[./]/g, ''),
    );
  for (const run of LEGAL_RUNS) if (text.includes(run)) text = text.replaceAll(run, ' ');
  return text.match(/\d+|[\p{L}\p{M}]+/gu) ?? [];
}

function digit(character: string): string {
  const code = character.charCodeAt(0);
  const zero = ZEROS.find((start) => code >= start && code <= start + 9);
  return zero === undefined ? character : String(code - zero);
}

function withoutPhrases(all: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < all.length; ) {
    const phrase = LEGAL_PHRASES.find(
      (candidate) => candidate.length > 1 && candidate.every((word, at) => all[i + at] === word),
    );
    if (phrase === undefined) kept.push(all[i] ?? '');
    i += phrase?.length ?? 1;
  }
  return kept;
}
