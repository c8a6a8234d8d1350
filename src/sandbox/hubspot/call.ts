import type { Actor } from '../simulator.ts';
import { badRequest, HubError } from './hub-error.ts';
import type { Writer } from './writer.ts';

/** An app of the account, found by its token. */
export interface App {
  readonly name: string;
  readonly id: number;
  readonly actor: Actor;
  /** Null: all scopes. */
  readonly scopes: ReadonlySet<string> | null;
  readonly oauth: boolean;
}

/** One authenticated request, as the handlers see it. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly raw: Buffer;
  readonly app: App;
  readonly writer: Writer;
}

/** An answer before it is dressed with headers. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

export type Json = Readonly<Record<string, unknown>>;

export function ok(body: unknown, status = 200): Reply {
  return { status, body };
}

export const NO_CONTENT: Reply = { status: 204 };

/** The body as an object; an empty body is an empty object. @throws {HubError} 400 */
export function bodyOf(call: Call): Json {
  const text = call.raw.toString('utf8');
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1] ?? '0';
    throw badRequest(`Invalid input JSON on line 1, column ${Number(position) + 1}: Unexpected character`);
  }
  if (!isObject(value))
    throw badRequest('Invalid input JSON on line 1, column 1: Cannot build the expected object');
  return value;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Items of a list parameter, which may be repeated, comma-separated or both. */
export function listParameter(call: Call, name: string): string[] {
  return call.query
    .getAll(name)
    .flatMap((value) => value.split(','))
    .filter((value) => value !== '');
}

export function stringsOf(value: unknown, name: string): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw badRequest(`Invalid input JSON on line 1, column 1: Cannot build a list of strings from "${name}"`);
}

/** A page size within its limits. @throws {HubError} 400 */
export function limitOf(value: unknown, fallback: number, most: number): number {
  if (value === undefined || value === null || value === '') return fallback;
  const limit = Number(value);
  if (Number.isInteger(limit) && limit >= 0 && limit <= most) return limit;
  throw badRequest(`Invalid limit "${String(value)}": it must be a whole number up to ${most}.`);
}

/** 403 unless the app holds the scope (hubspot.md §1.3). */
export function requireScope(app: App, scope: string): void {
  if (app.scopes === null || app.scopes.has(scope)) return;
  throw new HubError(
    403,
    `This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.`,
    {
      errors: [
        {
          message: 'One or more of the following scopes are required.',
          context: { requiredGranularScopes: [scope] },
        },
      ],
      links: { scopes: 'https://developers.hubspot.com/scopes' },
      category: 'MISSING_SCOPES',
    },
  );
}

export function notAllowed(call: Call): HubError {
  return new HubError(405, `HTTP 405 Method Not Allowed: ${call.method} ${call.path}`);
}

export function unknownPath(): HubError {
  return new HubError(404, 'The requested resource could not be found');
}
