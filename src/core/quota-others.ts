/**
 * What other applications use of a window that oppsync shares with them: seen in what answers tell and in refusals. Pure: the
 * moments passed in are those of one clock, the shared store's.
 */
import type { EpochMs } from './ids.ts';
import type { RateRule, RateState, Told } from './quota-window.ts';

const SAMPLE_MS = 500;
/** Answers of half a second that are remembered. */
const MOST_TOLD = 9;
/** Part of the limit kept free: others' use goes up and down a little. Of little that they leave, no more than that part. */
const MARGIN = 0.01;
const MARGIN_OF_REST = 0.04;
/** Up to this part of the limit what seems to be others' use may be requests of ours still under way. */
const NOISE = 0.02;
const TREND_MS = 3000;
/** How long it takes until what others begin to use is known and makes us send less. */
const REACTION_MS = 1500;
/** Jumps of others within that time are remembered for so long: who jumped once will jump again. */
const JUMPS_MS = 30_000;
/** What is kept free for a jump as high as the highest, and half as high again; jumps up to `JITTER` are none. */
const JITTER = 0.025;
const FOR_JUMPS = 1.5;
const MOST_FOR_JUMPS = 0.06;
/** Part of our share given up for a while at each refusal. */
const YIELD = 0.2;
/** Refusals within that time show that others take everything; each doubles the wait, up to so many times as long. */
const IN_VAIN_MS = 60_000;
const MOST_PATIENCE = 16;

/** How many requests within one window are ours, given what others use. */
export function ownShare(rate: RateState, rule: RateRule, now: EpochMs): number {
  return shareBeside(othersUse(rate, rule, now), rate, rule);
}

/** Our part of a window of which others use so much. */
export function shareBeside(others: number, rate: RateState, rule: RateRule): number {
  const rest = rate.limit - others;
  const free = rest - Math.floor(Math.min(rate.limit * MARGIN, rest * MARGIN_OF_REST));
  // Where answers tell nothing, a share of none could never be seen to have become too small.
  return Math.max(rule.told ? 0 : 1, Math.floor(free));
}

/** What others use, and as much more as they are about to: if they go on as they do, or jump as they did. */
export function othersUse(rate: RateState, rule: RateRule, now: EpochMs): number {
  const seen = recent(rate, rule.memoryMs, now);
  const most = Math.max(0, ...seen.map(([, used]) => used));
  const last = Math.max(0, ...seen.filter(([at]) => at > now - TREND_MS).map(([, used]) => used));
  const before = Math.max(0, ...seen.filter(([at]) => at <= now - TREND_MS).map(([, used]) => used));
  const trend = Math.max(0, Math.min(last - before, rate.limit / 4) - rate.limit * NOISE) * 2;
  return most + Math.max(trend, rule.told ? roomForJumps(rate, now) : 0);
}

/** Requests of others may bunch: by chance, or because they work in batches. */
function roomForJumps(rate: RateState, now: EpochMs): number {
  const seen = recent(rate, JUMPS_MS, now).toSorted(([one], [other]) => one - other);
  let highest = 0;
  for (const [index, [at, used]] of seen.entries())
    for (let back = index - 1; at - (seen[back]?.[0] ?? Number.NEGATIVE_INFINITY) <= REACTION_MS; back--)
      highest = Math.max(highest, used - (seen[back]?.[1] ?? used));
  const jump = highest - rate.limit * JITTER;
  return Math.min(Math.max(0, jump) * FOR_JUMPS, rate.limit * MOST_FOR_JUMPS);
}

/** Whether what others use is more than what requests of ours under way can be taken for. */
export function areThereOthers(others: number, { limit }: RateState, { told }: RateRule): boolean {
  return told && others > limit * NOISE;
}

/** Whether others took the whole window when it was last told of. */
export function isTaken(rate: RateState, now: EpochMs): boolean {
  const [, used = 0] =
    recent(rate, JUMPS_MS, now)
      .toSorted(([one], [other]) => one - other)
      .at(-1) ?? [];
  return used >= rate.limit;
}

/** Learns from an answer: the limit, and what others use of it. */
export function learn(rate: RateState, rule: RateRule, told: Told): RateState {
  const limit = told.limit ?? rate.limit;
  const perMs = told.perMs ?? rate.perMs;
  const known = { ...rate, limit, perMs, toldAt: Math.max(rate.toldAt, told.at) };
  if (told.limit === null) return known;
  const slot = Math.ceil(told.at / SAMPLE_MS) * SAMPLE_MS;
  return sample(known, rule, slot, told.at, told.used - countedAt(known, told.at));
}

/** A request was refused although we believed there was room: others use the rest, and nothing is sent for `waitMs`. */
export function refused(rate: RateState, rule: RateRule, at: EpochMs, waitMs: number): RateState {
  // One crowd is told of by several at once.
  if (at <= rate.blockedUntil) return rate;
  const before = Math.max(0, ...recent(rate, rule.memoryMs, at).map(([, used]) => used));
  const step = Math.max(1, Math.round((rate.limit - before) * YIELD));
  const others = Math.max(rate.limit - countedAt(rate, at), before + step);
  const blocked = {
    ...rate,
    blockedUntil: Math.max(rate.blockedUntil, at + waitMs * (rule.told ? 1 : patience(rate, at))),
    toldAt: Math.max(rate.toldAt, at),
  };
  // Beside what answers of that half second tell: they are under way in any number, and must not outvote it.
  return sample(blocked, rule, Math.ceil(at / SAMPLE_MS) * SAMPLE_MS - 1, at, Math.min(rate.limit, others));
}

/** Where answers tell nothing, a request is all there is to ask with: the longer others take everything, the more rarely. */
function patience(rate: RateState, now: EpochMs): number {
  const inVain = recent(rate, IN_VAIN_MS, now).filter(([, used]) => used >= rate.limit).length;
  return Math.min(2 ** inVain, MOST_PATIENCE);
}

function sample(rate: RateState, rule: RateRule, slot: EpochMs, at: EpochMs, used: number): RateState {
  const [, ...before] = rate.foreign.find(([when]) => when === slot) ?? [slot];
  const others = remembered(rate, rule, at).filter(([when]) => when !== slot);
  return { ...rate, foreign: [...others, [slot, ...[...before, Math.max(0, used)].slice(-MOST_TOLD)]] };
}

/**
 * What others used in each half second. One answer may be wrong by what of ours was under way when the CRM counted, to
 * either side; most are not. Of two the higher is believed.
 */
function recent(rate: RateState, forMs: number, now: EpochMs): readonly (readonly [EpochMs, number])[] {
  return kept(rate, forMs, now).map(([at, ...used]) => {
    const ascending = used.toSorted((a, b) => a - b);
    return [at, ascending[Math.floor(ascending.length / 2)] ?? 0];
  });
}

/** What is remembered of others at `now`. */
export function remembered(rate: RateState, rule: RateRule, now: EpochMs): RateState['foreign'] {
  return kept(rate, Math.max(rule.memoryMs, JUMPS_MS), now);
}

function kept(rate: RateState, forMs: number, now: EpochMs): RateState['foreign'] {
  return rate.foreign.filter(([at]) => at > now - forMs);
}

/** Our own requests the CRM had in its window at `at`. One that is not answered counts from when it was to be sent. */
function countedAt(rate: RateState, at: EpochMs): number {
  return rate.booked.filter(([counted, , way]) => counted - way <= at && counted - way > at - rate.perMs)
    .length;
}
