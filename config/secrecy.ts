/** Keys whose values are never shown. */
const SECRET_KEY = /secret|token|passw|private|credential|api_?key|apikey|authorization|assertion|cookie/i;

/** True when a value under this key path must never be printed. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key);
}

/** A line of a configuration file with everything that may be a secret replaced by `…`. */
export function maskLine(line: string): string {
  const keyed = /^(\s*(?:- )?)(["']?)([\w.-]+)\2(\s*:\s*)(.*)$/.exec(line);
  if (keyed !== null && isSecretKey(keyed[3] ?? '') && (keyed[5] ?? '') !== '')
    return `${keyed[1]}${keyed[2]}${keyed[3]}${keyed[2]}${keyed[4]}…`;
  return line
    .replace(/((?:secret|token|passw\w*|private\w*)["']?\s*:\s*)[^,}\s]+/gi, '$1…')
    .replace(/:\/\/[^/\s:@]+:[^/\s@]+@/g, '://…@')
    .replace(/(?=[\w+/=.!-]*\d)[\w+/=.!-]{20,}/g, '…');
}
