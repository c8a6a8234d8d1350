/** What the commands, the console and the worker entry points may ask of a composed oppsync. Types only. */

import type { AccountFacts, StageInfo } from './core/account-facts.ts';
import type { PlanProblem } from './core/brakes.ts';
import type { NotedFault } from './core/errors.ts';
import type { Crm, EpochMs, RecordRef, RunId, SyncName } from './core/ids.ts';
import type { EventTrouble } from './core/inbox-port.ts';
import type { MetricsDocument } from './core/measure-portfolio.ts';
import type { MetricsQuery } from './core/measure-query.ts';
import type { DecidedPairs, PairingReport } from './core/pairing-report.ts';
import type { Log } from './core/ports.ts';
import type { ProvisionReport } from './core/provision-port.ts';
import type { Job } from './core/queue-port.ts';
import type {
  Explanation,
  PlannedChange,
  PlanView,
  RunProgress,
  RunReport,
  RunSummary,
} from './core/report.ts';
import type { NightlyRun, ScheduleTrouble } from './core/schedule.ts';
import type { Locale } from './core/sentence-locale.ts';
import type { SyncSettings } from './core/settings.ts';
import type { StageAdvice } from './core/stage-advice.ts';
import type { TrustApp } from './core/trust-requests.ts';
import type { Verdict } from './core/verdict.ts';

/** What a process that has begun to serve tells of itself. */
export interface ServeFacts {
  readonly webPort: number | null;
  /** Where CRMs may tell of changes, as they have to call it; secrets are left out. Empty when no connection has one. */
  readonly webhooks: readonly string[];
}

export interface RunOptions {
  /** The person or process that asked. */
  readonly by: string;
  /** Read everything instead of what changed. */
  readonly full?: boolean;
  /** Try writes again that a CRM refused before. */
  readonly retryRefused?: boolean;
  readonly onProgress?: (progress: RunProgress) => void;
  readonly signal?: AbortSignal;
}

export interface ScheduleStatus {
  readonly cron: string;
  readonly timeZone: string;
  /** Epoch ms, with the sync's jitter. */
  readonly next: number;
  readonly paused: { readonly by: string; readonly at: number } | null;
  /** Somebody asked for the run and no scheduler has started it yet. */
  readonly asked: { readonly by: string; readonly at: number } | null;
  /** End of the last good nightly run, or of another complete one; null = none yet. */
  readonly lastGood: number | null;
  /** The last complete run, however it ended; null = none yet. */
  readonly lastRun: NightlyRun | null;
  /** Why the run that was due could not be started; null when the last one could. */
  readonly trouble: ScheduleTrouble | null;
  /** The last good one is older than the limit of the configuration. */
  readonly overdue: boolean;
  /** A scheduler has looked after it lately. */
  readonly watched: boolean;
}

/** How the change events that a CRM keeps are followed for a sync. */
export interface ChangeEventsStatus {
  readonly crm: Crm;
  /** `silent`: the CRM should have sent a sign of life by now, or nobody follows; `starting`: never followed yet. */
  readonly state: 'following' | 'waiting' | 'silent' | 'starting';
  /** Why it waits. */
  readonly trouble: string | null;
  /** The same as it was noted, with what its translation needs. */
  readonly fault?: NotedFault | null;
  /** When the CRM last sent anything; epoch ms. */
  readonly heardAt: number | null;
  /** When the last event came, and how long after the change itself; ms. */
  readonly eventAt: number | null;
  readonly lagMs: number | null;
  /** Something was missed since then, and is still to be read again; epoch ms. */
  readonly missingSince: number | null;
}

export type ScheduleOrder = 'pause' | 'resume' | 'now';

export interface SyncStatus {
  readonly sync: SyncName;
  readonly records: Readonly<Record<Crm, number>>;
  readonly pairs: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly conflicts: number;
  readonly quarantined: number;
  readonly lastRun: RunSummary | null;
  readonly lastGood: RunSummary | null;
  readonly openPlan: PlanView | null;
  /** What holds the open plan; empty when nothing but nobody having carried it out. */
  readonly brakes: readonly PlanProblem[];
  /** When the nightly run is planned, and where it stands; null when it is switched off. */
  readonly schedule: ScheduleStatus | null;
  /** What the CRMs told of changes and no run has taken yet. */
  readonly events: {
    readonly waiting: number;
    /** When the one that waits longest came in. */
    readonly since: EpochMs | null;
    /** Runs of events failed in a row; null when the last one went well. */
    readonly failing: EventTrouble | null;
    /** Why they have to wait for a person: nobody ever approved a plan, or the plan of a run of events waits. */
    readonly held: 'unapproved' | 'parked' | null;
    /** As many wait as may: further deliveries are put off. */
    readonly full: boolean;
    /** When what changed was last read because webhooks could not be believed; null = not within an hour. */
    readonly refused: EpochMs | null;
    /** Nothing holds them, and yet nobody takes them. */
    readonly stuck: boolean;
  };
  /** null when no connection of the sync asks for them. */
  readonly changeEvents: ChangeEventsStatus | null;
}

/** Shipped profiles side by side on the same records, each record counted once, and one that they see differently. */
export interface ProfileComparison {
  readonly profiles: readonly {
    readonly name: string;
    readonly describe: string;
    readonly counts: Readonly<Record<'active' | 'won' | 'lost' | 'cancelled' | 'unknown', number>>;
  }[];
  readonly example: {
    readonly ref: RecordRef;
    readonly name: string;
    readonly verdicts: readonly {
      readonly profile: string;
      readonly verdict: Verdict;
      readonly sentence: string;
    }[];
  } | null;
}

/** What every stage is taken for, and the stages themselves, side by side. */
export interface StageReport {
  readonly stages: readonly StageAdvice[];
  readonly sides: readonly { readonly crm: Crm; readonly stages: readonly StageInfo[] }[];
}

export type Role = 'web' | 'workers' | 'scheduler';

export interface App extends TrustApp {
  readonly log: Log;
  readonly syncs: readonly SyncSettings[];
  /** Pull, classify, pair, reconcile, plan; `sync` also checks and applies. Resolves when the run has ended. */
  run(sync: SyncName, mode: 'plan' | 'sync', options: RunOptions): Promise<RunReport>;
  /** Applies the open plan of that digest. Throws OppsyncError `refuse` when there is none. */
  apply(sync: SyncName, digest: string, options: RunOptions): Promise<RunReport>;
  /** Plans to take a run back; `apply` carries it out. Throws OppsyncError `refuse` when the run wrote nothing. */
  undo(sync: SyncName, run: RunId, options: RunOptions): Promise<RunReport>;
  plan(sync: SyncName, digest?: string): Promise<PlanView | null>;
  /** Changes of a plan grouped by reason, then CRM and record. */
  planChanges(sync: SyncName, digest: string, locale?: Locale): AsyncIterable<PlannedChange>;
  status(sync: SyncName): Promise<SyncStatus>;
  /** Pauses or resumes the nightly run, or asks for it now. Answers where it stands; null when it is switched off. */
  orderSchedule(sync: SyncName, order: ScheduleOrder, by: string): Promise<ScheduleStatus | null>;
  runs(sync: SyncName, limit: number): Promise<readonly RunSummary[]>;
  runReport(run: RunId): Promise<RunSummary | null>;
  /** By CRM id (15 or 18 characters for Salesforce) or pair key; several when an id exists in both CRMs; empty when unknown. */
  explain(sync: SyncName, id: string, locale?: Locale): Promise<readonly Explanation[]>;
  /** Reads both CRMs and pairs; judges, plans and writes nothing. */
  readAndPair(sync: SyncName, options: RunOptions): Promise<void>;
  /** Pairs made, proposed and kept apart, duplicates and records without a counterpart, as last read. */
  pairing(sync: SyncName): Promise<PairingReport>;
  /** Decides about records two by two (ids of both CRMs in any order), or about all proposals of a band. */
  decidePairs(
    sync: SyncName,
    decision: 'accepted' | 'rejected' | 'apart',
    ids: readonly string[] | { readonly band: string },
    by: string,
  ): Promise<DecidedPairs>;
  /** Takes decisions back: those about records two by two, or all of one batch. */
  undoPairs(sync: SyncName, ids: readonly string[], by: string): Promise<DecidedPairs>;
  /** Reads both accounts' facts and their problems, without touching state. */
  facts(sync: SyncName): Promise<Readonly<Record<Crm, AccountFacts>>>;
  /** What the stored records amount to; each pair is counted once, as the sync's first CRM has it. */
  metrics(sync: SyncName, query: MetricsQuery): Promise<MetricsDocument>;
  /** What each shipped profile makes of the records as they were last read. */
  compareProfiles(sync: SyncName, locale?: Locale): Promise<ProfileComparison>;
  /** Every stage of both CRMs, with records counted from the state, or from the CRM when it was never read. */
  stages(sync: SyncName): Promise<StageReport>;
  /** The fields oppsync owns in each CRM: as they are, or with `make` after creating what is missing. */
  provision(sync: SyncName, make: boolean): Promise<readonly ProvisionReport[]>;
  /** Applies pending migrations and answers their names. */
  migrate(): Promise<readonly string[]>;
  /**
   * Runs the given roles until the signal aborts, then drains and lets go of the queue: once, and nothing can be started after
   * that. `webPort` null when the web role is not asked for.
   */
  serve(
    roles: readonly Role[],
    signal: AbortSignal,
    started: (facts: ServeFacts) => void,
    /** Queues to work on with the role `workers`; absent = all. */
    queues?: readonly Job['queue'][],
  ): Promise<void>;
  close(): Promise<void>;
}
