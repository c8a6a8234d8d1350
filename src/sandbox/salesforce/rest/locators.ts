import { ApiError } from '../errors.ts';
import type { Org } from '../org.ts';
import type { QueryResult } from '../soql/run-query.ts';
import { DAY_MS } from '../stamps.ts';

/** A cursor lives two days and belongs to the session that opened it (salesforce.md §1.4 i, §2.1). */
const LIFE_MS = 2 * DAY_MS;

interface Cursor {
  readonly result: QueryResult;
  readonly token: string;
  readonly batchSize: number;
  readonly openedAt: number;
}

/** Open query cursors. */
export class Locators {
  readonly #org: Org;
  readonly #cursors = new Map<string, Cursor>();

  constructor(org: Org) {
    this.#org = org;
  }

  open(result: QueryResult, token: string, batchSize: number): string {
    const now = this.#org.now();
    for (const [id, cursor] of this.#cursors) {
      if (now - cursor.openedAt <= LIFE_MS) break;
      this.#cursors.delete(id);
    }
    const id = this.#org.ids.next('0r8');
    this.#cursors.set(id, { result, token, batchSize, openedAt: now });
    return id;
  }

  /** The cursor and offset behind `0r8…-2000`. Throws INVALID_QUERY_LOCATOR, or the 401 of another session's cursor. */
  find(locator: string, token: string): { id: string; cursor: Cursor; offset: number } {
    const match = /^(0r8\w{15})-(\d+)$/.exec(locator);
    const id = match?.[1] ?? '';
    const cursor = this.#cursors.get(id);
    if (cursor === undefined || this.#org.now() - cursor.openedAt > LIFE_MS) {
      throw new ApiError('INVALID_QUERY_LOCATOR', 'invalid query locator');
    }
    if (cursor.token !== token) throw new ApiError('INVALID_SESSION_ID', 'Session expired or invalid');
    return { id, cursor, offset: Number(match?.[2]) };
  }
}
