import { Decimal } from 'decimal.js';
import type { Crm } from './ids.ts';

/** `share` (0..1) counts only above `above`; `most` counts always. `null` = no such limit. */
export interface BrakeLimit {
  readonly share: number | null;
  readonly above: number;
  readonly most: number | null;
}

/** What a run may change by itself. `false` switches a brake off. */
export interface BrakeSettings {
  /** Linked records with a changed field of the teams. */
  readonly changed: BrakeLimit | false;
  /** Linked records that go from closed to open or back. */
  readonly flips: BrakeLimit | false;
  /** Sum of |amount change| as a share of the open pipeline, per CRM and currency. `above` counts changed amounts. */
  readonly amounts: { readonly share: number; readonly above: number } | false;
  readonly creates: BrakeLimit | false;
  /** Records that vanished from a CRM since it was last read completely. */
  readonly vanished: BrakeLimit | false;
}

export const DEFAULT_BRAKES: BrakeSettings = Object.freeze({
  changed: { share: 0.1, above: 20, most: 500 },
  flips: { share: 0.02, above: 10, most: 50 },
  amounts: { share: 0.05, above: 5 },
  creates: { share: 0.05, above: 5, most: 100 },
  vanished: { share: 0.1, above: 20, most: null },
});

/** Amounts of one CRM in one currency (`''` when none is given), as decimal text. */
export interface AmountFacts {
  readonly crm: Crm;
  readonly currency: string;
  /** Amounts to be changed. */
  readonly changes: number;
  /** Sum of |after - before|. */
  readonly moved: string;
  /** What is open; all amounts when nothing is open. */
  readonly pipeline: string;
}

/** What a plan would do, counted over its changes. Fields that oppsync owns are not in these numbers. */
export interface PlanFacts {
  /** Runs of this sync that were planned to the end before this one. */
  readonly plansBefore: number;
  /** Records to be written, with those of which only our own fields are. */
  readonly records: number;
  /** Live records that have a counterpart. */
  readonly linked: number;
  readonly changed: number;
  readonly flips: number;
  readonly amounts: readonly AmountFacts[];
  readonly creates: number;
  /** Of these, per CRM, those in CRMs in which this sync has never made a record. */
  readonly firstCreates?: Readonly<Record<Crm, number>>;
  readonly deletes: number;
  /** Values to be cleared although the field's policy ignores blanks and nobody decided so. */
  readonly blanks: number;
  /** Records newly seen to be deleted, per CRM, with those that are still there. */
  readonly vanished: Readonly<Record<Crm, { readonly gone: number; readonly left: number }>>;
}

export interface PlanProblem {
  /** Stable name, for example `first_run`. */
  readonly brake: string;
  readonly message: string;
  readonly remedy: string;
  /** The numbers of the message, for other languages. */
  readonly params?: Readonly<Record<string, string | number>>;
}

const LOOK = 'look at the plan; if it is what you want, approve it with `oppsync apply` and its digest';

/**
 * Every reason not to apply a plan by itself; empty when it may be applied (design section 8). The first run of a sync
 * never writes; as everything is new to it, the limits of ordinary runs are not applied on top. Pure.
 */
export function checkPlan(facts: PlanFacts, limits: BrakeSettings = DEFAULT_BRAKES): PlanProblem[] {
  const first = facts.plansBefore === 0 && facts.records > 0;
  return [
    ...(first ? [firstRun(facts)] : [...firstCreates(facts), ...ordinary(facts, limits)]),
    ...never('deletes', facts.deletes, 'records would be deleted; deletes are never carried over'),
    ...never('blanks', facts.blanks, 'values would be cleared although no policy lets blanks travel'),
    ...vanished(facts, limits),
  ];
}

/** The sentence for a source that came back empty, or much smaller than it was. */
export function shrunk(crm: Crm, seen: number, known: number): PlanProblem {
  const message =
    seen === 0
      ? `${crm} showed none of ${known} known records`
      : `${crm} showed ${seen} of ${known} known records; the rest may be hidden or deleted`;
  return {
    brake: 'source_shrank',
    message,
    remedy: `check the permissions of the ${crm} user; if the records were deleted on purpose, approve the plan with \`oppsync apply\` and its digest`,
    params: { crm, seen, known },
  };
}

/** Is this many of `all` more than the limit allows? */
export function exceeds(limit: BrakeLimit | false, n: number, all: number): boolean {
  if (limit === false) return false;
  if (limit.most !== null && n > limit.most) return true;
  return limit.share !== null && n > limit.above && n > limit.share * all;
}

function firstRun(facts: PlanFacts): PlanProblem {
  return {
    brake: 'first_run',
    message: `the first run of a sync never writes: ${facts.records} records would be changed`,
    remedy: 'look at the plan, then approve it with `oppsync apply` and its digest',
    params: { records: facts.records },
  };
}

/** Switching creation on is looked at once as well, however few records it would make at first. */
function firstCreates(facts: PlanFacts): PlanProblem[] {
  return Object.entries(facts.firstCreates ?? {})
    .filter(([, n]) => n > 0)
    .map(([crm, n]) => ({
      brake: 'first_creates',
      message: `the first run that creates records in ${crm} never does so by itself: ${n} would be created`,
      remedy: LOOK,
      params: { n, crm },
    }));
}

function ordinary(facts: PlanFacts, limits: BrakeSettings): PlanProblem[] {
  const { linked, changed, flips, creates } = facts;
  const problems: PlanProblem[] = [];
  const count = (brake: string, limit: BrakeLimit | false, n: number, what: string): void => {
    if (limit === false || !exceeds(limit, n, linked)) return;
    problems.push({
      brake,
      message: `${n} of ${linked} linked records would ${what}; a run may do so for ${limitText(limit)}`,
      remedy: LOOK,
      params: { n, linked, limit: limitText(limit), ...limitParams(limit) },
    });
  };
  count('changed', limits.changed, changed, 'be changed');
  count('flips', limits.flips, flips, 'go from open to closed or back');
  count('creates', limits.creates, creates, 'get a new counterpart');
  return [...problems, ...facts.amounts.flatMap((amount) => amountProblem(amount, limits.amounts))];
}

function amountProblem(amount: AmountFacts, limit: BrakeSettings['amounts']): PlanProblem[] {
  if (limit === false || amount.changes <= limit.above) return [];
  const allowed = new Decimal(amount.pipeline).times(limit.share);
  if (new Decimal(amount.moved).lte(allowed)) return [];
  const currency = amount.currency === '' ? 'no currency' : amount.currency;
  const moved = new Decimal(amount.moved).toFixed();
  const pipeline = new Decimal(amount.pipeline).toFixed();
  const share = percent(limit.share);
  return [
    {
      brake: 'amounts',
      message: `${amount.changes} amounts in ${amount.crm} (${currency}) would move by ${moved} in all, with ${pipeline} in the pipeline; a run may move ${share} of it`,
      remedy: LOOK,
      params: { n: amount.changes, crm: amount.crm, currency, moved, pipeline, share },
    },
  ];
}

function never(brake: string, n: number, what: string): PlanProblem[] {
  return n === 0 ? [] : [{ brake, message: `${n} ${what}`, remedy: LOOK, params: { n } }];
}

function vanished(facts: PlanFacts, limits: BrakeSettings): PlanProblem[] {
  return Object.entries(facts.vanished)
    .filter(([, { gone, left }]) => exceeds(limits.vanished, gone, gone + left))
    .map(([crm, { gone, left }]) => shrunk(crm, left, gone + left));
}

function limitText({ share, above, most }: BrakeLimit): string {
  const parts = [
    ...(share === null ? [] : [`at most ${percent(share)} (or ${above} in a small CRM)`]),
    ...(most === null ? [] : [`never more than ${most}`]),
  ];
  return parts.join(', ');
}

/** The parts of a limit, for sentences of other languages; `andMost` follows a share. */
function limitParams({ share, above, most }: BrakeLimit): Readonly<Record<string, string | number>> {
  return {
    ...(share === null ? {} : { share: percent(share), above }),
    ...(most === null ? {} : { [share === null ? 'most' : 'andMost']: most }),
  };
}

function percent(share: number): string {
  return `${new Decimal(share).times(100).toFixed()} %`;
}
