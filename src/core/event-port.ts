/** What a CRM tells by itself, and how it is answered. Types only; each CRM's reader is `events.ts` in its folder. */
import type { Crm, EpochMs, RecordId, SyncName } from './ids.ts';

/** `linked`: an association of the record changed. */
export type EventKind = 'created' | 'changed' | 'deleted' | 'restored' | 'merged' | 'linked';

/** A hint that a record is worth reading again. It names the record and never carries a value. */
export interface RecordEvent {
  readonly id: RecordId;
  readonly kind: EventKind;
  /** Equal for every delivery of the same happening, different for any other of this CRM. */
  readonly key: string;
  /** The CRM account it happened in, as `AccountFacts.accountId`. */
  readonly account: string;
  /** When it happened by the CRM's clock; null when it does not say. */
  readonly at: EpochMs | null;
}

/** A request as it came, nothing of it decoded. */
export interface EventRequest {
  readonly method: string;
  /** The whole address as the sender knows it: our public address, then path and query exactly as sent. */
  readonly url: string;
  /** The part of the path after the CRM's name; null when there is none. */
  readonly secret: string | null;
  /** By lower-case name, every value in the order sent. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: Uint8Array;
}

/** `unknown`: not meant for this account; `forged`: its signature does not prove who sent it. */
export type EventFault = 'unknown' | 'forged' | 'malformed' | 'too_large';

export type EventReading =
  | {
      readonly ok: true;
      readonly events: readonly RecordEvent[];
      /** Events of other accounts than the connection's: proved, and left out. */
      readonly others: number;
    }
  | EventRefusal;

/** Why a delivery is not taken, and what to do where somebody is to blame: both for the log, without anything that was sent. */
export interface EventRefusal {
  readonly ok: false;
  readonly fault: EventFault;
  readonly reason: string;
  readonly remedy: string;
}

/** What became of a delivery. `unavailable`: the database could not take it; `busy`: more wait than may. */
export type Reception = 'stored' | 'unavailable' | 'busy' | EventFault;

export interface EventAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** How the deliveries of one CRM are taken, whatever the connection. */
export interface EventProtocol {
  readonly crm: Crm;
  /** Deliveries go to an address that ends in a secret. */
  readonly secretInPath: boolean;
  /** Whether the CRM sends again what it is told is not proved; where it does not, a wrong secret loses events. */
  readonly repeatsUnproved: boolean;
  /** Larger bodies are refused unread. */
  readonly maxBytes: number;
  /**
   * Whom a delivery says it is for. Nothing proves it yet: it only chooses whose secrets are tried, so that a delivery costs
   * the same however many connections there are. A hundred at most, read without decoding the body.
   */
  addressees(request: EventRequest): readonly string[];
  /** Whether the CRM treats the answer as received decides what it does next: each CRM wants other answers. */
  answer(reception: Reception): EventAnswer;
}

/** Proves and reads the deliveries for one connection. Pure but for the cryptography. */
export interface EventReader {
  /** The addressees that mean this connection; absent, the id of the account it is known to belong to is the only one. */
  readonly names?: readonly string[];
  /** @param account the account known to belong to the connection; null before the first run: any is taken */
  read(request: EventRequest, now: EpochMs, account: string | null): EventReading;
}

/** Where the deliveries for one connection go. */
export interface EventInlet {
  readonly crm: Crm;
  readonly reader: EventReader;
  /** Syncs that read through this connection. */
  readonly syncs: readonly SyncName[];
}
