import { type ErrorDetails, OppsyncError } from '../../core/errors.ts';
import type { Randomness, Sleep } from '../../core/ports.ts';
import { nextBackOff } from '../../core/timing.ts';
import type { Client } from './client.ts';
import { fromRow, isLock, isTooManyBatchRetries, type VendorError, vendorErrors } from './errors.ts';
import { isRow } from './query.ts';
import { to18 } from './record-id.ts';
import { told } from './sentences.ts';

const LOCK_TRIES = 4;
const LOCK_PAUSES = { baseMs: 500, capMs: 8_000 };

export interface CollectionDeps {
  readonly client: Client;
  readonly sleep: Sleep;
  readonly random: Randomness;
}

/** Where records go, and of which object they are. */
export interface CollectionTarget {
  readonly path: string;
  readonly type: 'Opportunity' | 'Account';
}

/** One record of a collection call. */
export interface CollectionRow {
  /** Names it in errors: its id, or its external id. */
  readonly id: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What became of one record; `created` is told by upserts only. */
export type RowOutcome =
  | { readonly ok: true; readonly id: string; readonly created: boolean | null }
  | { readonly ok: false; readonly error: ErrorDetails };

type RowAnswer =
  | { readonly ok: true; readonly id: string; readonly created: boolean | null }
  | { readonly ok: false; readonly errors: readonly VendorError[] };

/** Rows come back in the order sent and failed ones may carry no id: only the position tells whose answer it is. */
function rowAnswers(body: unknown, count: number): RowAnswer[] | null {
  if (!Array.isArray(body) || body.length !== count) return null;
  return body.map((row: unknown) => {
    if (!isRow(row) || row['success'] !== true)
      return { ok: false, errors: vendorErrors(isRow(row) ? (row['errors'] ?? []) : []) };
    const id = typeof row['id'] === 'string' ? to18(row['id']) : '';
    return { ok: true, id, created: typeof row['created'] === 'boolean' ? row['created'] : null };
  });
}

/** What is known of each row so far. */
class Collection<Row extends CollectionRow> {
  readonly #to: CollectionTarget;
  readonly #canonical: (native: string) => string;
  readonly #client: Client;
  readonly results = new Map<Row, RowOutcome>();
  /** Once any row was sent and judged, a later failure must not hide it: it is reported row by row instead of thrown. */
  #answered = false;

  constructor(to: CollectionTarget, canonical: (native: string) => string, client: Client) {
    this.#to = to;
    this.#canonical = canonical;
    this.#client = client;
  }

  refuse(row: Row, error: ErrorDetails): void {
    this.results.set(row, { ok: false, error: { ...error, record: row.id } });
  }

  /** Sends these rows in one call and returns those that met a lock. */
  async send(rows: readonly Row[], signal: AbortSignal): Promise<Row[]> {
    const records = rows.map(({ body }) => ({ attributes: { type: this.#to.type }, ...body }));
    let body: unknown;
    try {
      const call = { method: 'PATCH', path: this.#to.path, body: { allOrNone: false, records } } as const;
      body = (await this.#client.call({ ...call, repeatable: false }, signal)).body;
    } catch (error) {
      return this.#failed(rows, error, signal);
    }
    this.#answered = true;
    const answers = rowAnswers(body, rows.length);
    if (answers === null) {
      for (const row of rows) this.results.set(row, this.unanswered(row));
      return [];
    }
    const unsettled = answers.every((answer) => !answer.ok && answer.errors.some(isTooManyBatchRetries));
    if (unsettled && rows.length > 1) return this.#halves(rows, signal);
    return rows.filter((row, at) => this.#judge(row, answers[at] ?? { ok: false, errors: [] }));
  }

  unanswered(row: Row): RowOutcome {
    return { ok: false, error: fromRow([], row.id, String) };
  }

  /** Records the outcome of a row; true when it met a lock. */
  #judge(row: Row, answer: RowAnswer): boolean {
    if (answer.ok) {
      this.results.set(row, answer);
      return false;
    }
    this.results.set(row, { ok: false, error: fromRow(answer.errors, row.id, this.#canonical) });
    return answer.errors.some(isLock);
  }

  async #halves(rows: readonly Row[], signal: AbortSignal): Promise<Row[]> {
    const middle = Math.ceil(rows.length / 2);
    const locked = await this.send(rows.slice(0, middle), signal);
    return [...locked, ...(await this.send(rows.slice(middle), signal))];
  }

  /** A whole call went wrong: doubt and refusals stay with the rows, anything else is thrown while nothing was written. */
  async #failed(rows: readonly Row[], error: unknown, signal: AbortSignal): Promise<Row[]> {
    const details = error instanceof OppsyncError ? error.details : null;
    if (details?.recovery === 'unknown') {
      this.#answered = true;
      for (const row of rows) this.refuse(row, details);
      return [];
    }
    const aboutRecords = details?.recovery === 'skip' || details?.recovery === 'gone';
    if (details !== null && aboutRecords) {
      if (rows.length > 1) return this.#halves(rows, signal);
      for (const row of rows) this.refuse(row, details);
      return [];
    }
    // Something the account facts said was there is not: the next run will read them anew.
    const stopping = details?.recovery === 'fix' ? { ...details, recovery: 'stop' as const } : details;
    if (!this.#answered) throw stopping === null || stopping === details ? error : new OppsyncError(stopping);
    const notSent = stopping ?? {
      recovery: 'retry' as const,
      code: 'INTERRUPTED',
      ...told('interrupted'),
      crm: 'salesforce',
    };
    for (const row of rows) this.refuse(row, notSent);
    return [];
  }
}

/**
 * Sends records of one collection with as few calls as possible: one, plus one for each round of rows that met a lock, plus
 * halves when the org's triggers cannot settle on the whole. Rows are never sent on behalf of others: each has its own result.
 *
 * @param canonical our name of a native field, for errors
 * @throws OppsyncError when nothing is known to have been written
 */
export async function sendCollection<Row extends CollectionRow>(
  { client, sleep, random }: CollectionDeps,
  to: CollectionTarget,
  rows: readonly Row[],
  canonical: (native: string) => string,
  signal: AbortSignal,
): Promise<(row: Row) => RowOutcome> {
  const collection = new Collection<Row>(to, canonical, client);
  let pending = [...rows];
  let pause = 0;
  for (let tries = 1; pending.length > 0; tries += 1) {
    pending = await collection.send(pending, signal);
    if (pending.length === 0 || tries >= LOCK_TRIES) break;
    try {
      pause = nextBackOff(LOCK_PAUSES, pause, random.next());
      await sleep(pause, signal);
    } catch {
      // Interrupted: the rows keep their lock error, the others their result.
      break;
    }
  }
  return (row) => collection.results.get(row) ?? collection.unanswered(row);
}
