import type { Comparison, Condition, Literal, Query } from './ast.ts';
import type { TokenReader } from './token-reader.ts';

/** Parses a WHERE clause. `parseSubquery` reads a SELECT inside parentheses. */
export function parseCondition(tokens: TokenReader, parseSubquery: () => Query): Condition {
  const first = parsePart(tokens, parseSubquery);
  const word = tokens.isWord('AND') ? 'AND' : tokens.isWord('OR') ? 'OR' : null;
  if (word === null) return first;
  const parts = [first];
  while (tokens.takeWord(word)) parts.push(parsePart(tokens, parseSubquery));
  // Mixing both without parentheses is refused by the real parser too.
  if (tokens.isWord('AND') || tokens.isWord('OR')) throw tokens.unexpected();
  return { kind: word === 'AND' ? 'and' : 'or', parts };
}

function parsePart(tokens: TokenReader, parseSubquery: () => Query): Condition {
  if (tokens.takeWord('NOT')) return { kind: 'not', part: parsePart(tokens, parseSubquery) };
  if (tokens.takeSymbol('(')) {
    const inner = parseCondition(tokens, parseSubquery);
    tokens.expectSymbol(')');
    return inner;
  }
  const path = tokens.path();
  const comparison = parseComparison(tokens);
  const takesList =
    comparison === 'IN' || comparison === 'NOT IN' || comparison === 'INCLUDES' || comparison === 'EXCLUDES';
  if (!takesList)
    return { kind: 'compare', path, comparison, values: [parseLiteral(tokens)], subquery: null };
  tokens.expectSymbol('(');
  if (tokens.isWord('SELECT')) {
    const subquery = parseSubquery();
    tokens.expectSymbol(')');
    return { kind: 'compare', path, comparison, values: [], subquery };
  }
  const values = [parseLiteral(tokens)];
  while (tokens.takeSymbol(',')) values.push(parseLiteral(tokens));
  tokens.expectSymbol(')');
  return { kind: 'compare', path, comparison, values, subquery: null };
}

const SYMBOLS: readonly (readonly [string, Comparison])[] = [
  ['<=', '<='],
  ['>=', '>='],
  ['!=', '!='],
  ['<>', '!='],
  ['=', '='],
  ['<', '<'],
  ['>', '>'],
];

function parseComparison(tokens: TokenReader): Comparison {
  for (const [symbol, comparison] of SYMBOLS) if (tokens.takeSymbol(symbol)) return comparison;
  for (const word of ['LIKE', 'IN', 'INCLUDES', 'EXCLUDES'] as const) if (tokens.takeWord(word)) return word;
  if (tokens.takeWord('NOT')) {
    if (tokens.takeWord('IN')) return 'NOT IN';
  }
  throw tokens.unexpected();
}

function parseLiteral(tokens: TokenReader): Literal {
  const token = tokens.next();
  switch (token.kind) {
    case 'string':
      return { kind: 'string', value: token.text };
    case 'number':
      return { kind: 'number', value: Number(token.text) };
    case 'date':
    case 'datetime':
      return { kind: token.kind, value: token.text };
    case 'name': {
      const word = token.text.toUpperCase();
      if (word === 'TRUE' || word === 'FALSE') return { kind: 'boolean', value: word === 'TRUE' };
      if (word === 'NULL') return { kind: 'null' };
      const n = tokens.takeSymbol(':') ? Number(tokens.next().text) : 0;
      return { kind: 'period', name: word, n };
    }
    default:
      throw tokens.unexpected(token);
  }
}
