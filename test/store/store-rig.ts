/** A store on a database of its own, with short ways to put things into it and to look at what is there. */
import { type RawBuilder, sql } from 'kysely';
import type { RecordResult } from '../../src/core/group.ts';
import type { OwnedField, Snapshot, Value } from '../../src/core/opportunity.ts';
import type { FieldChange, PlannedWrite } from '../../src/core/plan.ts';
import type { Store } from '../../src/core/store-port.ts';
import type { ReconciledBatch, RunRow } from '../../src/core/store-rows.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { createStore } from '../../src/store/create-store.ts';
import type { Database } from '../../src/store/open.ts';
import { holdWorkerLock, type WorkerLock } from '../../src/store/worker-lock.ts';
import { testDatabase } from '../support/database.ts';

export const SYNC = 'main';

export interface StoreRig {
  readonly store: Store;
  readonly database: Database<unknown>;
  /** Rows of any statement. */
  look<T>(statement: RawBuilder<T>): Promise<readonly T[]>;
  /** Names of dirty records, sorted. */
  dirty(): Promise<readonly string[]>;
  begin(run: string, more?: Partial<RunRow>): Promise<void>;
  end(run: string): Promise<void>;
  /** The store as another process sees it, with a lock of its own. */
  another(): Promise<{ store: Store; lock: WorkerLock }>;
  close(): Promise<void>;
}

export async function storeRig(): Promise<StoreRig> {
  const testing = await testDatabase();
  const database = await testing.openDatabase<unknown>();
  const locks: WorkerLock[] = [];
  const another: StoreRig['another'] = async () => {
    const lock = await holdWorkerLock(database.pool, Math.random);
    locks.push(lock);
    return { store: createStore(database.db, lock.worker), lock };
  };
  const { store } = await another();
  await store.registerSync(SYNC, 'settings', 1);
  const look: StoreRig['look'] = async (statement) => (await statement.execute(database.db)).rows;
  return {
    store,
    database,
    look,
    another,
    dirty: async () =>
      (
        await look(
          sql<{ name: string }>`select crm || ':' || id as name from snapshots where dirty order by 1`,
        )
      ).map(({ name }) => name),
    begin: (run, more = {}) => store.insertRun({ ...RUN, run, owner: store.worker, ...more }),
    end: (run) => store.updateRun(run, { state: 'done' }),
    close: async () => {
      await Promise.all(locks.map((lock) => lock.release()));
      await testing.drop();
    },
  };
}

export const RUN: RunRow = {
  run: 'r1',
  sync: SYNC,
  mode: 'sync',
  phase: 'pull',
  state: 'running',
  by: 'test',
  owner: 1,
  full: true,
  settingsDigest: 'settings',
  facts: {},
  planDigest: null,
  problems: [],
  calls: {},
  startedAt: 1,
  finishedAt: null,
  report: null,
  error: null,
};

/** `left:1` at a version, holding these fields. */
export function snapshot(
  name: string,
  changedAt: number,
  fields: Record<string, Value>,
  more: Partial<Snapshot> = {},
): Snapshot {
  const [crm = '', id = ''] = name.split(':');
  return {
    crm,
    id,
    version: `v${changedAt}`,
    changedAt,
    deleted: false,
    fields,
    owned: {},
    evidence: {},
    pairKey: null,
    linkedId: null,
    absorbedIds: [],
    raw: { native: changedAt },
    ...more,
  };
}

export function verdict(more: Partial<Verdict> = {}): Verdict {
  return {
    status: 'active',
    outcome: null,
    phase: null,
    engagement: { state: 'unknown', last: null, days: null },
    completeness: { accepted: null, contract: null, finance: null },
    flags: [],
    because: [],
    ...more,
  };
}

export function decided(
  name: string,
  outcome: RecordResult['outcome'],
  more: Partial<RecordResult> = {},
): RecordResult {
  const [crm = '', id = ''] = name.split(':');
  return { ref: { crm, id }, outcome, notes: [], verdict: verdict(), ...more };
}

export function planned(
  name: string,
  fields: Record<string, Value>,
  more: Partial<PlannedWrite> & { owned?: Partial<Record<OwnedField, Value>> } = {},
): PlannedWrite {
  const [crm = '', id = ''] = name.split(':');
  const { owned = {}, ...rest } = more;
  const change = (field: string, after: Value, isOwned: boolean): FieldChange => ({
    field,
    owned: isOwned,
    before: null,
    after,
    reason: isOwned ? 'classified' : 'copied',
    from: isOwned ? null : 'left',
    was: null,
  });
  return {
    crm,
    id,
    pair: null,
    name,
    changes: [
      ...Object.entries(fields).map(([field, after]) => change(field, after, false)),
      ...Object.entries(owned).map(([field, after]) => change(field, after ?? null, true)),
    ],
    agreed: {},
    ...rest,
  };
}

export function batch(run: string, more: Partial<ReconciledBatch>): ReconciledBatch {
  return {
    sync: SYNC,
    run,
    round: 0,
    at: 100,
    records: [],
    writes: [],
    agreed: {},
    conflicts: {},
    quarantined: [],
    ...more,
  };
}
