/** Engines that are broken on purpose, each in one way, by what stands between the engine and its store or a CRM. */

import type { AccountFacts } from '../../src/core/account-facts.ts';
import type { Connector } from '../../src/core/connector-port.ts';
import type { Snapshot, Value } from '../../src/core/opportunity.ts';
import type { Store, StoreTx } from '../../src/core/store-port.ts';
import { TEXTS, type Trouble, type WorldPlan } from './schedule.ts';
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

/** Goes on with what is newer than the newest stamp it has seen. Where a reading begins each connector says in its own way. */
function afterNewest(): Plants {
  const newest = new Map<string, number>();
  return {
    connector: (real) => ({
      ...real,
      startRead: async (mark, ...given) => {
        const position = await real.startRead(mark, ...given);
        const seen = newest.get(real.crm);
        if (mark === null || seen === undefined) return position;
        return { ...position, [position['since'] === undefined ? 'from' : 'since']: seen + 1 };
      },
      readPage: async (...given) => {
        const page = await real.readPage(...given);
        for (const { changedAt } of page.snapshots)
          newest.set(real.crm, Math.max(newest.get(real.crm) ?? 0, changedAt));
        return page;
      },
    }),
  };
}

/** What cannot be read is blank, and told to be readable. */
function absentIsBlank(): Plants {
  const told = new Map<string, AccountFacts>();
  const known = new Map<string, AccountFacts['fields'][number]>();
  const blank = withSnapshots((snapshot) => ({ ...snapshot, fields: { ...BLANK, ...snapshot.fields } }));
  return {
    connector: (given) => {
      const real = blank(given);
      const true_ = (facts: AccountFacts): AccountFacts => told.get(real.crm) ?? facts;
      return {
        ...real,
        describe: async (signal) => {
          const facts = await real.describe(signal);
          told.set(real.crm, facts);
          for (const fact of facts.fields)
            known.set(`${real.crm}:${fact.field}`, { ...fact, readable: true });
          const fields = [...known].filter(([key]) => key.startsWith(`${real.crm}:`)).map(([, fact]) => fact);
          return { ...facts, fields };
        },
        startRead: (mark, facts, signal) => real.startRead(mark, true_(facts), signal),
        readPage: (position, facts, signal) => real.readPage(position, true_(facts), signal),
        readByIds: (ids, facts, signal) => real.readByIds(ids, true_(facts), signal),
      };
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
  /** The world in which it shows soonest, and the troubles. Absent: not tried between the sandbox simulators, where a story takes longer. */
  readonly between?: { readonly troubles?: readonly Trouble[]; readonly world?: Partial<WorldPlan> };
}

const BLANK: Readonly<Record<string, Value>> = Object.fromEntries(TEXTS.map((field) => [field, null]));

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    what: 'writes what was planned without looking again',
    plants: () => ({ connector: withoutReread }),
    breaks: ['I1', 'I2', 'I3', 'I4'],
    between: {},
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
    between: {},
  },
  {
    what: 'goes on with stamps > the newest it has seen',
    plants: afterNewest,
    breaks: ['I1', 'I3'],
    between: { world: { pairs: 2, singles: 0, lagMs: 4000, searches: { left: true, right: true } } },
  },
  {
    what: 'takes a field that was not read for a blank one',
    plants: absentIsBlank,
    breaks: ['I12'],
    between: { troubles: ['hidden'], world: { blank: 'propagate' } },
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
    between: { troubles: ['lost'] },
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
    breaks: ['I1', 'I3', 'I9'],
    between: {},
  },
  {
    what: 'sends everything instead of what differs',
    plants: () => ({ connector: withEverything }),
    breaks: ['I11'],
    between: {},
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
    between: {},
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
