/** Building SOQL text by hand: the client library's builder leaves backslashes unescaped and drops empty conditions. */

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

/** A quoted text literal. */
export function text(value: string): string {
  return `'${value.replace(/[\\'"\n\r\t\b\f]/g, (character) => ESCAPES[character] ?? character)}'`;
}

/** An unquoted moment literal in UTC; milliseconds only where there are any (Salesforce's own stamps have none). */
export function moment(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}

/** A field or relationship path. Throws on anything that is not one, so that configuration can never become syntax. */
export function path(name: string): string {
  if (!/^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*$/.test(name)) {
    throw new Error(`not a field name: ${JSON.stringify(name)}`);
  }
  return name;
}

/** `field IN ('a','b')`. An empty list is refused: it would either be a syntax error or match everything. */
export function isIn(field: string, values: readonly string[]): string {
  if (values.length === 0) throw new Error('an empty list matches nothing');
  return `${path(field)} IN (${values.map(text).join(',')})`;
}

export interface Select {
  readonly fields: readonly string[];
  readonly from: string;
  readonly where?: string | undefined;
  readonly orderBy?: readonly string[];
}

/** A whole query. */
export function select(query: Select): string {
  const parts = [`SELECT ${query.fields.map(path).join(', ')}`, `FROM ${path(query.from)}`];
  if (query.where !== undefined) parts.push(`WHERE ${query.where}`);
  if (query.orderBy !== undefined) parts.push(`ORDER BY ${query.orderBy.map(path).join(', ')}`);
  return parts.join(' ');
}
