/** A table as CSV (RFC 4180), safe to open in a spreadsheet program. */
export function csvText(rows: readonly (readonly (string | number)[])[]): string {
  return rows
    .map(
      (cells) =>
        `${cells.map((cell) => quotedCell(typeof cell === 'number' ? String(cell) : unlikeFormula(cell))).join(',')}\r\n`,
    )
    .join('');
}

/** A text that a spreadsheet would take for a formula is marked as text by a leading apostrophe. */
export function unlikeFormula(text: string): string {
  return /^[\s]*[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
}

/** A finished text as a cell, quoted where it must be. */
export function quotedCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
