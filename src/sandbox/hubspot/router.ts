/** Where a request goes: the area of the API, the path below it, and the path with its ids taken out. */
export interface Place {
  readonly area:
    | 'objects'
    | 'associations'
    | 'pipelines'
    | 'pipelines-rules'
    | 'properties'
    | 'owners'
    | 'schemas'
    | 'account'
    | 'oauth'
    | 'limits'
    | null;
  readonly rest: readonly string[];
  /** Method and path template for the counters. */
  readonly route: string;
}

const VERSION = /^(v[1-4]|\d{4}-\d{2}(-beta)?)$/;
const AREAS = new Set([
  'objects',
  'associations',
  'pipelines',
  'pipelines-rules',
  'properties',
  'owners',
  'schemas',
  'limits',
]);
const ACTIONS = new Set(['batch', 'search', 'merge', 'groups', 'labels']);

/** Takes legacy (`/crm/v3/objects/…`) and dated (`/crm/objects/2026-09/…`) paths to the same place (hubspot.md §0, §10 item 1). */
export function placeOf(method: string, path: string): Place {
  const segments = decoded(path);
  if (segments === null) return { area: null, rest: [], route: `${method} (undecodable path)` };
  const { area, rest } = located(segments);
  const head = segments.slice(0, segments.length - rest.length);
  return { area, rest, route: `${method} /${[...head, ...withoutIds(area, rest)].join('/')}` };
}

/** Whether a request is a search, which has policies of its own. */
export function isSearch({ area, rest }: Place): boolean {
  return area === 'objects' && rest[1] === 'search';
}

function decoded(path: string): string[] | null {
  try {
    return path.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    return null;
  }
}

function located(segments: readonly string[]): { area: Place['area']; rest: readonly string[] } {
  const [first = '', second = '', third = ''] = segments;
  if (first === 'oauth') return { area: 'oauth', rest: segments.slice(1) };
  if (first === 'account-info' && VERSION.test(second)) return { area: 'account', rest: segments.slice(2) };
  if (first === 'crm-object-schemas' && VERSION.test(second) && third === 'schemas') {
    return { area: 'schemas', rest: segments.slice(3) };
  }
  if (first !== 'crm') return { area: null, rest: [] };
  const name = VERSION.test(second) ? third : VERSION.test(third) ? second : '';
  if (!AREAS.has(name)) return { area: null, rest: [] };
  return { area: name as NonNullable<Place['area']>, rest: segments.slice(3) };
}

function withoutIds(area: Place['area'], rest: readonly string[]): readonly string[] {
  if (area === 'oauth') return rest.map((segment, i) => (i === 2 && rest[1] !== 'token' ? '{id}' : segment));
  if (area === 'account' || area === null) return rest;
  if (area === 'owners' || area === 'schemas') return rest.map(() => '{id}');
  const linked = rest.indexOf('associations');
  return rest.map((segment, i) => {
    if (i === 0 || ACTIONS.has(rest[1] ?? '')) return i > 1 && rest[1] === 'groups' ? '{id}' : segment;
    if (i === 1) return area === 'associations' ? segment : '{id}';
    if (linked !== -1)
      return i > linked && i === rest.length - 1 && i > linked + 1 && segment !== 'default'
        ? '{id}'
        : segment;
    return area === 'pipelines' && i === 3 ? '{id}' : segment;
  });
}
