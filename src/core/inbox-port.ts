/** What is asked of the inbox: events stored before they are answered, until a run has read their records. Types only. */
import type { NotedFault } from './errors.ts';
import type { RecordEvent } from './event-port.ts';
import type { Crm, EpochMs, RecordId, RunId, SyncName } from './ids.ts';

export interface NewEvent extends RecordEvent {
  readonly sync: SyncName;
  readonly crm: Crm;
  /** The webhook delivery that brought it, by an id of our own: what is made of it carries that in logs and traces. */
  readonly delivery?: string;
}

export interface WaitingEvents {
  readonly sync: SyncName;
  readonly events: number;
  /** When the one that waits longest came in. */
  readonly since: EpochMs;
}

export interface KnownAccount {
  readonly sync: SyncName;
  readonly crm: Crm;
  readonly account: string;
}

/** The runs of events of a sync fail, one after the other. */
export interface EventTrouble {
  readonly failures: number;
  /** The first of them. */
  readonly since: EpochMs;
  /** When it is tried again. */
  readonly nextAt: EpochMs;
  readonly error: NotedFault;
}

export interface InboxTx {
  /** Stores events; one that was stored before is stored no second time. Answers how many were new. */
  storeEvents(events: readonly NewEvent[], now: EpochMs): Promise<number>;
  /** Syncs with events that no run has taken. */
  waitingEvents(): Promise<readonly WaitingEvents[]>;
  /** Of these syncs, those with events that no run has taken, and since when; not those that failed and wait to try again. */
  oldestEvents(syncs: readonly SyncName[], now: EpochMs): Promise<readonly Omit<WaitingEvents, 'events'>[]>;
  /**
   * Why the events of a sync have to wait for a person: nobody ever approved a plan (`unapproved`), or a run of events is
   * parked (`parked`). Null when they need not.
   */
  eventsHeld(sync: SyncName, now: EpochMs): Promise<'unapproved' | 'parked' | null>;
  /** Gives the events waiting longest to a run, up to `limit`. Answers how many. */
  takeEvents(sync: SyncName, run: RunId, limit: number): Promise<number>;
  /** The delivery that brought the event of a run that waited longest; null when none did. */
  deliveryOf(run: RunId): Promise<string | null>;
  /** Records of one CRM named by the events of a run and belonging to `account`, by id from `after` on. */
  eventRecords(
    run: RunId,
    crm: Crm,
    account: string,
    after: RecordId,
    limit: number,
  ): Promise<readonly RecordId[]>;
  /** Of the records of one CRM named by the events of a run, those that have changed, or of which a link did. */
  namedChanged(sync: SyncName, run: RunId, crm: Crm, limit: number): Promise<readonly RecordId[]>;
  /** The events of a run have been dealt with. */
  settleEvents(run: RunId, now: EpochMs): Promise<void>;
  /** A run ended before it had dealt with its events: they wait for the next. */
  releaseEvents(run: RunId): Promise<void>;
  /** Null when the last run of events went well, or there was none. */
  eventTrouble(sync: SyncName): Promise<EventTrouble | null>;
  /** Null: all is well again. */
  noteEventTrouble(sync: SyncName, trouble: EventTrouble | null): Promise<void>;
  /** Forgets events received before this moment. Answers how many. */
  pruneEvents(before: EpochMs): Promise<number>;
  /** The account each CRM of these syncs was found to be by the last run since then that asked; nothing where none did. */
  knownAccounts(syncs: readonly SyncName[], since: EpochMs): Promise<readonly KnownAccount[]>;
}
