import type { Session } from '../auth/sessions.ts';
import type { BulkJobs } from '../bulk/jobs.ts';
import { ApiError, notFound } from '../errors.ts';
import { toId18 } from '../ids.ts';
import type { Org } from '../org.ts';
import type { AccountLocks } from '../save/locks.ts';
import { Transaction } from '../save/transaction.ts';
import type { Row, Table } from '../table.ts';
import type { Limits } from './limits.ts';
import type { Locators } from './locators.ts';

/** What outlives one request. */
export interface Services {
  readonly org: Org;
  readonly limits: Limits;
  readonly locators: Locators;
  readonly locks: AccountLocks;
  readonly bulk: BulkJobs;
  /** Epoch ms of the last change of fields or switches. */
  readonly metadata: { changedAt: number };
}

/** One authenticated REST request, or one part of a composite one. */
export interface Call {
  readonly services: Services;
  readonly org: Org;
  readonly session: Session;
  /** Such as `66.0`. */
  readonly version: string;
  readonly method: string;
  /** Decoded segments after the version. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The transaction of a composite request that is all or nothing. */
  readonly outer: Transaction | null;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The JSON object sent. Throws JSON_PARSER_ERROR for anything else. */
export function jsonBody(call: Call): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(call.body.toString('utf8'));
  } catch (error) {
    throw new ApiError('JSON_PARSER_ERROR', error instanceof Error ? error.message : 'unexpected input');
  }
  if (!isJsonObject(value))
    throw new ApiError('JSON_PARSER_ERROR', 'The HTTP entity body must be a JSON object');
  return value;
}

/** The object a path names; one that is hidden from the user does not exist. */
export function requireTable(call: Call, name: string, tooling = false): Table {
  const table = call.org.find(name);
  if (table === undefined || !call.org.isObjectVisible(table) || (table.type.tooling && !tooling))
    throw notFound();
  return table;
}

/** The values of a row this caller sees; undefined when there is none. Deleted records are seen. */
export function seen(call: Call, row: Row | undefined): Row | undefined {
  return row !== undefined && row.table.visible(row, call.org.now()) !== null ? row : undefined;
}

/** Runs `work` in a transaction that is committed when it returns and undone when it throws. */
export async function inTransaction<T>(
  call: Call,
  accounts: ReadonlySet<string>,
  work: (tx: Transaction) => T,
): Promise<T> {
  const { switches } = call.org;
  if (switches.lockMs <= 0 || accounts.size === 0) return atomically(call, work, new Set());
  const { blocked, release } = await call.services.locks.acquire(accounts, switches.lockWaitMs);
  try {
    const answer = atomically(call, work, blocked);
    // What it could not lock it does not keep from others.
    if (blocked.size < accounts.size) await new Promise((resolve) => setTimeout(resolve, switches.lockMs));
    return answer;
  } finally {
    release();
  }
}

function atomically<T>(call: Call, work: (tx: Transaction) => T, blocked: ReadonlySet<string>): T {
  const author = { actor: call.session.app.actor, userId: call.session.userId, commitDelay: 0 };
  const tx = call.outer ?? new Transaction(call.org, author);
  const mark = tx.mark();
  tx.blockedAccounts = blocked;
  try {
    const answer = work(tx);
    if (call.outer === null) tx.commit();
    return answer;
  } catch (error) {
    tx.rollbackTo(mark);
    throw error;
  }
}

/** Accounts a write to these records locks. */
export function lockedAccounts(
  call: Call,
  records: Iterable<{ row: Row | undefined; fields: JsonObject }>,
): Set<string> {
  const ids = new Set<string>();
  if (call.org.switches.lockMs <= 0) return ids;
  for (const { row, fields } of records) {
    if (row?.table.type.name === 'Account') ids.add(row.id);
    const stored = row === undefined ? null : row.table.read(row, 'AccountId');
    for (const id of [stored, fields['AccountId']]) if (typeof id === 'string') ids.add(toId18(id));
  }
  return ids;
}
