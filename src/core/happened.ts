/** What was seen to happen to an opportunity, as far as it is pushed into the CRMs: counts and a day, never a span up to today. */
import { dayOf } from './calendar.ts';
import type { Group, GroupMember, Seen } from './group.ts';
import { type EpochMs, type PlainDate, refKey } from './ids.ts';
import { pushesOf, reopenCount } from './measure-opportunity.ts';
import { type HistoryEntry, type StagePlaces, standingOf } from './measure-record.ts';
import { regressionsOf } from './measure-stage-time.ts';
import type { FieldChange } from './plan.ts';
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

/** One record of the opportunity, with what is known and planned of it. */
export interface HappenedSide {
  readonly member: GroupMember;
  readonly seen: Seen | undefined;
  readonly planned: readonly FieldChange[];
}

export function sideOf(
  member: GroupMember,
  group: Pick<Group, 'seen'>,
  planned: readonly FieldChange[],
): HappenedSide {
  return { member, seen: group.seen?.get(refKey(member)), planned };
}

/**
 * Counts what happened to an opportunity. Of a pair the record tells on which more was seen: the other one shows the same
 * moves again, copied, or is younger. What is about to happen counts as having happened: the verdict's step from the one
 * stored last, and the values planned. So deciding again after the write gives the same numbers.
 */
export function happenedTo(
  sides: readonly HappenedSide[],
  verdict: Verdict,
  context: { readonly stages: StagePlaces; readonly now: EpochMs },
): Happened {
  let [regressions, pushes, reopened] = [0, 0, 0];
  let contact = Number.NEGATIVE_INFINITY;
  for (const { member, seen, planned } of sides) {
    const { crm, fields, evidence } = member;
    const at = evidence.lastContactAt ?? Number.NEGATIVE_INFINITY;
    // Later than the run is a plan, not a contact.
    if (at <= context.now && at > contact) contact = at;
    const history = [...(seen?.history ?? []), ...steps(seen?.standing ?? null, verdict, planned)];
    if (history.length === 0) continue;
    const stage = fields['stage'] ?? evidence.stageKey ?? null;
    const record = { crm, history, stage, status: verdict.status, outcome: verdict.outcome };
    regressions = Math.max(regressions, regressionsOf(record, context));
    pushes = Math.max(pushes, pushesOf(record, context).pushesByMonth);
    reopened = Math.max(reopened, reopenCount(record));
  }
  const lastContact = Number.isFinite(contact) ? dayOf(contact, 'UTC') : null;
  return { regressions, pushes, reopened, lastContact };
}

/** The steps about to be taken, later than everything seen. */
function steps(
  before: string | null,
  verdict: Verdict,
  planned: readonly FieldChange[],
): readonly HistoryEntry[] {
  const at = Number.POSITIVE_INFINITY;
  const list: HistoryEntry[] = [];
  for (const { field, owned, before: from, after: to } of planned)
    if (!owned && (field === 'stage' || field === 'closeDate')) list.push({ at, field, from, to });
  const standing = standingOf(verdict);
  if (before !== null && before !== standing) list.push({ at, field: 'status', from: before, to: standing });
  return list;
}
