import { ApiError } from '../errors.ts';

export interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'date' | 'datetime' | 'symbol' | 'end';
  /** As written; for a string, its content with escapes resolved. */
  readonly text: string;
  /** Offset in the query. */
  readonly at: number;
}

const PATTERNS: readonly (readonly [Token['kind'] | 'space', RegExp])[] = [
  ['space', /\s+/y],
  ['datetime', /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})/y],
  ['date', /\d{4}-\d{2}-\d{2}(?![\dT])/y],
  ['number', /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?![\w-])/y],
  ['name', /[A-Za-z_][\w.]*/y],
  ['string', /'(?:[^'\\]|\\.)*'/y],
  ['symbol', /<=|>=|!=|<>|[(),=<>:]/y],
];

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** Cuts a query into tokens; throws MALFORMED_QUERY at the first character that starts none. */
export function tokenize(soql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < soql.length) {
    const token = tokenAt(soql, at);
    if (token === null) throw malformed(soql, at, `unexpected token: '${soql.charAt(at)}'`);
    at += token.length;
    if (token.kind === 'space') continue;
    tokens.push({ kind: token.kind, text: token.text, at: at - token.length });
  }
  tokens.push({ kind: 'end', text: '<EOF>', at: soql.length });
  return tokens;
}

function tokenAt(
  soql: string,
  at: number,
): { kind: Token['kind'] | 'space'; text: string; length: number } | null {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const match = pattern.exec(soql);
    if (match === null) continue;
    const [raw] = match;
    return { kind, text: kind === 'string' ? unescapeString(soql, raw, at) : raw, length: raw.length };
  }
  return null;
}

function unescapeString(soql: string, raw: string, at: number): string {
  return raw.slice(1, -1).replace(/\\(.)/gs, (_all, char: string) => {
    if (`'"\\`.includes(char)) return char;
    // LIKE needs to tell an escaped wildcard from a bare one.
    if (char === '%' || char === '_') return `\\${char}`;
    const escaped = ESCAPES[char.toLowerCase()];
    if (escaped === undefined) throw malformed(soql, at, `invalid character escape: '\\${char}'`);
    return escaped;
  });
}

/** The caret text the API puts before its explanation. */
export function caret(soql: string, at: number): string {
  const from = Math.max(0, at - 40);
  const shown = soql.slice(from, at + 40).replaceAll(/\s/g, ' ');
  return `\n${shown}\n${' '.repeat(at - from)}^\nERROR at Row:1:Column:${at + 1}\n`;
}

export function malformed(soql: string, at: number, why: string): ApiError {
  return new ApiError('MALFORMED_QUERY', `${caret(soql, at)}${why}`);
}

export function invalidField(soql: string, at: number, why: string): ApiError {
  return new ApiError('INVALID_FIELD', `${caret(soql, at)}${why}`);
}
