/** Engines that are broken on purpose, each in one way, by what stands between the engine and its store or a CRM. */
import type { Snapshot, Value } from '../../src/core/opportunity.ts';
import type { Connector } from '../../src/core/ports.ts';
import type { Store, StoreTx } from '../../src/core/store-port.ts';
import { TEXTS } from './schedule.ts';
import { OVERLAP_MS } from './simulated-crm.ts';
import type { Plants } from './world.ts';

type Operations = Partial<{
  [Name in keyof StoreTx]: (real: StoreTx, ...given: Parameters<StoreTx[Name]>) => unknown;
}>;

/** A store in which some operations do something else, inside transactions as well. */
export function storeWith(operations: Operations): (store: Store) => Store {
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

/** Adds to each write what the record held when it was read last. */
function withEverything(real: Connector): Connector {
  const shown = new Map<string, Snapshot>();
  return {
    ...real,
    readByIds: async (...given) => {
      const read = await real.readByIds(...given);
      for (const snapshot of read.snapshots) shown.set(snapshot.id, snapshot);
      return read;
    },
    write: (writes, ...given) =>
      real.write(
        writes.map((write) => ({ ...write, fields: { ...shown.get(write.id)?.fields, ...write.fields } })),
        ...given,
      ),
  };
}

/** Believes a stamp: what bears the same one as before is not looked at. */
function byStampAlone(): Plants {
  const seen = new Map<string, string>();
  return {
    store: storeWith({
      savePage: (real, sync, run, list, now) => {
        const fresh = list.filter(({ crm, id, version }) => seen.get(`${crm}:${id}`) !== version);
        for (const { crm, id, version } of list) seen.set(`${crm}:${id}`, version);
        return real.savePage(sync, run, fresh, now);
      },
    }),
  };
}

let newest = 0;

/** One way of being broken. */
export interface PlantedBug {
  /** Completes "an engine that …". */
  readonly what: string;
  /** Made anew for every schedule. */
  readonly plants: () => Plants;
  /** Promises one of which must be found broken; empty for a fault that shows before any promise is looked at. */
  readonly breaks: readonly string[];
}

const BLANK: Readonly<Record<string, Value>> = Object.fromEntries(TEXTS.map((field) => [field, null]));

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    what: 'writes what was planned without looking again',
    plants: () => ({ connector: withoutReread }),
    breaks: ['I3', 'I4'],
  },
  {
    what: 'takes the new base for agreed before the CRM has acknowledged it',
    plants: () => ({
      store: storeWith({
        saveReconciled: (real, batch) => {
          const agreed: Record<string, (typeof batch.agreed)[string]> = { ...batch.agreed };
          for (const write of batch.writes)
            if (write.pair !== null) agreed[write.pair] = { ...agreed[write.pair], ...write.agreed };
          return real.saveReconciled({ ...batch, agreed });
        },
      }),
    }),
    breaks: ['I1', 'I3'],
  },
  {
    what: 'searches after its mark instead of from well before it',
    plants: () => ({
      connector: (real) => ({
        ...real,
        startRead: async (mark, ...given) => {
          const position = await real.startRead(mark, ...given);
          return mark === null ? position : { ...position, since: Number(mark['at']) + OVERLAP_MS + 1 };
        },
      }),
    }),
    breaks: ['I1', 'I3'],
  },
  {
    what: 'takes a field that was not read for a blank one',
    plants: () => ({
      connector: withSnapshots((snapshot) => ({ ...snapshot, fields: { ...BLANK, ...snapshot.fields } })),
    }),
    breaks: ['I12'],
  },
  {
    what: 'lets an older version replace a newer one',
    plants: () => ({
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
    }),
    breaks: ['I1', 'I2', 'I3', 'I4'],
  },
  {
    what: 'takes the same stamp for the same content',
    plants: byStampAlone,
    breaks: ['I1', 'I2', 'I3'],
  },
  {
    what: 'forgets plans that were never written',
    plants: () => ({ store: storeWith({ dropUnwritten: async () => undefined }) }),
    breaks: ['I1', 'I2', 'I9'],
  },
  {
    what: 'takes no answer for success',
    plants: () => ({
      connector: (real) => ({
        ...real,
        write: async (...given) =>
          (await real.write(...given)).map((answer) =>
            answer.ok || answer.error.recovery !== 'unknown'
              ? answer
              : { trace: answer.trace, id: answer.id, ok: true, version: null },
          ),
      }),
    }),
    breaks: ['I1', 'I3', 'I9'],
  },
  {
    what: 'saves in halves when it dies',
    plants: () => ({ store: inHalves }),
    breaks: [],
  },
  {
    what: 'acknowledges fields that it did not send',
    plants: () => ({
      store: storeWith({
        saveReconciled: (real, batch) =>
          real.saveReconciled({
            ...batch,
            writes: batch.writes.map((write) => ({ ...write, changes: write.changes.slice(0, 1) })),
          }),
      }),
    }),
    breaks: ['I1', 'I3'],
  },
  {
    what: 'sends everything instead of what differs',
    plants: () => ({ connector: withEverything }),
    breaks: ['I11'],
  },
  {
    what: 'keeps no base',
    plants: () => ({
      store: storeWith({
        loadGroups: async (real, sync, groups) =>
          (await real.loadGroups(sync, groups)).map((group) => ({
            ...group,
            pair: group.pair === null ? null : { ...group.pair, base: {} },
          })),
      }),
    }),
    breaks: ['I1', 'I3'],
  },
  {
    what: 'does not notice that a record is gone',
    plants: () => ({ store: storeWith({ markDeleted: async () => undefined }) }),
    breaks: ['I2'],
  },
  {
    what: 'leaves records out of its account',
    plants: () => ({
      store: storeWith({
        tally: async (real, ...given) => {
          const tally = await real.tally(...given);
          return { ...tally, outcomes: { ...tally.outcomes, changed: 0 } };
        },
      }),
    }),
    breaks: ['I13'],
  },
];

/** Every operation of a transaction for itself: what was done stays done when the rest never comes. */
function inHalves(store: Store): Store {
  return new Proxy(store, {
    get: (target, name) =>
      name === 'tx'
        ? (work: (tx: StoreTx) => Promise<unknown>) => work(store)
        : (Reflect.get(target, name) as unknown),
  });
}
