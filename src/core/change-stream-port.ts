/** Events a CRM keeps in order for whoever comes for them, and where that was last stored. Types only. */
import type { NotedFault } from './errors.ts';
import type { RecordEvent } from './event-port.ts';
import type { Crm, EpochMs, SyncName } from './ids.ts';

/**
 * Why it is not known which records changed, so that everything changed lately has to be read: `started` from now on with no
 * place to go on from, `lost` that place (too old, or not understood any more), `overflow` (the CRM gave up naming
 * records), `unreadable` (an event that cannot be understood).
 */
export type StreamGap = 'started' | 'lost' | 'overflow' | 'unreadable';

export interface StreamBatch {
  /** What can be told of changed records; hints as those of webhooks. */
  readonly events: readonly RecordEvent[];
  /** The place after this batch, in the CRM's own opaque bytes; null when it did not tell. */
  readonly position: Uint8Array | null;
  readonly gap: StreamGap | null;
}

/** Code of the error that says the place to go on from is not known to the CRM any more. */
export const POSITION_LOST = 'stream.position_lost';

/** The changes of one connection. */
export interface ChangeStream {
  readonly crm: Crm;
  /** The CRM account it belongs to, as `AccountFacts.accountId`: a place in the stream of another means nothing. */
  account(signal: AbortSignal): Promise<string>;
  /**
   * Batches after `from`; null = whatever happens from now on. More is asked of the CRM only when the next batch is asked
   * for, so that whoever takes long is sent no more than one batch ahead. Ends when the CRM ends it.
   * `asked` is called each time the CRM has let us in and been asked for more: it may be silent for minutes from there on.
   * Throws OppsyncError: `retry` or `wait`, `fix` where a person has to do something, code {@link POSITION_LOST}.
   */
  follow(from: Uint8Array | null, signal: AbortSignal, asked?: () => void): AsyncIterable<StreamBatch>;
  /** Lets go of the connection. */
  close(): void;
}

/** How the following of a stream goes. `waiting`: it was refused or cut, and is tried again. */
export type StreamState = 'following' | 'waiting';

/** What is stored of one stream for one sync. */
export interface StreamRow {
  readonly sync: SyncName;
  readonly crm: Crm;
  readonly account: string;
  readonly position: Uint8Array | null;
  /** When the position was stored. */
  readonly movedAt: EpochMs;
  readonly state: StreamState;
  /** One sentence: why it waits. */
  readonly trouble: string | null;
  /** The same as it was noted, with what its translation needs. */
  readonly fault: NotedFault | null;
  /** When the CRM last sent anything, be it that there is nothing. */
  readonly heardAt: EpochMs | null;
  /** When the last event came, and how long after its change by the CRM's clock, ms. */
  readonly eventAt: EpochMs | null;
  readonly lagMs: number | null;
  /** Since when, and why, everything changed lately is to be read; null = nothing is missing. */
  readonly gapAt: EpochMs | null;
  readonly gap: StreamGap | null;
}

/** Whose stream, and for which syncs. */
export interface StreamOf {
  readonly crm: Crm;
  readonly account: string;
  readonly syncs: readonly SyncName[];
}

export interface StreamStore {
  load(crm: Crm, syncs: readonly SyncName[]): Promise<readonly StreamRow[]>;
  /** From now on the stream is followed from this place; these syncs lack what happened before. */
  join(of: StreamOf, position: Uint8Array | null, behind: readonly SyncName[], now: EpochMs): Promise<void>;
  /** The place is worth nothing any more: forgotten, and marked as a gap, at once. */
  lose(of: StreamOf, now: EpochMs): Promise<void>;
  /**
   * Events, place and gap in one transaction. The first place after none is a gap up to now: what happened between asking
   * and being heard may have been neither read nor told. Answers how many events were new.
   */
  take(of: StreamOf, batch: StreamBatch, now: EpochMs): Promise<number>;
  say(
    of: Omit<StreamOf, 'account'>,
    state: StreamState,
    trouble: string | null,
    fault: NotedFault | null,
  ): Promise<void>;
  /** A reading that began at `readFrom` has brought in all there was: gaps up to then are closed. */
  closeGap(sync: SyncName, crm: Crm, readFrom: EpochMs): Promise<void>;
}
