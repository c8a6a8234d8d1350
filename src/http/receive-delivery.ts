/** What becomes of one delivery: proved for those it may be for, and stored before it is answered. */
import { randomBytes } from 'node:crypto';
import type {
  EventInlet,
  EventProtocol,
  EventReading,
  EventRefusal,
  EventRequest,
  Reception,
} from '../core/event-port.ts';
import type { Crm, SyncName } from '../core/ids.ts';
import { MOST_WAITING } from '../core/inbox-limits.ts';
import type { InboxTx, NewEvent } from '../core/inbox-port.ts';
import type { Clock, Log } from '../core/ports.ts';
import { NO_TRACING, type Tracing } from '../core/tracing-port.ts';
import { type AddressedInlets, addressedInlets } from './addressed-inlets.ts';
import { storeTogether } from './store-together.ts';

export interface ReceiverDeps {
  readonly log: Log;
  readonly clock: Clock;
  readonly inbox: Pick<InboxTx, 'storeEvents' | 'waitingEvents' | 'eventsHeld' | 'knownAccounts'>;
  readonly inlets: readonly EventInlet[];
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing;
  /** Events of one sync that may wait for a run. */
  readonly mostWaiting?: number;
  /** Told of a delivery that was not believed and will not come again, with the syncs of the account it names. */
  lost?(crm: Crm, syncs: readonly SyncName[]): void;
}

/** How long a count of what waits is relied on. */
const COUNT_MS = 1_000;
/** Refused deliveries are told to the log at most this often per reason. */
const TELL_MS = 60_000;

const NOBODY: EventRefusal = {
  ...{ ok: false, fault: 'unknown', reason: 'no connection that is part of a sync has a webhookSecret' },
  remedy: 'give the connection its webhookSecret and restart, or end the subscription in the CRM',
};
const NOT_NAMED: EventRefusal = {
  ...{ ok: false, fault: 'unknown', reason: 'it names no account that a connection is known to belong to' },
  remedy:
    'run the sync of this account once, so that its account is known, or end the subscription in the CRM',
};

const TOO_LARGE = {
  reason: 'the body is larger than any a CRM sends',
  remedy: 'for an Outbound Message select the field Id alone; otherwise ignore it',
};
const UNREADABLE = {
  reason: 'the body is missing, cut off or compressed',
  remedy: 'CRMs do not compress: see whether a proxy on the way does; otherwise ignore it',
};

/** The deliveries of one CRM. */
export interface Receiver {
  /** Never throws. */
  receive(request: EventRequest): Promise<Reception>;
  /** Tells of one whose body was not even read. */
  unread(reception: 'too_large' | 'malformed'): void;
}

export function createReceiver(deps: ReceiverDeps): (protocol: EventProtocol) => Receiver {
  const { log, clock, inbox, tracing = NO_TRACING } = deps;
  const store = storeTogether(inbox, clock);
  const room = roomOf(deps);
  const told = new Map<string, number>();

  function tell(
    crm: string,
    message: string,
    fields: { readonly reason: string; readonly remedy: string },
  ): void {
    const now = clock.now();
    const key = `${crm} ${message} ${fields.reason}`;
    if (now - (told.get(key) ?? Number.NEGATIVE_INFINITY) < TELL_MS) return;
    told.set(key, now);
    log.warn(message, { crm, ...fields });
  }

  return (protocol) => {
    const { crm } = protocol;
    const inlets = deps.inlets.filter((inlet) => inlet.crm === crm);
    const addressed = addressedInlets(protocol, inlets, inbox, clock);

    async function receive(request: EventRequest): Promise<Reception> {
      let refusal: EventRefusal | null = null;
      const events: NewEvent[] = [];
      const delivery = `d_${randomBytes(8).toString('hex')}`;
      let taken = false;
      for (const inlet of await addressed.of(request)) {
        const reading = await readFor(inlet, request, addressed, clock);
        if (!reading.ok) {
          // What was proved and cannot be read says more than what was not proved.
          if (refusal === null || reading.fault === 'malformed') refusal = reading;
          continue;
        }
        taken = true;
        if (reading.others > 0)
          tell(crm, 'webhook events of another account left out', {
            reason: 'the app also sends events of an account that this connection does not belong to',
            remedy:
              'nothing has to be done if that is meant; otherwise check which account the connection logs in to',
          });
        const syncs = await room(inlet.syncs);
        if (syncs === null) return 'busy';
        for (const sync of syncs)
          for (const event of reading.events) events.push({ ...event, sync, crm, delivery });
      }
      if (!taken) {
        const { fault, reason, remedy } = refusal ?? (inlets.length === 0 ? NOBODY : NOT_NAMED);
        tell(crm, 'webhook refused', { reason, remedy });
        if (fault === 'forged' && !protocol.repeatsUnproved) tellLost(request);
        return fault;
      }
      await tracing.span('webhook', { crm, delivery, events: events.length }, () => store(events), {
        ...{ cause: delivery, inside: null, name: delivery },
      });
      log.debug('webhook taken', { crm, delivery, events: events.length });
      return 'stored';
    }

    /** Whoever is refused does not wait for this. */
    function tellLost(request: EventRequest): void {
      const { lost } = deps;
      if (lost === undefined) return;
      addressed.syncsNamedBy(request).then(
        (syncs) => lost(crm, syncs),
        () => undefined,
      );
    }

    return {
      receive: (request) =>
        receive(request).catch((error: unknown): Reception => {
          tell(crm, 'webhook could not be stored', {
            reason: error instanceof Error ? error.message : String(error),
            remedy: 'the CRM was asked to send it again; see whether the database can be reached',
          });
          return 'unavailable';
        }),
      unread: (reception) => tell(crm, 'webhook refused', reception === 'too_large' ? TOO_LARGE : UNREADABLE),
    };
  };
}

/** Proves first, and only then asks whose it is: of what proves nothing nothing is asked. */
async function readFor(
  inlet: EventInlet,
  request: EventRequest,
  addressed: AddressedInlets,
  clock: Clock,
): Promise<EventReading> {
  const read = (account: string | null): EventReading => inlet.reader.read(request, clock.now(), account);
  const proved = read(null);
  if (!proved.ok) return proved;
  const account = await addressed.account(inlet);
  if (account === null) return proved;
  const reading = read(account);
  if (reading.ok && reading.others === 0) return reading;
  const newest = await addressed.accountAgain(inlet);
  return newest === account ? reading : read(newest);
}

/**
 * Those of the syncs that events are stored for; null when one of them has more waiting than it may. One whose events wait
 * for a person holds up no other: what it is not told of, it reads with its next complete run.
 */
function roomOf({ clock, inbox, mostWaiting = MOST_WAITING }: ReceiverDeps) {
  let full: ReadonlySet<SyncName> = new Set();
  let held: ReadonlySet<SyncName> = new Set();
  let countedAt = Number.NEGATIVE_INFINITY;

  async function count(): Promise<void> {
    countedAt = clock.now();
    const crowded = (await inbox.waitingEvents()).filter(({ events }) => events >= mostWaiting);
    const why = await Promise.all(crowded.map(({ sync }) => inbox.eventsHeld(sync, clock.now())));
    full = new Set(crowded.map(({ sync }) => sync));
    held = new Set(crowded.flatMap(({ sync }, at) => (why[at] === null ? [] : [sync])));
  }

  return async (syncs: readonly SyncName[]): Promise<readonly SyncName[] | null> => {
    if (clock.now() - countedAt > COUNT_MS) await count();
    const open = syncs.filter((sync) => !held.has(sync));
    return open.some((sync) => full.has(sync)) ? null : open;
  };
}
