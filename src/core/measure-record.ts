/** What the metrics are computed from: one opportunity with its verdict and what was seen to change on it. */
import type { Period } from './calendar.ts';
import type { Crm, DecimalText, EpochMs, PlainDate, RecordId } from './ids.ts';
import type { EngagementState, Outcome, Phase, Status, Verdict } from './verdict.ts';

export type HistoryField = 'stage' | 'amount' | 'closeDate' | 'status';

/**
 * One observed change. Values are canonical: a stage key, a decimal text, a calendar day, or a standing
 * ({@link standingOf}); null = blank. `at` is the CRM's change stamp, or the moment of the run that saw it.
 */
export interface HistoryEntry {
  readonly at: EpochMs;
  readonly field: HistoryField;
  readonly from: string | null;
  readonly to: string | null;
  /** Written by oppsync: it is part of the way, and no move of anybody. Absent: counted like any other. */
  readonly own?: boolean;
  /** From the CRM's own history of the time before the record was watched. */
  readonly told?: boolean;
}

/** One opportunity, as metrics see it. Never two for one pair: see {@link ./measure-counted.ts}. */
export interface MeasuredRecord {
  readonly crm: Crm;
  readonly id: RecordId;
  readonly name: string;
  readonly pipeline: string | null;
  /** Stage key, as {@link StageFact} is looked up by. */
  readonly stage: string | null;
  readonly owner: string | null;
  readonly account: string | null;
  readonly amount: DecimalText | null;
  /** ISO 4217; null when neither the record nor its account names one. */
  readonly currency: string | null;
  /** 0..1 */
  readonly probability: number | null;
  readonly createdAt: EpochMs | PlainDate | null;
  /** Open: the day the team expects. Closed: the day the team says it closed. */
  readonly closeDate: PlainDate | null;
  /** The moment of closing, where the CRM keeps one. */
  readonly closedAt: EpochMs | null;
  /** When it entered the stage it is in, where the CRM keeps that. */
  readonly stageChangedAt: EpochMs | null;
  readonly status: Status;
  readonly outcome: Outcome | null;
  readonly phase: Phase | null;
  readonly engagement: EngagementState;
  readonly completeness: Verdict['completeness'];
  readonly lastContactAt: EpochMs | null;
  readonly nextStep: string | null;
  /** Why it was won or lost, in the team's words. */
  readonly reason: string | null;
  /** Whether the customer was asked for a reference; null = not evidenced. */
  readonly referenceAsked: boolean | null;
  /** From when on every change was seen; null when the history is not known to be complete from any moment. */
  readonly observedSince: EpochMs | null;
  /** Earliest first. */
  readonly history: readonly HistoryEntry[];
  /** How the record of the other CRM compares; null = not paired. Made by {@link ./measure-agreement.ts}. */
  readonly counterpart: Agreement | null;
}

export interface Agreement {
  /** Same standing, amount, currency and close date. */
  readonly agrees: boolean;
  /** For each observed change that reached the other CRM: how long it took. */
  readonly secondsToAgreement: readonly number[];
}

/** One stage of a pipeline, as far as metrics need it. */
export interface StageFact {
  readonly key: string;
  readonly label: string;
  readonly pipeline: string | null;
  /** Position in its pipeline. */
  readonly order: number;
  /** null = the CRM does not say. */
  readonly closed: boolean | null;
  readonly won: boolean | null;
  readonly probability: number | null;
}

/** Stages per CRM by key. */
export type StageBook = ReadonlyMap<Crm, ReadonlyMap<string, StageFact>>;

/** Where a stage stands in its pipeline, and whether it is closed: all that counting moves needs. */
export type StagePlace = Pick<StageFact, 'pipeline' | 'order' | 'closed'>;
export type StagePlaces = ReadonlyMap<Crm, ReadonlyMap<string, StagePlace>>;

export interface MeasureContext {
  /** The day everything is told as of; ages end here. */
  readonly asOf: PlainDate;
  /** The day the records were read: the day their values are true of. */
  readonly present: PlainDate;
  /** IANA zone in which days begin. */
  readonly timeZone: string;
  readonly period: Period;
  readonly stages: StageBook;
  /** An open opportunity without two-way contact for more whole days than this is stale. */
  readonly staleAfterDays: number;
  /** The quota of each scope for the period, in the scope's currency; null = not given. */
  readonly quota: DecimalText | null;
}

/** Status and outcome as one word: `active`, `unknown`, `closed`, `closed/won`, `closed/lost`, `closed/cancelled`. */
export function standingOf({
  status,
  outcome,
}: {
  readonly status: Status;
  readonly outcome: Outcome | null;
}): string {
  return outcome === null ? status : STANDINGS[status][outcome];
}

const STANDINGS: Readonly<Record<Status, Readonly<Record<Outcome, string>>>> = {
  active: outcomesOf('active'),
  closed: outcomesOf('closed'),
  unknown: outcomesOf('unknown'),
};

function outcomesOf(status: Status): Readonly<Record<Outcome, string>> {
  return { won: `${status}/won`, lost: `${status}/lost`, cancelled: `${status}/cancelled` };
}

/** Does the standing mean closed, whatever the outcome? */
export function isClosedStanding(standing: string | null): boolean {
  return standing?.startsWith('closed') === true;
}

/** The changes of one field, earliest first. */
export function changesOf(
  record: Pick<MeasuredRecord, 'history'>,
  field: HistoryField,
): readonly HistoryEntry[] {
  return record.history.length === 0 ? [] : record.history.filter((entry) => entry.field === field);
}

export function stageOf<Place extends StagePlace>(
  stages: ReadonlyMap<Crm, ReadonlyMap<string, Place>>,
  crm: Crm,
  key: string | null,
): Place | null {
  return key === null ? null : (stages.get(crm)?.get(key) ?? null);
}
