import type { EpochMs } from './ids.ts';

export type Status = 'active' | 'closed' | 'unknown';
export type Outcome = 'won' | 'lost' | 'cancelled';
export type Phase =
  | 'prospecting'
  | 'qualifying'
  | 'meeting'
  | 'proposing'
  | 'negotiating'
  | 'committing'
  | 'finalising'
  | 'paused';
export type EngagementState = 'engaged' | 'quiet' | 'stale' | 'unknown';

/** One step of the proof: which evidence was looked at, which rule, what it decided (or that it was set aside). */
export interface Because {
  /** The evidence with its value, for example `isClosed=true`. */
  readonly evidence: string;
  /** Id of the rule, for example `crm-flags`. */
  readonly rule: string;
  /** What this step decided, for example `closed/won`; null when it only was looked at. */
  readonly decided: string | null;
}

/** Result of classification (design section 6). */
export interface Verdict {
  readonly status: Status;
  /** Null unless status is `closed`. */
  readonly outcome: Outcome | null;
  /** Null unless status is `active`. */
  readonly phase: Phase | null;
  readonly engagement: {
    readonly state: EngagementState;
    readonly last: EpochMs | null;
    readonly days: number | null;
  };
  /** Of a won one: true, false, or null = not evidenced. */
  readonly completeness: {
    readonly accepted: boolean | null;
    readonly contract: boolean | null;
    readonly finance: boolean | null;
  };
  /** Contradictions and remarks, sorted, for example `won_flag_on_open_stage`. */
  readonly flags: readonly string[];
  readonly because: readonly Because[];
}
