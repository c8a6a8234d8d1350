/** How long an opportunity stood in each stage, from its observed stage changes. */
import { dayOf, daysBetween } from './calendar.ts';
import type { EpochMs, PlainDate } from './ids.ts';
import {
  changesOf,
  type MeasureContext,
  type MeasuredRecord,
  type StagePlace,
  type StagePlaces,
  stageOf,
} from './measure-record.ts';

export interface StageTime {
  readonly stage: string;
  readonly label: string;
  readonly visits: number;
  /** Whole days of the last visit; null when its beginning is not known. */
  readonly latestDays: number | null;
  /** Whole days of all visits whose beginning is known, a reopened one's further visits included. */
  readonly cumulativeDays: number | null;
}

interface Visit {
  readonly stage: string;
  readonly from: EpochMs | PlainDate | null;
  readonly to: EpochMs | null;
}

/** The stages in the order they were stood in. Only the present one when no change was seen. */
export function stagePath(record: MeasuredRecord): readonly string[] {
  const changes = changesOf(record, 'stage');
  const first = changes[0];
  const path = first === undefined ? [record.stage] : [first.from, ...changes.map((entry) => entry.to)];
  return path.filter((stage) => stage !== null);
}

/** Whether every stage since its creation is known: changes were seen, or it was watched from the beginning. */
export function isPathKnown(record: MeasuredRecord): boolean {
  if (changesOf(record, 'stage').length > 0) return true;
  return record.observedSince !== null && record.createdAt !== null && isWatchedFromStart(record);
}

function isWatchedFromStart({ observedSince, createdAt }: MeasuredRecord): boolean {
  if (observedSince === null || createdAt === null) return false;
  return observedSince <= (typeof createdAt === 'string' ? Date.parse(createdAt) : createdAt);
}

/**
 * Time per stage, in whole days between calendar days (a visit that begins and ends on one day counts 0). The visit still
 * going on ends on the as-of day while the opportunity is open; a closed stage has no time. The beginning of the first
 * visit is the creation only when the record was watched since; otherwise it is not known, unless the CRM tells when the
 * present stage was entered. Source: HubSpot `hs_v2_latest_time_in_*`, `hs_v2_cumulative_time_in_*`.
 */
export function stageTimes(record: MeasuredRecord, context: MeasureContext): readonly StageTime[] {
  const times = new Map<string, { visits: number; latest: number | null; cumulative: number | null }>();
  for (const visit of visitsOf(record)) {
    const days = daysOf(visit, record, context);
    const known = times.get(visit.stage) ?? { visits: 0, latest: null, cumulative: null };
    times.set(visit.stage, {
      visits: known.visits + 1,
      latest: days,
      cumulative: days === null ? known.cumulative : (known.cumulative ?? 0) + days,
    });
  }
  return [...times].map(([stage, { visits, latest, cumulative }]) => ({
    stage,
    label: stageOf(context.stages, record.crm, stage)?.label ?? stage,
    visits,
    latestDays: latest,
    cumulativeDays: cumulative,
  }));
}

/** Moves to an earlier position of the same pipeline between open stages. A reopening is not one. Source: peers' "stage change direction = back". */
export function regressionsOf(
  record: Pick<MeasuredRecord, 'crm' | 'history'>,
  context: { readonly stages: StagePlaces },
): number {
  return openMoves(record, context).filter(
    ({ from, to }) => from.pipeline === to.pipeline && to.order < from.order,
  ).length;
}

/** Returns to an open stage that was left before: how often the path runs in a circle. */
export function loopsOf(record: MeasuredRecord, context: Pick<MeasureContext, 'stages'>): number {
  const seen = new Set<string>();
  let loops = 0;
  for (const stage of stagePath(record)) {
    if (stageOf(context.stages, record.crm, stage)?.closed === true) continue;
    if (seen.has(stage)) loops += 1;
    seen.add(stage);
  }
  return loops;
}

function openMoves(
  record: Pick<MeasuredRecord, 'crm' | 'history'>,
  { stages }: { readonly stages: StagePlaces },
): readonly { readonly from: StagePlace; readonly to: StagePlace }[] {
  return changesOf(record, 'stage').flatMap((entry) => {
    if (entry.own === true) return [];
    const from = stageOf(stages, record.crm, entry.from);
    const to = stageOf(stages, record.crm, entry.to);
    return from === null || to === null || from.closed === true || to.closed === true ? [] : [{ from, to }];
  });
}

function visitsOf(record: MeasuredRecord): readonly Visit[] {
  const changes = changesOf(record, 'stage');
  const first = changes[0];
  const began = isWatchedFromStart(record) ? record.createdAt : null;
  if (first === undefined) {
    return record.stage === null
      ? []
      : [{ stage: record.stage, from: record.stageChangedAt ?? began, to: null }];
  }
  const visits: Visit[] = [];
  if (first.from !== null) visits.push({ stage: first.from, from: began, to: first.at });
  changes.forEach((entry, index) => {
    if (entry.to !== null)
      visits.push({ stage: entry.to, from: entry.at, to: changes[index + 1]?.at ?? null });
  });
  return visits;
}

function daysOf(visit: Visit, record: MeasuredRecord, context: MeasureContext): number | null {
  if (visit.from === null || (visit.to === null && record.status === 'closed')) return null;
  const began = dayOf(visit.from, context.timeZone);
  const ended = visit.to === null ? context.asOf : dayOf(visit.to, context.timeZone);
  return ended < began ? null : daysBetween(began, ended);
}
