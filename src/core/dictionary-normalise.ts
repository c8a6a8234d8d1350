/** Turns a stage name into the key it is looked up by: letters and digits only, one case, one spelling per letter. */

/** Letters that carry a mark Unicode does not take apart. */
const UNDECOMPOSED: Readonly<Record<string, string>> = {
  ß: 'ss',
  ø: 'o',
  æ: 'ae',
  œ: 'oe',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ħ: 'h',
};

/** Words that number a stage ("Stage 3", "Étape 2"), in folded form. */
const STAGE_WORDS = new Set(
  (
    'stage step phase status no nr num etape statut fase etapa paso schritt stufe passo estagio estado etap krok faza ' +
    'vaihe steg trin skritt asama adim bosqich etapas etapp samm etaps solis fokozat lepes tahap langkah giaidoan buoc ' +
    'этап стадия шаг етап крок стъпка фаза σταδιο βημα مرحله مرحلة שלב चरण ขั้นตอน'
  ).split(' '),
);

/** Letters and marks that make no difference, by what they become. */
const SAME: ReadonlyMap<string, string> = new Map([
  // Emoji presentation and keycap marks are marks to Unicode, yet belong to no letter.
  ...pairs('\uFE0E\uFE0F\u20E3', ''),
  // Turkish: İ lowers to i + dot above, I to i, and ı is typed as i where the keyboard lacks it.
  ...pairs('\u0307', ''),
  ...pairs('ı', 'i'),
  ...pairs('ς', 'σ'),
  ...pairs('ё', 'е'),
  // Arabic script: vowel marks and stretching are optional, and several letters have interchangeable forms.
  ...pairs(`\u0640\u0670${range(0x0610, 0x061a)}${range(0x064b, 0x065f)}`, ''),
  ...pairs('أإآٱ', 'ا'),
  ...pairs('ىی', 'ي'),
  ...pairs('ک', 'ك'),
  ...pairs('ة', 'ه'),
  // Hebrew vowel points are optional.
  ...pairs(`${range(0x0591, 0x05bd)}${range(0x05bf, 0x05c7)}`, ''),
]);

function pairs(letters: string, same: string): [string, string][] {
  return [...letters].map((letter) => [letter, same]);
}

function range(first: number, last: number): string {
  return Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at)).join('');
}

const DIFFERENCES = new RegExp(`[${[...SAME.keys()].join('')}]`, 'gu');

/** NFKC, lower case whatever the language of the machine, and the letters that languages write in two ways made one. */
export function foldCase(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(DIFFERENCES, (letter) => SAME.get(letter) ?? letter)
    .normalize('NFC');
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}

/** Removes accents from Latin and Greek letters only: elsewhere a mark makes another letter (Japanese が is not か). */
export function foldAccents(folded: string): string {
  if (isAscii(folded)) return folded;
  return folded
    .replace(/[ßøæœđðþłħ]/gu, (letter) => UNDECOMPOSED[letter] ?? letter)
    .normalize('NFD')
    .replace(/([\p{Script=Latin}\p{Script=Greek}])\p{M}+/gu, '$1')
    .normalize('NFC');
}

/** Drops everything but letters, their marks and digits. */
export function compact(folded: string): string {
  return folded.replace(/[^\p{L}\p{M}\p{N}]+/gu, '');
}

/**
 * Takes numbering and percentages off a folded name: `5 - négociation (80%)` gives `négociation`, `03. angebot` gives
 * `angebot`, `stage 2: demo` gives `demo`. Numbers inside the name stay.
 */
export function withoutNumbering(folded: string): string {
  const plain = folded
    .replace(/[%٪]\s*\p{N}+([.,]\p{N}+)?/gu, ' ')
    .replace(/\p{N}+([.,]\p{N}+)?\s*[%٪]/gu, ' ')
    .trim();
  const words = [...plain.matchAll(/[\p{L}\p{M}\p{N}]+/gu)];
  let first = 0;
  let last = words.length;
  const word = (at: number): string => words[at]?.[0] ?? '';
  if (STAGE_WORDS.has(foldAccents(word(0))) && isNumber(word(1))) first = 2;
  else if (isNumber(word(0)) || isOutlineMark(plain, word(0))) first = 1;
  // "1.2 Demo" and "2 - 3 Demo".
  while (first > 0 && first < last && isNumber(word(first))) first += 1;
  while (last > first && isNumber(word(last - 1))) last -= 1;
  const start = words[first];
  const end = words[last - 1];
  if (start === undefined || end === undefined || last <= first) return '';
  return plain.slice(start.index, end.index + end[0].length);
}

function isNumber(word: string): boolean {
  return /^\p{N}+$/u.test(word);
}

/** `a)`, `iv.`, `s1:`, `1a -` at the start, told from a word by the sign that follows it. */
function isOutlineMark(text: string, word: string): boolean {
  if (!/^(?:[a-z]|[ivx]{1,4}|[a-z]{1,2}\p{N}{1,2}|\p{N}{1,2}[a-z])$/u.test(word)) return false;
  const rest = text.slice(text.indexOf(word) + word.length);
  return /^\s*[).:\]–—-]/u.test(rest);
}
