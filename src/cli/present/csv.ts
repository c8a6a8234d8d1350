/** A table as CSV (RFC 4180), safe to open in a spreadsheet program. */
export function csvText(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((cells) => `${cells.map(cellText).join(',')}\r\n`).join('');
}

/** A text that a spreadsheet would take for a formula is marked as text by a leading apostrophe; numbers stay numbers. */
function cellText(value: string | number): string {
  const text =
    typeof value === 'number'
      ? String(value)
      : /^[\s]*[=+\-@\t\r\n＝＋－＠]/.test(value)
        ? `'${value}`
        : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
