/** Whose secrets a delivery is tried with, and which account a connection is known to belong to. */
import type { EventInlet, EventProtocol, EventRequest } from '../core/event-port.ts';
import type { EpochMs, SyncName } from '../core/ids.ts';
import type { InboxTx } from '../core/inbox-port.ts';
import type { Clock } from '../core/ports.ts';

/** Up to so many connections all are tried; of more, those a delivery names, and so many that no run has met yet. */
const MOST_TRIED = 50;
/** How soon it is looked again for an account that is missing, or that something contradicts, and how long others do. */
const SOON_MS = 2_000;
const LATER_MS = 60_000;
/** A run may be seen so much later than the moment it says it started at. */
const SEEN_LATE_MS = 600_000;

export interface AddressedInlets {
  /** The inlets that a request may be for. Throws when the store cannot be asked. */
  of(request: EventRequest): Promise<readonly EventInlet[]>;
  /** The syncs of the accounts that a request names, as far as they are known. */
  syncsNamedBy(request: EventRequest): Promise<readonly SyncName[]>;
  /** The account this connection belongs to as far as any run has met it; null = not known. */
  account(inlet: EventInlet): Promise<string | null>;
  /** The same once more, because what was proved speaks of another account. */
  accountAgain(inlet: EventInlet): Promise<string | null>;
}

interface Known {
  account: string | null;
  askedAt: EpochMs;
}

/** @param inlets those of this protocol's CRM */
export function addressedInlets(
  { addressees }: EventProtocol,
  inlets: readonly EventInlet[],
  inbox: Pick<InboxTx, 'knownAccounts'>,
  clock: Clock,
): AddressedInlets {
  const known = new Map<EventInlet, Known>(
    inlets.map((inlet) => [inlet, { account: null, askedAt: Number.NEGATIVE_INFINITY }]),
  );
  const named = new Map<string, Set<EventInlet>>();
  const unplaced = new Set<EventInlet>();
  for (const inlet of inlets) {
    if (inlet.reader.names === undefined) unplaced.add(inlet);
    for (const name of inlet.reader.names ?? []) place(name, inlet);
  }
  let looking: Promise<void> | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;

  function place(name: string, inlet: EventInlet): void {
    named.set(name, (named.get(name) ?? new Set()).add(inlet));
  }

  function isDue(inlet: EventInlet, ms: number): boolean {
    return clock.now() - (known.get(inlet)?.askedAt ?? 0) > ms;
  }

  /** Asks the runs since the last look: of thousands of syncs few have run meanwhile. */
  async function look(some: readonly EventInlet[]): Promise<void> {
    const askedAt = clock.now();
    const since = Math.max(0, Math.min(...some.map((one) => known.get(one)?.askedAt ?? 0)) - SEEN_LATE_MS);
    const syncs = [...new Set(some.flatMap((one) => one.syncs))];
    const found = await inbox.knownAccounts(syncs, since);
    const bySync = new Map(found.map(({ sync, crm, account }) => [`${crm}\n${sync}`, account]));
    for (const inlet of some) {
      const of = inlet.syncs.flatMap((sync) => bySync.get(`${inlet.crm}\n${sync}`) ?? [])[0];
      learn(inlet, of ?? known.get(inlet)?.account ?? null, askedAt);
    }
  }

  function learn(inlet: EventInlet, account: string | null, askedAt: EpochMs): void {
    const before = known.get(inlet)?.account ?? null;
    known.set(inlet, { account, askedAt });
    if (inlet.reader.names !== undefined || account === null || account === before) return;
    if (before !== null) named.get(before)?.delete(inlet);
    unplaced.delete(inlet);
    place(account, inlet);
  }

  /** At most one look at all of them at a time, however many deliveries wait for it. */
  async function lookAtAll(): Promise<void> {
    const now = clock.now();
    looking ??= look(inlets)
      .then(() => {
        lookedAt = now;
      })
      .finally(() => {
        looking = null;
      });
    await looking;
  }

  async function accountWithin(inlet: EventInlet, ms: number): Promise<string | null> {
    if (isDue(inlet, ms)) await look([inlet]);
    return known.get(inlet)?.account ?? null;
  }

  return {
    async of(request) {
      const [first] = inlets;
      if (first === undefined || inlets.length <= MOST_TRIED) return inlets;
      const names = addressees(request);
      if (first.reader.names === undefined) {
        const missing = unplaced.size > 0 || names.some((name) => (named.get(name)?.size ?? 0) === 0);
        if (clock.now() - lookedAt > (missing ? SOON_MS : LATER_MS)) await lookAtAll();
      }
      const tried = new Set(names.flatMap((name) => [...(named.get(name) ?? [])]));
      // Before its first run has met its account nothing tells which of them is meant.
      let left = MOST_TRIED;
      for (const inlet of unplaced) {
        if (left-- === 0) break;
        tried.add(inlet);
      }
      return [...tried];
    },
    async syncsNamedBy(request) {
      const names = addressees(request);
      if (names.length === 0) return [];
      if (inlets.length <= MOST_TRIED && clock.now() - lookedAt > SOON_MS) await lookAtAll();
      return [
        ...new Set(names.flatMap((name) => [...(named.get(name) ?? [])]).flatMap(({ syncs }) => syncs)),
      ];
    },
    account: (inlet) => accountWithin(inlet, known.get(inlet)?.account == null ? SOON_MS : LATER_MS),
    accountAgain: (inlet) => accountWithin(inlet, SOON_MS),
  };
}
