/**
 * The Store port in memory, for simulations that need thousands of databases: transactions are all or nothing and one
 * after the other, a process can die in the middle of one, and late workers are fenced off as in SQL.
 */
import type { Store, StoreTx } from '../../src/core/store-port.ts';
import { backfillsInMemory } from './memory-store-backfills.ts';
import { checksInMemory } from './memory-store-checks.ts';
import { creationsInMemory } from './memory-store-creations.ts';
import { findingsInMemory } from './memory-store-findings.ts';
import { groupsInMemory, refuseInMemory } from './memory-store-groups.ts';
import { inboxInMemory } from './memory-store-inbox.ts';
import { locksInMemory } from './memory-store-locks.ts';
import { pairingInMemory } from './memory-store-pairing.ts';
import { plansInMemory } from './memory-store-plans.ts';
import { resolutionsInMemory } from './memory-store-resolutions.ts';
import { rollupsInMemory } from './memory-store-rollups.ts';
import { addTasksInMemory, runsInMemory } from './memory-store-runs.ts';
import { snapshotsInMemory } from './memory-store-snapshots.ts';
import { createTables, type Tables } from './memory-store-tables.ts';
import { trustInMemory } from './memory-store-trust.ts';

export interface MemoryDatabase {
  readonly tables: Tables;
  /** The store as one process sees it. */
  connect(): MemoryConnection;
}

export interface MemoryConnection {
  readonly store: Store;
  /** The process dies: an open transaction is undone, and nothing it asked for is answered any more. */
  kill(): void;
  /** The database takes the process for dead, which goes on all the same. */
  losesLock(): void;
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

export function createMemoryDatabase(): MemoryDatabase {
  const tables = createTables();
  const runs = runsInMemory(tables);
  const operations = refusing({
    ...runs,
    ...checksInMemory(tables, runs.addTasks),
    ...snapshotsInMemory(tables),
    ...groupsInMemory(tables),
    ...plansInMemory(tables),
    ...pairingInMemory(tables),
    ...trustInMemory(tables),
    ...resolutionsInMemory(tables),
    ...creationsInMemory(tables, {
      addTask(run, crm, creations) {
        const payload = { kind: 'create', crm, creations } as const;
        const [task] = addTasksInMemory(tables, run, [{ queue: 'push', payload, size: creations.length }]);
        if (task === undefined) throw new Error('no task was made');
        return task;
      },
      decisions: (sync) => tables.decisions.where((row) => row.sync === sync && !row.ended),
      refuse: (sync, list) => refuseInMemory(tables, sync, list),
    }),
    ...rollupsInMemory(tables, (run, crm, changes) => {
      const payload = { kind: 'push_rollups', crm, changes } as const;
      const [task] = addTasksInMemory(tables, run, [{ queue: 'push', payload, size: changes.length }]);
      if (task === undefined) throw new Error('no task was made');
      return task;
    }),
    ...inboxInMemory(tables),
    ...findingsInMemory(tables),
    ...backfillsInMemory(tables),
    ...locksInMemory(tables),
  });
  const turn = createTurn();
  let lastWorker = 0;

  return {
    tables,
    connect() {
      const worker = ++lastWorker;
      tables.alive.add(worker);
      let dead = false;
      let endTransaction: (() => void) | null = null;

      async function transaction<T>(work: (store: StoreTx) => Promise<T>): Promise<T> {
        if (dead) return never();
        const release = await turn();
        if (dead) {
          release();
          return never();
        }
        tables.undo.begin();
        endTransaction = () => {
          tables.undo.rollback();
          release();
        };
        try {
          const result = await work(operations);
          if (dead) return never();
          tables.undo.commit();
          return result;
        } catch (error) {
          if (dead) return never();
          tables.undo.rollback();
          throw error;
        } finally {
          if (!dead) {
            endTransaction = null;
            release();
          }
        }
      }

      const store: Store = new Proxy({ worker, tx: transaction } as Store, {
        get(own, name) {
          if (name in own) return Reflect.get(own, name);
          return (...given: unknown[]) =>
            transaction((all) => Reflect.apply(Reflect.get(all, name), all, given) as Promise<unknown>);
        },
      });

      return {
        store,
        kill() {
          if (dead) return;
          dead = true;
          tables.alive.delete(worker);
          endTransaction?.();
        },
        losesLock() {
          tables.alive.delete(worker);
        },
      };
    },
  };
}

/** Operations that no simulation needs are left out, and say so when they are asked for. */
function refusing(known: Partial<StoreTx>): StoreTx {
  return new Proxy(known as StoreTx, {
    get(own, name) {
      if (name in own || typeof name === 'symbol') return Reflect.get(own, name);
      return async () => {
        throw new Error(`the store in memory cannot do ${name}`);
      };
    },
  });
}

/** One at a time, in the order of asking. Answers what gives the turn away. */
function createTurn(): () => Promise<() => void> {
  const waiting: (() => void)[] = [];
  let taken = false;
  const release = (): void => {
    const next = waiting.shift();
    if (next === undefined) taken = false;
    else next();
  };
  return async () => {
    if (taken) await new Promise<void>((resolve) => waiting.push(resolve));
    else taken = true;
    return release;
  };
}
