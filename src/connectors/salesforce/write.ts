import { type ErrorDetails, OppsyncError } from '../../core/errors.ts';
import type { AccountFacts, Randomness, RecordWrite, Sleep, WriteResult } from '../../core/ports.ts';
import { nextBackOff } from '../../core/timing.ts';
import { accountIndex } from './account-index.ts';
import type { Client } from './client.ts';
import { fromRow, isLock, isTooManyBatchRetries, type VendorError, vendorErrors } from './errors.ts';
import { nativeBody } from './native-values.ts';
import { isRow } from './query.ts';
import { to18 } from './record-id.ts';
import { refusalsOf } from './refusals.ts';

/** Records per collection call (sObject Collections). */
export const WRITE_BATCH = 200;
const LOCK_TRIES = 4;
const LOCK_PAUSES = { baseMs: 500, capMs: 8_000 };

export interface WriteDeps {
  readonly client: Client;
  readonly sleep: Sleep;
  readonly random: Randomness;
}

type RowAnswer = { readonly ok: true } | { readonly ok: false; readonly errors: readonly VendorError[] };

/** Rows come back in the order sent and failed ones may carry no id: only the position tells whose answer it is. */
function rowAnswers(body: unknown, count: number): RowAnswer[] | null {
  if (!Array.isArray(body) || body.length !== count) return null;
  return body.map((row: unknown) => {
    if (isRow(row) && row['success'] === true) return { ok: true };
    return { ok: false, errors: vendorErrors(isRow(row) ? (row['errors'] ?? []) : []) };
  });
}

/** One call of `writeRecords`: what is known of each row so far. */
class Batch {
  readonly #writes: readonly RecordWrite[];
  readonly #facts: AccountFacts;
  readonly #client: Client;
  readonly #results = new Map<RecordWrite, WriteResult>();
  /** Once any row was sent and judged, a later failure must not hide it: it is reported row by row instead of thrown. */
  #answered = false;

  constructor(writes: readonly RecordWrite[], facts: AccountFacts, client: Client) {
    this.#writes = writes;
    this.#facts = facts;
    this.#client = client;
  }

  results(): WriteResult[] {
    return this.#writes.map((write) => this.#results.get(write) ?? this.#unanswered(write));
  }

  refuse(write: RecordWrite, error: ErrorDetails): void {
    this.#results.set(write, {
      trace: write.trace,
      id: write.id,
      ok: false,
      error: { ...error, record: write.id },
    });
  }

  /** Sends these rows in one call and returns those that met a lock. */
  async send(writes: readonly RecordWrite[], signal: AbortSignal): Promise<RecordWrite[]> {
    const records = writes.map((write) => ({
      attributes: { type: 'Opportunity' },
      id: write.id,
      ...nativeBody(write, this.#facts),
    }));
    let body: unknown;
    try {
      const call = {
        method: 'PATCH',
        path: '/composite/sobjects',
        body: { allOrNone: false, records },
      } as const;
      body = (await this.#client.call({ ...call, repeatable: false }, signal)).body;
    } catch (error) {
      return this.#failed(writes, error, signal);
    }
    this.#answered = true;
    const answers = rowAnswers(body, writes.length);
    if (answers === null) {
      for (const write of writes) this.#results.set(write, this.#unanswered(write));
      return [];
    }
    const unsettled = answers.every((answer) => !answer.ok && answer.errors.some(isTooManyBatchRetries));
    if (unsettled && writes.length > 1) return this.#halves(writes, signal);
    return writes.filter((write, at) => this.#judge(write, answers[at] ?? { ok: false, errors: [] }));
  }

  /** Records the outcome of a row; true when it met a lock. */
  #judge(write: RecordWrite, answer: RowAnswer): boolean {
    const { trace, id } = write;
    if (answer.ok) {
      this.#results.set(write, { trace, id, ok: true, version: null });
      return false;
    }
    const error = fromRow(answer.errors, id, accountIndex(this.#facts).canonical);
    this.#results.set(write, { trace, id, ok: false, error });
    return answer.errors.some(isLock);
  }

  #unanswered(write: RecordWrite): WriteResult {
    return { trace: write.trace, id: write.id, ok: false, error: fromRow([], write.id, String) };
  }

  async #halves(writes: readonly RecordWrite[], signal: AbortSignal): Promise<RecordWrite[]> {
    const middle = Math.ceil(writes.length / 2);
    const locked = await this.send(writes.slice(0, middle), signal);
    return [...locked, ...(await this.send(writes.slice(middle), signal))];
  }

  /** A whole call went wrong: doubt and refusals stay with the rows, anything else is thrown while nothing was written. */
  async #failed(writes: readonly RecordWrite[], error: unknown, signal: AbortSignal): Promise<RecordWrite[]> {
    const details = error instanceof OppsyncError ? error.details : null;
    if (details?.recovery === 'unknown') {
      this.#answered = true;
      for (const write of writes) this.refuse(write, details);
      return [];
    }
    const aboutRecords = details?.recovery === 'skip' || details?.recovery === 'gone';
    if (details !== null && aboutRecords) {
      if (writes.length > 1) return this.#halves(writes, signal);
      for (const write of writes) this.refuse(write, details);
      return [];
    }
    // Something the account facts said was there is not: the next run will read them anew.
    const stopping = details?.recovery === 'fix' ? { ...details, recovery: 'stop' as const } : details;
    if (!this.#answered) throw stopping === null || stopping === details ? error : new OppsyncError(stopping);
    const notSent = stopping ?? {
      recovery: 'retry' as const,
      code: 'INTERRUPTED',
      message: 'The run was interrupted before this record was sent.',
      remedy: 'Run again.',
      crm: 'salesforce',
    };
    for (const write of writes) this.refuse(write, notSent);
    return [];
  }
}

/**
 * Writes up to {@link WRITE_BATCH} records with as few calls as possible: one, plus one for each round of rows that met a
 * lock, plus halves when the org's triggers cannot settle on the whole. Results in the order given.
 */
export async function writeRecords(
  deps: WriteDeps,
  writes: readonly RecordWrite[],
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<WriteResult[]> {
  if (writes.length > WRITE_BATCH)
    throw new Error(`${writes.length} records in one write, ${WRITE_BATCH} allowed`);
  if (new Set(writes.map((write) => to18(write.id))).size !== writes.length) {
    throw new Error('write was given the same record twice');
  }
  signal.throwIfAborted();
  const batch = new Batch(writes, facts, deps.client);
  let pending = writes.filter((write) => {
    const [refusal] = refusalsOf(write, facts);
    if (refusal !== undefined) batch.refuse(write, { ...refusal, recovery: 'skip' });
    return refusal === undefined;
  });
  let pause = 0;
  for (let tries = 1; pending.length > 0; tries += 1) {
    pending = await batch.send(pending, signal);
    if (pending.length === 0 || tries >= LOCK_TRIES) break;
    try {
      pause = nextBackOff(LOCK_PAUSES, pause, deps.random.next());
      await deps.sleep(pause, signal);
    } catch {
      // Interrupted: the rows keep their lock error, the others their result.
      break;
    }
  }
  return batch.results();
}
