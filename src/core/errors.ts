import type { Crm, RecordId } from './ids.ts';
import type { PlacedFault } from './rule-faults.ts';

/**
 * What the caller should do about an error:
 * - `retry`: passing fault, try again with back-off. - `wait`: a limit, try again after `retryAfterMs`.
 * - `unknown`: sent, but no answer: read back before anything else. - `skip`: this record only (quarantine).
 * - `gone`: the record does not exist there any more. - `stop`: stop this sync (credentials, permission, exhausted quota).
 * - `fix`: the configuration or the command line is wrong. - `refuse`: a brake or a safety rule says no.
 */
export type Recovery = 'retry' | 'wait' | 'unknown' | 'skip' | 'gone' | 'stop' | 'fix' | 'refuse';

export interface ErrorDetails {
  readonly recovery: Recovery;
  /** The vendor's or our own stable code, for example `INVALID_SESSION_ID` or `config.yaml`. */
  readonly code: string;
  /** One clear sentence: the record, the cause. */
  readonly message: string;
  /** One clear sentence: what to do. */
  readonly remedy: string;
  readonly crm?: Crm;
  readonly record?: RecordId;
  /** Canonical or native field the error is about. */
  readonly field?: string;
  /** Stable name of the sentence for other languages; where it is absent, the code names it. */
  readonly says?: string;
  /** What fills the sentence. */
  readonly params?: Readonly<Record<string, string>>;
  /** What is wrong in a rule file, each with its place; the message tells them all. */
  readonly faults?: readonly PlacedFault[];
  readonly retryAfterMs?: number;
  /** With an allowance that is used up: when there will be more. */
  readonly resumesAt?: number;
  /** True when the fault is that a CRM or database could not be reached (exit code 4). */
  readonly unreachable?: boolean;
  readonly cause?: unknown;
}

/** What is kept of an error to be told later, in whatever language. */
export type NotedFault = Pick<ErrorDetails, 'code' | 'message' | 'remedy' | 'says' | 'params'>;

export function noted({ code, message, remedy, says, params }: NotedFault): NotedFault {
  return {
    ...{ code, message, remedy },
    ...(says === undefined ? {} : { says }),
    ...(params === undefined ? {} : { params }),
  };
}

/** The only error class that crosses module borders. Vendor errors are translated into it once, at the edge. */
export class OppsyncError extends Error {
  override readonly name = 'OppsyncError';
  readonly details: ErrorDetails;

  constructor(details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.details = details;
  }

  get recovery(): Recovery {
    return this.details.recovery;
  }
}

/** What to do about any thrown thing: its own advice when it has one, `null` (a fault of ours) otherwise. */
export function recoveryOf(error: unknown): Recovery | null {
  return error instanceof OppsyncError ? error.recovery : null;
}
