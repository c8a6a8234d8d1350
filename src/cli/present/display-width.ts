/** How wide a text is on a terminal, and cutting to that width. */

/** Two cells wide: East Asian scripts, full-width forms and pictures. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]/u;
/** Takes no cell: drawn over the letter before it. */
const OVER = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Cells a text takes; colours must not be in it. */
export function displayWidth(text: string): number {
  let cells = 0;
  for (const character of text) cells += widthOf(character);
  return cells;
}

/** The text, or its beginning and `…`, in at most so many cells. */
export function cutToWidth(text: string, cells: number): string {
  if (displayWidth(text) <= cells) return text;
  let kept = '';
  let used = 1;
  for (const character of text) {
    used += widthOf(character);
    if (used > cells) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

function widthOf(character: string): number {
  if (character < '\u0300') return 1;
  return OVER.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
}
