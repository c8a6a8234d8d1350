/** Engines that are broken on purpose, each in one way, by what stands between the engine and its store or a CRM. */
import type { Snapshot, Value } from '../../src/core/opportunity.ts';
import type { Connector } from '../../src/core/ports.ts';
import type { Store, StoreTx } from '../../src/core/store-port.ts';
import { TEXTS } from './schedule.ts';
import type { Plants } from './world.ts';

type Operations = Partial<{
  [Name in keyof StoreTx]: (real: StoreTx, ...given: Parameters<StoreTx[Name]>) => unknown;
}>;

/** A store in which some operations do something else, inside transactions as well. */
function storeWith(operations: Operations): (store: Store) => Store {
  const changed = <T extends StoreTx>(real: T): T =>
    new Proxy(real, {
      get(target, name) {
        if (name === 'tx')
          return (work: (tx: StoreTx) => Promise<unknown>) =>
            (target as unknown as Store).tx((tx) => work(changed(tx)));
        const other = operations[name as keyof StoreTx] as ((...given: unknown[]) => unknown) | undefined;
        if (other === undefined) return Reflect.get(target, name) as unknown;
        return async (...given: unknown[]) => (await other(target, ...given)) as unknown;
      },
    });
  return changed;
}

function withSnapshots(change: (snapshot: Snapshot) => Snapshot): (connector: Connector) => Connector {
  return (real) => ({
    ...real,
    readPage: async (...given) => {
      const page = await real.readPage(...given);
      return { ...page, snapshots: page.snapshots.map(change) };
    },
    readByIds: async (...given) => {
      const read = await real.readByIds(...given);
      return { ...read, snapshots: read.snapshots.map(change) };
    },
  });
}

/** Answers reads by id with what a page showed last: nothing is looked at again before it is written. */
function withoutReread(real: Connector): Connector {
  const shown = new Map<string, Snapshot>();
  return {
    ...real,
    readPage: async (...given) => {
      const page = await real.readPage(...given);
      for (const snapshot of page.snapshots) shown.set(snapshot.id, snapshot);
      return page;
    },
    readByIds: async (ids, ...given) => {
      const unknown = ids.filter((id) => !shown.has(id));
      const read = await real.readByIds(unknown, ...given);
      return { ...read, snapshots: [...read.snapshots, ...ids.flatMap((id) => shown.get(id) ?? [])] };
    },
  };
}

let newest = 0;

export const PLANTED_BUGS: Readonly<Record<string, Plants>> = {
  'writes what was planned without looking again': { connector: withoutReread },
  'takes the new base for agreed before the CRM has acknowledged it': {
    store: storeWith({
      saveReconciled: (real, batch) => {
        const agreed: Record<string, (typeof batch.agreed)[string]> = { ...batch.agreed };
        for (const write of batch.writes)
          if (write.pair !== null) agreed[write.pair] = { ...agreed[write.pair], ...write.agreed };
        return real.saveReconciled({ ...batch, agreed });
      },
    }),
  },
  'searches from its mark on without overlap, and leaves out the moment of the mark itself': {
    connector: (real) => ({
      ...real,
      startRead: async (mark, ...given) => {
        const position = await real.startRead(mark, ...given);
        return mark === null ? position : { ...position, since: Number(mark['at']) + 10_001 };
      },
    }),
  },
  'takes a field that was not read for a blank one': {
    connector: withSnapshots((snapshot) => ({
      ...snapshot,
      fields: {
        ...(Object.fromEntries(TEXTS.map((field) => [field, null])) as Record<string, Value>),
        ...snapshot.fields,
      },
    })),
  },
  'lets an older version replace a newer one': {
    store: storeWith({
      savePage: (real, sync, run, list, now) => {
        newest = Math.max(newest, now) + 1;
        return real.savePage(
          sync,
          run,
          list.map((snapshot) => ({ ...snapshot, changedAt: newest })),
          now,
        );
      },
    }),
  },
  'forgets plans that were never written': { store: storeWith({ dropUnwritten: async () => undefined }) },
  'takes no answer for success': {
    connector: (real) => ({
      ...real,
      write: async (...given) =>
        (await real.write(...given)).map((answer) =>
          answer.ok || answer.error.recovery !== 'unknown'
            ? answer
            : { trace: answer.trace, id: answer.id, ok: true, version: null },
        ),
    }),
  },
  'takes no answer for failure and the old values for agreed': {
    store: storeWith({
      savePushed: (real, sync, run, results, now) =>
        real.savePushed(
          sync,
          run,
          results.filter((result) => result.is !== 'dropped'),
          now,
        ),
    }),
  },
  'ends a task for a worker that was taken for dead': {
    store: storeWith({
      claimTask: (real, id, epoch, worker) => real.claimTask(id, epoch, worker),
      finishTask: async () => true,
    }),
  },
  'marks a record as settled when it only waits': {
    store: storeWith({
      saveReconciled: (real, batch) =>
        real.saveReconciled({
          ...batch,
          writes: batch.writes.map((write) => ({ ...write, changes: write.changes.slice(0, 1) })),
        }),
    }),
  },
  'keeps no base at all': {
    store: storeWith({
      loadGroups: async (real, sync, groups) =>
        (await real.loadGroups(sync, groups)).map((group) => ({
          ...group,
          pair: group.pair === null ? null : { ...group.pair, base: {} },
        })),
    }),
  },
  'pairs whoever links to a record, also when it has a counterpart': {
    store: storeWith({
      markDeleted: async () => undefined,
    }),
  },
};
