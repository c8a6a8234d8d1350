import type { StageInfo } from '../core/account-facts.ts';
import type { Connector } from '../core/connector-port.ts';
import type { Crm, SyncName } from '../core/ids.ts';
import type { Evidence } from '../core/opportunity.ts';
import type { Clock, Log, Randomness, Sleep } from '../core/ports.ts';
import type { Queue } from '../core/queue-port.ts';
import type { RateTable } from '../core/rates.ts';
import type { SyncSettings } from '../core/settings.ts';
import type { Store } from '../core/store-port.ts';
import type { Tracing } from '../core/tracing-port.ts';
import type { Verdict } from '../core/verdict.ts';

/** Decides active or closed by the rules of one profile. Pure once made. */
export interface Classifier {
  /** `language` is that of the stage's name. Throws OppsyncError `skip` when a rule fails at run time. */
  classify(crm: Crm, evidence: Evidence, now: number, language?: string | null): Verdict;
  /** Language of each stage's name, by stage key: as configured, or detected per pipeline; null = not known. */
  languagesOf(crm: Crm, stages: readonly StageInfo[]): ReadonlyMap<string, string | null>;
  /** At most 255 characters; does not change with the clock alone. */
  reasonText(verdict: Verdict): string;
}

/** One sync with everything needed to run it. */
export interface SyncRuntime {
  readonly settings: SyncSettings;
  /** Changes when any setting that can change a decision does. */
  readonly settingsDigest: string;
  readonly connectors: Readonly<Record<Crm, Connector>>;
  readonly classifier: Classifier;
  /** Converts the amounts of roll-ups; absent = amounts of several currencies are not added up. */
  readonly rates?: RateTable;
}

/** All the engine touches of the world. Everything else it decides by itself. */
export interface EngineDeps {
  readonly store: Store;
  readonly queue: Queue;
  readonly syncs: ReadonlyMap<SyncName, SyncRuntime>;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: Randomness;
  readonly log: Log;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing;
  /**
   * Waits for the database's answer, but no longer than others should wait for the job it is about: throws
   * `database.unreachable`. Absent: waits for as long as it takes.
   */
  reach?<T>(answer: Promise<T>): Promise<T>;
}
