import { ApiError } from '../errors.ts';
import type { Aggregate, Condition, Order, Path, Query, Selected } from './ast.ts';
import { parseCondition } from './parse-condition.ts';
import { TokenReader } from './token-reader.ts';

const AGGREGATES: ReadonlySet<string> = new Set(['COUNT', 'COUNT_DISTINCT', 'SUM', 'MIN', 'MAX', 'AVG']);
const FUNCTIONS: ReadonlySet<string> = new Set(['TOLABEL', 'FORMAT', 'CONVERTCURRENCY']);
const AFTER_FROM: ReadonlySet<string> = new Set([
  'WHERE',
  'GROUP',
  'ORDER',
  'LIMIT',
  'OFFSET',
  'FOR',
  'USING',
  'ALL',
  'WITH',
  'HAVING',
]);

/** Parses the subset of SOQL the simulator speaks. Throws MALFORMED_QUERY with the caret where it stops. */
export function parseSoql(soql: string): Query {
  if (soql.length > 100_000)
    throw new ApiError('QUERY_TOO_COMPLICATED', 'SOQL statement is longer than 100,000 characters');
  const tokens = new TokenReader(soql);
  const query = parseQuery(tokens);
  if (tokens.peek().kind !== 'end') throw tokens.unexpected();
  return query;
}

function parseQuery(tokens: TokenReader): Query {
  tokens.expectWord('SELECT');
  const selected = [parseSelected(tokens)];
  while (tokens.takeSymbol(',')) selected.push(parseSelected(tokens));
  tokens.expectWord('FROM');
  const from = tokens.next();
  if (from.kind !== 'name') throw tokens.unexpected(from);
  const alias = parseAlias(tokens);
  const where = tokens.takeWord('WHERE') ? parseCondition(tokens, () => parseQuery(tokens)) : null;
  skipSecurity(tokens);
  const groupBy = parseGroupBy(tokens);
  const orderBy = parseOrderBy(tokens);
  const limit = tokens.takeWord('LIMIT') ? tokens.count() : null;
  const offset = tokens.takeWord('OFFSET') ? tokens.count() : 0;
  if (tokens.takeWord('FOR')) tokens.next();
  if (tokens.takeWord('ALL')) tokens.expectWord('ROWS');
  const query = { selected, from: from.text, fromAt: from.at, where, groupBy, orderBy, limit, offset };
  return alias === null ? query : withoutAlias(query, alias);
}

function parseAlias(tokens: TokenReader): string | null {
  tokens.takeWord('AS');
  const token = tokens.peek();
  if (token.kind !== 'name' || AFTER_FROM.has(token.text.toUpperCase())) return null;
  return tokens.next().text;
}

/** `WITH SECURITY_ENFORCED` and `WITH USER_MODE` change nothing here: every query obeys field-level security. */
function skipSecurity(tokens: TokenReader): void {
  if (tokens.takeWord('WITH')) tokens.next();
}

function parseSelected(tokens: TokenReader): Selected {
  const { at } = tokens.peek();
  if (tokens.takeSymbol('(')) {
    const query = parseQuery(tokens);
    tokens.expectSymbol(')');
    return { kind: 'children', query, at };
  }
  if (tokens.isSymbol('(', 1)) return parseCall(tokens);
  const path = tokens.path();
  return { kind: 'path', path, alias: takeFieldAlias(tokens) };
}

function parseCall(tokens: TokenReader): Selected {
  const token = tokens.next();
  const name = token.text.toUpperCase();
  tokens.expectSymbol('(');
  if (name === 'FIELDS') {
    const group = tokens.next().text.toUpperCase();
    tokens.expectSymbol(')');
    if (group !== 'ALL' && group !== 'STANDARD' && group !== 'CUSTOM') throw tokens.unexpected();
    return { kind: 'group', group, at: token.at };
  }
  const path: Path | null = tokens.isSymbol(')') ? null : tokens.path();
  tokens.expectSymbol(')');
  const alias = takeFieldAlias(tokens);
  if (AGGREGATES.has(name)) return { kind: 'aggregate', name: name as Aggregate, path, alias };
  if (FUNCTIONS.has(name) && path !== null) return { kind: 'function', name, path, alias };
  throw tokens.unexpected(token);
}

function takeFieldAlias(tokens: TokenReader): string | null {
  const token = tokens.peek();
  const reserved = ['FROM', 'ASC', 'DESC', 'NULLS', 'LIMIT', 'OFFSET', 'FOR', 'ALL'];
  if (token.kind !== 'name' || reserved.includes(token.text.toUpperCase())) return null;
  return tokens.next().text;
}

function parseGroupBy(tokens: TokenReader): Path[] {
  if (!tokens.takeWord('GROUP')) return [];
  tokens.expectWord('BY');
  const paths = [tokens.path()];
  while (tokens.takeSymbol(',')) paths.push(tokens.path());
  return paths;
}

function parseOrderBy(tokens: TokenReader): Order[] {
  if (!tokens.takeWord('ORDER')) return [];
  tokens.expectWord('BY');
  const orders = [parseOrder(tokens)];
  while (tokens.takeSymbol(',')) orders.push(parseOrder(tokens));
  return orders;
}

function parseOrder(tokens: TokenReader): Order {
  const by = parseSelected(tokens);
  const descending = tokens.takeWord('DESC');
  if (!descending) tokens.takeWord('ASC');
  let nullsLast = false;
  if (tokens.takeWord('NULLS')) {
    nullsLast = tokens.takeWord('LAST');
    if (!nullsLast) tokens.expectWord('FIRST');
  }
  return { by, descending, nullsLast };
}

/** Drops the object's alias, or its own name, from the front of paths: `o.Name` means `Name`. */
function withoutAlias(query: Query, alias: string): Query {
  const bare = (path: Path): Path => {
    const [first, ...rest] = path.names;
    const isAlias = rest.length > 0 && first?.toLowerCase() === alias.toLowerCase();
    return isAlias ? { names: rest, at: path.at } : path;
  };
  const bareSelected = (one: Selected): Selected =>
    'path' in one && one.path !== null ? { ...one, path: bare(one.path) } : one;
  const bareCondition = (one: Condition): Condition => {
    if (one.kind === 'not') return { ...one, part: bareCondition(one.part) };
    if (one.kind === 'compare') return { ...one, path: bare(one.path) };
    return { ...one, parts: one.parts.map(bareCondition) };
  };
  return {
    ...query,
    selected: query.selected.map(bareSelected),
    where: query.where === null ? null : bareCondition(query.where),
    groupBy: query.groupBy.map(bare),
    orderBy: query.orderBy.map((order) => ({ ...order, by: bareSelected(order.by) })),
  };
}
