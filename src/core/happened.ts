/** What was seen to happen to an opportunity, as far as it is pushed into the CRMs: counts and a day, never a span up to today. */
import { dayOf } from './calendar.ts';
import type { Group, GroupMember, Seen } from './group.ts';
import { type EpochMs, type PlainDate, refKey } from './ids.ts';
import { pushesOf, reopenCount } from './measure-opportunity.ts';
import { type HistoryEntry, type StagePlaces, standingOf } from './measure-record.ts';
import { regressionsOf } from './measure-stage-time.ts';
import type { Verdict } from './verdict.ts';

export interface Happened {
  /** {@link regressionsOf} */
  readonly regressions: number;
  /** Later calendar months only: {@link pushesOf} */
  readonly pushes: number;
  /** {@link reopenCount} */
  readonly reopened: number;
  /** UTC day of the last real contact of any of its records. */
  readonly lastContact: PlainDate | null;
}

/**
 * Counts what happened to an opportunity, in either CRM: each move somebody made there. What oppsync wrote is none: a copied
 * move was counted where it was made, and aligning two records or undoing a run is no move at all. Of what happened before
 * the first run, the record whose CRM tells most of it counts: another tool may have copied moves then. Both records have the
 * same verdicts, so reopenings are counted once. The verdict's step from the one stored last counts already, so that deciding
 * again once it is stored gives the same numbers.
 */
export function happenedTo(
  records: readonly GroupMember[],
  group: Pick<Group, 'seen'>,
  verdict: Verdict,
  context: { readonly stages: StagePlaces; readonly now: EpochMs },
): Happened {
  let [regressions, pushes, reopened] = [0, 0, 0];
  let [regressedBefore, pushedBefore] = [0, 0];
  let contact = Number.NEGATIVE_INFINITY;
  for (const member of records) {
    const { crm, fields, evidence } = member;
    const at = evidence.lastContactAt ?? Number.NEGATIVE_INFINITY;
    // Later than the run is a plan, not a contact.
    if (at <= context.now && at > contact) contact = at;
    const history = withStep(group.seen?.get(refKey(member)), verdict);
    if (history.length === 0) continue;
    const stage = fields['stage'] ?? evidence.stageKey ?? null;
    const record = { crm, history, stage, status: verdict.status, outcome: verdict.outcome };
    const before = beforeWatching(record, context);
    regressedBefore = Math.max(regressedBefore, before.regressions);
    pushedBefore = Math.max(pushedBefore, before.pushes);
    regressions += regressionsOf(record, context) - before.regressions;
    pushes += pushesOf(record, context).pushesByMonth - before.pushes;
    reopened = Math.max(reopened, reopenCount(record));
  }
  const lastContact = Number.isFinite(contact) ? dayOf(contact, 'UTC') : null;
  return {
    regressions: regressions + regressedBefore,
    pushes: pushes + pushedBefore,
    ...{ reopened, lastContact },
  };
}

/** What only the CRM's own history tells. */
function beforeWatching(
  record: Parameters<typeof pushesOf>[0],
  context: { readonly stages: StagePlaces },
): Pick<Happened, 'regressions' | 'pushes'> {
  const history = record.history.filter(({ told }) => told === true);
  if (history.length === 0) return { regressions: 0, pushes: 0 };
  const past = { ...record, history };
  return {
    regressions: regressionsOf(past, context),
    pushes: pushesOf(past, context).pushesByMonth,
  };
}

function withStep(seen: Seen | undefined, verdict: Verdict): readonly HistoryEntry[] {
  if (seen === undefined) return [];
  const to = standingOf(verdict);
  if (seen.standing === null || seen.standing === to) return seen.history;
  return [...seen.history, { at: Number.POSITIVE_INFINITY, field: 'status', from: seen.standing, to }];
}
