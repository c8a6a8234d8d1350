import { momentOf, objectOf, onlyKeys, Refusal } from './refusal.ts';

/**
 * What a fault does to a request:
 * - `status`: an answer of the edge or the CRM instead of the simulator's; nothing is applied;
 * - `reset`, `stall-headers`: the request is not applied; the connection is cut, or stays silent for ever;
 * - `stall-body`, `cut-body`, `broken-json`: applied; half of the answer comes, then silence, a cut, or a well-formed end;
 * - `slow`: applied; the first byte of the answer comes `ms` later;
 * - `commit-then-timeout`, `commit-then-reset`: applied; the answer never comes, or the connection is cut.
 */
export type FaultEffect =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body: string;
      readonly html: boolean;
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: PlainEffect };

export type PlainEffect = (typeof PLAIN_EFFECTS)[number];

const PLAIN_EFFECTS = [
  'reset',
  'stall-headers',
  'stall-body',
  'cut-body',
  'broken-json',
  'commit-then-timeout',
  'commit-then-reset',
] as const;

/** Which requests a fault meets. Absent limits do not limit. */
export interface FaultRule {
  /** Text contained in path and query, or `/regular expression/flags`. */
  readonly path: string | null;
  readonly method: string | null;
  /** The first matching request that is met, counting from 1. */
  readonly nth: number;
  /** How many requests are met; null for every one from `nth` on. */
  readonly times: number | null;
  /** Chance that a request that would be met really is; drawn from the seed of the sandbox. */
  readonly probability: number;
  /** Only from this moment of the sandbox clock on, and before that one; epoch ms. */
  readonly after: number | null;
  readonly before: number | null;
  readonly effect: FaultEffect;
}

const RULE_KEYS = ['path', 'method', 'nth', 'times', 'probability', 'after', 'before', 'effect'];
const STATUS_KEYS = ['status', 'body', 'html', 'headers'];

/** @throws {Refusal} one sentence naming the key that is wrong. */
export function parseFaultRule(value: unknown): FaultRule {
  const rule = objectOf(value, 'a fault');
  onlyKeys(rule, RULE_KEYS, 'fault');
  const nth = optional(rule['nth'], (n) => wholeNumber(n, 'nth'));
  const times = optional(rule['times'], (n) => wholeNumber(n, 'times'));
  const path = optional(rule['path'], (text) => textOf(text, 'path'));
  if (path !== null) pathMatcher(path);
  return {
    path,
    method: optional(rule['method'], (text) => textOf(text, 'method').toUpperCase()),
    nth: nth ?? 1,
    times: times ?? (nth === null ? null : 1),
    probability: optional(rule['probability'], chance) ?? 1,
    after: optional(rule['after'], (at) => momentOf(at, '"after"')),
    before: optional(rule['before'], (at) => momentOf(at, '"before"')),
    effect: parseEffect(rule['effect']),
  };
}

/** @throws {Refusal} when the text between the slashes is not a regular expression. */
export function pathMatcher(path: string): (target: string) => boolean {
  const expression = /^\/(.+)\/([imsuv]*)$/s.exec(path);
  // A plain path such as /services/data/ also starts and ends with a slash: without special characters it means the same.
  if (expression === null) return (target) => target.includes(path);
  const [, source = '', flags = ''] = expression;
  if (/^[\w/.-]*$/.test(source)) {
    return (target) => target.includes(path) || target.includes(source);
  }
  try {
    const pattern = new RegExp(source, flags);
    return (target) => pattern.test(target);
  } catch {
    throw new Refusal(`"path" is not a regular expression: ${path}`);
  }
}

function parseEffect(value: unknown): FaultEffect {
  if (typeof value === 'string') {
    const kind = PLAIN_EFFECTS.find((name) => name === value);
    if (kind !== undefined) return { kind };
    throw new Refusal(
      `unknown effect "${value}" (known: ${PLAIN_EFFECTS.join(', ')}, {"status":…}, {"slow":{"ms":…}})`,
    );
  }
  const effect = objectOf(value, '"effect"');
  if ('slow' in effect) {
    onlyKeys(effect, ['slow'], 'effect');
    const { slow } = effect;
    const ms = typeof slow === 'number' ? slow : objectOf(slow, '"slow"')['ms'];
    return { kind: 'slow', ms: wholeNumber(ms, 'slow.ms') };
  }
  onlyKeys(effect, STATUS_KEYS, 'effect');
  const status = wholeNumber(effect['status'], 'status');
  if (status < 200 || status > 599) throw new Refusal('"status" must be between 200 and 599');
  const { body, html } = effect;
  return {
    kind: 'status',
    status,
    body: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
    html: html === undefined ? false : html === true,
    headers: headersOf(effect['headers']),
  };
}

function headersOf(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  const headers: Record<string, string> = {};
  for (const [name, text] of Object.entries(objectOf(value, '"headers"'))) {
    if (!/^[\w-]+$/.test(name) || !/^[\t\x20-\x7e]*$/.test(String(text))) {
      throw new Refusal(`"headers": ${JSON.stringify(name)} cannot be sent`);
    }
    headers[name.toLowerCase()] = String(text);
  }
  return headers;
}

function optional<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === undefined || value === null ? null : read(value);
}

function wholeNumber(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
  throw new Refusal(`"${name}" must be a whole number from 1 up`);
}

function chance(value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  throw new Refusal('"probability" must be a number from 0 to 1');
}

function textOf(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new Refusal(`"${name}" must be a text that is not empty`);
}
