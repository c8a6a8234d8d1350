import type { Document, Node } from 'yaml';
import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from 'yaml';
import type { ConfigProblem } from './errors.ts';
import { maskLine } from './secrecy.ts';
import type { ProblemCode } from './sentences.ts';

export type KeyPath = readonly (string | number)[];

/** A parsed configuration file that knows where each key stands. */
export interface ConfigDocument {
  readonly document: Document;
  /** A problem at a key path. `atKey` points at the key itself instead of its value. */
  problem(code: ProblemCode, path: KeyPath, params: Record<string, string>, atKey?: boolean): ConfigProblem;
  /** A problem at a position in the text. */
  problemAt(code: ProblemCode, offset: number, params: Record<string, string>, path?: KeyPath): ConfigProblem;
}

/** `syncs.main.fields`; numbers in brackets. */
export function pathText(path: KeyPath): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  );
}

/** Start of the deepest node that exists on this path; of the key when `atKey`. */
function offsetOf(root: Node | null, path: KeyPath, atKey: boolean): number | null {
  let node: unknown = root;
  let offset = isNode(root) ? (root.range?.[0] ?? 0) : null;
  for (const [depth, part] of path.entries()) {
    const last = depth === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      if (!isPair(pair)) return offset;
      const key = isNode(pair.key) ? (pair.key.range?.[0] ?? null) : null;
      const value = isNode(pair.value) ? (pair.value.range?.[0] ?? null) : null;
      offset = (last && !atKey ? value : key) ?? key ?? offset;
      node = pair.value;
    } else if (isNode(node) && 'items' in node && typeof part === 'number') {
      const item = (node as { items: unknown[] }).items[part];
      if (!isNode(item)) return offset;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else return offset;
  }
  return offset;
}

const YAML_CODES: Readonly<Record<string, ProblemCode>> = {
  TAB_AS_INDENT: 'yaml_tab',
  DUPLICATE_KEY: 'yaml_duplicate',
};

/** One clear clause for a parser error, without repeating text of the file (it may be a secret). */
function yamlDetail(code: string): string {
  const known: Readonly<Record<string, string>> = {
    BAD_INDENT: 'the indentation does not fit the lines above',
    MISSING_CHAR: 'a character is missing (a colon, quote, comma or bracket)',
    UNEXPECTED_TOKEN: 'this was not expected here',
    BLOCK_AS_IMPLICIT_KEY:
      'a nested key cannot stand on the line of another key; check colons and indentation',
    BAD_ALIAS: 'this alias names no anchor; put text that begins with * in quotes',
    MULTILINE_IMPLICIT_KEY: 'a key must stand on one line; is a colon missing?',
    BAD_DIRECTIVE: 'this directive is not known; put text that begins with % in quotes',
    BAD_SCALAR_START: 'text cannot begin with this character; put it in quotes',
    MULTIPLE_DOCS: 'the file holds several documents; keep one',
  };
  return known[code] ?? `the parser says ${code.toLowerCase().replaceAll('_', ' ')}`;
}

/** Parses YAML text. Syntax problems are returned, each with line, column and caret; the document may still be partial. */
export function parseConfigDocument(
  text: string,
  file: string,
): ConfigDocument & { readonly problems: readonly ConfigProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const source = text.split(/\r?\n/);

  const problemAt: ConfigDocument['problemAt'] = (code, offset, params, path = []) => {
    const { line, col } = lines.linePos(offset);
    const written = source[line - 1] ?? '';
    const shown = maskLine(written).replaceAll('\t', ' ');
    const caret = Math.min(col - 1, shown.length);
    const excerpt = `${String(line).padStart(4)} | ${shown}\n     | ${' '.repeat(caret)}^`;
    return { code, file, line, column: col, path: pathText(path), params, excerpt };
  };

  const problems = document.errors.map((error) => {
    const offset = error.pos[0];
    const { line } = lines.linePos(offset);
    if (error.code === 'TAB_AS_INDENT' || /^ *\t/.test(source[line - 1] ?? ''))
      return problemAt('yaml_tab', offset, {});
    if (error.code === 'DUPLICATE_KEY') {
      const key = /^["']?([\w.-]+)/.exec(text.slice(offset))?.[1] ?? '?';
      return problemAt('yaml_duplicate', offset, { key });
    }
    if (error.code === 'MISSING_CHAR' && offset >= text.trimEnd().length)
      return problemAt('yaml_unclosed', offset, {});
    return problemAt(YAML_CODES[error.code] ?? 'yaml', offset, { detail: yamlDetail(error.code) });
  });

  const problem: ConfigDocument['problem'] = (code, path, params, atKey = false) => {
    const offset = offsetOf(document.contents as Node | null, path, atKey);
    return offset === null
      ? { code, file, line: null, column: null, path: pathText(path), params, excerpt: null }
      : problemAt(code, offset, params, path);
  };
  return { document, problem, problemAt, problems };
}
