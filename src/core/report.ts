import type { NotedFault } from './errors.ts';
import type { Crm, EpochMs, PairKey, RecordId, RecordRef, RunId, SyncName } from './ids.ts';
import type { LostEdits } from './lost-edits.ts';
import type { Fields, Value } from './opportunity.ts';
import type { Note } from './reconcile-notes.ts';
import type { Verdict } from './verdict.ts';

/** Exactly one per record and run; where several fit, the first of this list (design section 2). */
export const OUTCOMES = [
  'quarantined',
  'conflict',
  'held',
  'changed',
  'unpaired',
  'excluded',
  'in_sync',
] as const;
export type RecordOutcome = (typeof OUTCOMES)[number];

/**
 * `undo` plans to take an earlier run back; like `plan` it writes nothing. `pair` reads and pairs, and plans nothing.
 * `events` is a `sync` of the records that events name, and of nothing else.
 */
export type RunMode = 'plan' | 'apply' | 'sync' | 'demo' | 'undo' | 'pair' | 'events';

export interface BrakeTrip {
  /** Stable name, for example `first_run`. */
  readonly brake: string;
  /** One sentence: what was about to happen and which limit it crosses. */
  readonly message: string;
  readonly remedy: string;
  /** The numbers of the message, for other languages. */
  readonly params?: Readonly<Record<string, string | number>>;
}

/** What `plan`, `apply`, `sync` and `demo` print with `--json` (design section 10). */
export interface RunReport {
  readonly run: RunId;
  readonly sync: SyncName;
  readonly mode: RunMode;
  readonly read: Readonly<Record<Crm, number>>;
  readonly pairs: {
    readonly linked: number;
    readonly adopted: number;
    readonly certain: number;
    readonly ask: number;
    readonly ambiguous: number;
    readonly orphans: Readonly<Record<Crm, number>>;
  };
  /** Per record read. */
  readonly verdicts: {
    readonly active: number;
    readonly won: number;
    readonly lost: number;
    readonly cancelled: number;
    readonly unknown: number;
  };
  readonly outcomes: Readonly<Record<RecordOutcome, number>>;
  readonly writes: Readonly<
    Record<Crm, { readonly update: number; readonly create: number; readonly failed: number }>
  >;
  readonly calls: Readonly<Record<Crm, number>>;
  readonly brakes: readonly BrakeTrip[];
  /** `changes` of fields of records that are there; `creates` per CRM the records to be made. */
  readonly plan: {
    readonly digest: string;
    readonly changes: number;
    readonly creates?: Readonly<Record<Crm, number>>;
    /** Accounts whose roll-ups are to be written, per CRM; absent where none are kept. */
    readonly rollups?: Readonly<Record<Crm, number>>;
  } | null;
  readonly duration_ms: number;
  /** Edits that writes of this run replaced without having seen them; absent when there were none. `undo` restores them. */
  readonly lostEdits?: LostEdits;
  /** Nothing is left to do but what waits for a person. */
  readonly converged: boolean;
  /** Permissions and fields that are missing in a CRM, each with its remedy. */
  readonly problems: readonly AccountProblem[];
  /** What the last reading of activities, contracts, quotes and payments took, and what this user may not see of them. */
  readonly evidence?: Readonly<Record<Crm, EvidenceReading>>;
  /** What the CRMs remember of the time before the first run, in the run that read it. */
  readonly history?: Readonly<Record<Crm, HistoryReading>>;
  /** What became of the roll-ups in accounts, per CRM in which they are kept; apart from `outcomes` and `writes`. */
  readonly rollups?: Readonly<Record<Crm, RollupReport>>;
  /** Why records need attention, most frequent first: one sentence with a count and an example. */
  readonly attention: readonly Attention[];
}

export interface EvidenceReading {
  readonly calls: number;
  /** `what`: the kind of object as the CRM calls it; what it would prove is not evidenced, which is never "no". */
  readonly refused: readonly {
    readonly what: string | null;
    readonly message: string;
    readonly remedy: string;
  }[];
}

export interface HistoryReading {
  /** Records it was asked for, and moves of stage, close date and amount that were told. */
  readonly records: number;
  readonly moves: number;
  /** This user may not see it: counts begin with the first run. */
  readonly refused: boolean;
}

/** `in_sync`, `written`, `failed` and `waiting` add up to `accounts`. */
export interface RollupReport {
  /** Accounts (companies) with opportunities, and those that still held a roll-up. */
  readonly accounts: number;
  readonly in_sync: number;
  readonly written: number;
  readonly failed: number;
  /** To be written, or left to the next run. */
  readonly waiting: number;
  /** Of all these, accounts whose amounts are left blank: several currencies, or one without a rate. */
  readonly withheld: number;
  readonly problems: readonly RollupRemark[];
}

/** Why something is not as it should be. */
export interface RollupRemark {
  readonly message: string;
  readonly remedy: string;
  /** Accounts it is about; 0 = all. */
  readonly count: number;
  /** Id of one of them. */
  readonly example: RecordId | null;
  /** Name of the sentence, with what fills it. */
  readonly says?: string;
  readonly params?: Readonly<Record<string, string>>;
}

export interface AccountProblem {
  readonly crm: Crm;
  readonly field: string | null;
  readonly message: string;
  readonly remedy: string;
  /** Name of the sentence, with what fills it. */
  readonly says?: string;
  readonly params?: Readonly<Record<string, string>>;
}

export interface Attention {
  readonly outcome: RecordOutcome;
  readonly cause: string;
  readonly remedy: string;
  /** Stable name of the cause, with what its sentence is filled with. */
  readonly code?: string;
  /** Name of the sentence where the cause does not name it. */
  readonly says?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly count: number;
  readonly example: RecordRef;
}

/** One planned change of one field of one record, as `plan` prints it. */
export interface PlannedChange {
  readonly crm: Crm;
  readonly id: RecordId;
  readonly name: string;
  readonly pairKey: PairKey | null;
  readonly field: string;
  readonly owned: boolean;
  readonly before: Value;
  readonly after: Value;
  /** Stable reason, for example `copied`, `initial`, `status`. */
  readonly reason: string;
  /** One sentence why. */
  readonly sentence: string;
  /** Of a record to be made (reason `created`, empty `id`): whose counterpart it is, and every value it gets. */
  readonly creation?: { readonly source: RecordRef; readonly fields: Fields; readonly owned: Fields };
}

export interface PlanView {
  readonly digest: string;
  readonly sync: SyncName;
  readonly run: RunId;
  readonly state: 'open' | 'applied' | 'superseded' | 'expired';
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs;
  readonly records: Readonly<Record<Crm, number>>;
  readonly changes: number;
  /** Counterparts to be made, per CRM. */
  readonly creates?: Readonly<Record<Crm, number>>;
  /** Accounts whose roll-ups are to be written, per CRM. */
  readonly rollups?: Readonly<Record<Crm, number>>;
  readonly predictedCalls: Readonly<Record<Crm, number>>;
  /** Changes by reason and field. */
  readonly byReason: readonly {
    readonly reason: string;
    readonly field: string;
    readonly crm: Crm;
    readonly count: number;
  }[];
}

export interface RunSummary {
  readonly run: RunId;
  readonly sync: SyncName;
  readonly mode: RunMode;
  readonly state: 'running' | 'done' | 'parked' | 'failed' | 'interrupted';
  readonly startedAt: EpochMs;
  readonly finishedAt: EpochMs | null;
  readonly by: string;
  readonly report: RunReport | null;
  /** Why it failed, or rests. */
  readonly error: string | null;
  /** What to do about that; null when nothing is known to help. */
  readonly remedy: string | null;
  /** The same as it was noted, with what its translation needs; absent where only a sentence was kept. */
  readonly fault?: NotedFault;
  /** Of a running one that waits for a CRM to allow calls again: which, and until when. */
  readonly rests?: { readonly crm: Crm; readonly until: EpochMs };
}

export interface VerdictChange {
  readonly at: EpochMs;
  readonly run: RunId;
  readonly from: string;
  readonly to: string;
  /** The step of the proof that decided, for example `crm-flags` or `consulting/completeness`; null when none did. */
  readonly cause: string | null;
}

export interface Explanation {
  readonly ref: RecordRef;
  readonly name: string;
  readonly url: string | null;
  readonly sentence: string;
  readonly verdict: Verdict;
  readonly pair: {
    readonly key: PairKey;
    readonly how: string;
    readonly since: EpochMs;
    readonly counterpart: RecordRef;
  } | null;
  readonly outcome: RecordOutcome | null;
  readonly notes: readonly string[];
  /** The same in parts, with the stable name of each cause and what its sentence is filled with. */
  readonly causes?: readonly Note[];
  /** Kinds of objects that could prove something about it and may not be read, per CRM. */
  readonly notEvidenced: readonly { readonly crm: Crm; readonly kinds: readonly string[] }[];
  /** How its verdict changed, earliest first; standings as `active/paused`, `closed/won`. */
  readonly history: readonly VerdictChange[];
  /** How often it went from closed back to active. */
  readonly reopened: number;
  readonly fields: readonly {
    readonly field: string;
    readonly base: Value | undefined;
    readonly values: Readonly<Record<Crm, Value | undefined>>;
  }[];
  readonly journal: readonly {
    readonly run: RunId;
    readonly at: EpochMs;
    readonly crm: Crm;
    readonly field: string;
    readonly before: Value;
    readonly after: Value;
    readonly sentence: string;
  }[];
}

/** Progress of a run, for a bar on stderr. */
export interface RunProgress {
  readonly phase: string;
  readonly done: number;
  readonly total: number | null;
  /** Calls to each CRM so far; those under way in other processes come in when their task ends. */
  readonly calls?: Readonly<Record<Crm, number>>;
}
