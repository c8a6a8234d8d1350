/** What happened before oppsync watched a record, from the CRM's own history. */

import type { StageInfo } from './account-facts.ts';
import { sameValue } from './compare.ts';
import { changesIn, type RecordHistory } from './field-history.ts';
import type { EpochMs, RecordId } from './ids.ts';
import type { HistoryEntry, HistoryField } from './measure-record.ts';
import type { FieldKind, Value } from './opportunity.ts';

/** Fields whose past is asked for, and how their values are compared. */
export const TOLD_FIELDS = {
  stage: 'stage',
  closeDate: 'date',
  amount: 'decimal',
} as const satisfies Readonly<Partial<Record<HistoryField, FieldKind>>>;
type ToldField = keyof typeof TOLD_FIELDS;

/** The field of ours that only oppsync writes: whoever its history names is oppsync, also where the CRM calls it just an app. */
const OURS = 'status';

/** Fields whose history is asked for. */
export const ASKED_FIELDS: readonly string[] = [...Object.keys(TOLD_FIELDS), OURS];

/** Where watching began, for one field: what it held, and up to when by the CRM's clock. */
export interface WatchStart {
  readonly value: Value;
  readonly until: EpochMs;
}

export interface WatchedRecord {
  readonly id: RecordId;
  /** By field; one that was never read has none. */
  readonly begins: Readonly<Partial<Record<ToldField, WatchStart>>>;
}

/**
 * The moves up to where watching began, earliest first. Watching begins with a value: the past of a field ends with the
 * latest entry that holds it, so that no move is told and observed too. Where the history does not know the value, nothing
 * is told. Moves between stages that the CRM says are open and closed are changes of standing as well.
 */
export function toldMoves(
  record: WatchedRecord,
  history: RecordHistory,
  stages: readonly StageInfo[],
): readonly HistoryEntry[] {
  const standings = new Map(stages.map((stage) => [stage.key, standingIn(stage)]));
  const us = new Set(['engine', ...(history[OURS] ?? []).flatMap(({ actor }) => appOf(actor))]);
  const moves = (Object.keys(TOLD_FIELDS) as ToldField[]).flatMap((field): HistoryEntry[] => {
    const begins = record.begins[field];
    if (begins === undefined) return [];
    return fieldMoves(field, begins, history, us).flatMap((move) => [move, ...standingMove(move, standings)]);
  });
  return moves.sort((a, b) => a.at - b.at);
}

function fieldMoves(
  field: ToldField,
  { value, until }: WatchStart,
  history: RecordHistory,
  us: ReadonlySet<string>,
): readonly HistoryEntry[] {
  const same = (a: Value, b: Value): boolean => sameValue(TOLD_FIELDS[field], a, b);
  const past = changesIn(history[field] ?? [], same).filter(({ at }) => at <= until);
  const end = past.findIndex((entry) => same(entry.value, value));
  if (end === -1) return [];
  // Newest first: of each, the one before it says what it was before. The oldest was the beginning and no move.
  return past.slice(end).flatMap((entry, index, all): HistoryEntry[] => {
    const older = all[index + 1];
    if (older === undefined) return [];
    const move = { at: entry.at, field, from: older.value, to: entry.value, told: true } as const;
    return [us.has(entry.actor ?? '') ? { ...move, own: true } : move];
  });
}

/** People may write into our field as well; they are not us. */
function appOf(actor: string | null): string[] {
  return actor?.startsWith('app:') === true ? [actor] : [];
}

function standingMove(move: HistoryEntry, standings: ReadonlyMap<string, string | null>): HistoryEntry[] {
  if (move.field !== 'stage' || move.own === true) return [];
  const from = standings.get(move.from ?? '') ?? null;
  const to = standings.get(move.to ?? '') ?? null;
  if (from === null || to === null || from === to) return [];
  return [{ at: move.at, field: 'status', from, to, told: true }];
}

/** The standing a stage gives by itself, as far as the CRM says. */
function standingIn({ closed, won }: StageInfo): string | null {
  if (closed === null) return null;
  if (!closed) return 'active';
  return won === null ? 'closed' : won ? 'closed/won' : 'closed/lost';
}
