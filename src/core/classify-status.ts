/** What each kind of evidence says about open or closed, read on its own (design section 6, evidence order 1 and 2). */
import type { ReadableEvidence } from './classify-evidence.ts';
import type { FlagName } from './classify-flags.ts';
import type { Outcome, Phase } from './verdict.ts';

/** Where an opportunity stands. `closed` with a null outcome: closed, but nobody said how it ended. */
export interface Standing {
  readonly status: 'active' | 'closed';
  readonly outcome: Outcome | null;
  readonly phase: Phase | null;
}

/** What one kind of evidence says. */
export interface Reading {
  /** Null: it says nothing, or contradicts itself. */
  readonly standing: Standing | null;
  /** It contradicts itself, so weaker evidence such as a name must not decide in its place. */
  readonly contradiction: boolean;
  readonly flag: FlagName | null;
}

export const ACTIVE: Standing = Object.freeze({ status: 'active', outcome: null, phase: null });
export const WON: Standing = Object.freeze({ status: 'closed', outcome: 'won', phase: null });
export const LOST: Standing = Object.freeze({ status: 'closed', outcome: 'lost', phase: null });
export const CANCELLED: Standing = Object.freeze({ status: 'closed', outcome: 'cancelled', phase: null });
const CLOSED: Standing = Object.freeze({ status: 'closed', outcome: null, phase: null });

export const SILENT: Reading = Object.freeze({ standing: null, contradiction: false, flag: null });

const says = (standing: Standing, flag: FlagName | null = null): Reading =>
  Object.freeze({ standing, contradiction: false, flag });
const contradicts = (flag: FlagName): Reading => Object.freeze({ standing: null, contradiction: true, flag });

const SAYS_ACTIVE = says(ACTIVE);
const SAYS_WON = says(WON);
const SAYS_LOST = says(LOST);
const SAYS_CLOSED = says(CLOSED, 'closed_without_outcome');
const SAYS_WON_ONLY = says(WON, 'won_without_closed');
const SAYS_LOST_ONLY = says(LOST, 'lost_without_closed');
const BOTH_ENDS = contradicts('won_and_lost');
const WON_NOT_CLOSED = contradicts('won_without_closed');
const LOST_NOT_CLOSED = contradicts('lost_without_closed');
const WON_OPEN_STAGE = contradicts('won_flag_on_open_stage');

/**
 * The record's own flags (Salesforce `IsClosed`, `IsWon`; HubSpot `hs_is_closed`, `hs_is_closed_won`, `hs_is_closed_lost`).
 * Salesforce has no lost flag: closed and not won is lost there. Where a CRM has one, "neither won nor lost" is not lost.
 */
export function readCrmFlags(evidence: ReadableEvidence): Reading {
  const { isClosed, isWon, isLost } = evidence;
  if (isWon === true && isLost === true) return BOTH_ENDS;
  if (isClosed === true) {
    if (isWon === true) return SAYS_WON;
    if (isLost === true || (isWon === false && isLost === null)) return SAYS_LOST;
    return SAYS_CLOSED;
  }
  if (isClosed === false) {
    if (isWon === true) return WON_NOT_CLOSED;
    return isLost === true ? LOST_NOT_CLOSED : SAYS_ACTIVE;
  }
  if (isWon === true) return SAYS_WON_ONLY;
  // A HubSpot deal without a stage says "not won, not lost" and leaves out whether it is closed: that is silence.
  return isLost === true ? SAYS_LOST_ONLY : SILENT;
}

/**
 * What the CRM's list of stages says about the stage. Probability counts only to tell won (1) from lost (0) among
 * *closed* stages that carry no won flag; it never makes a stage closed.
 */
export function readStage(evidence: ReadableEvidence): Reading {
  const { stageIsClosed, stageIsWon, stageProbability } = evidence;
  if (stageIsClosed === true) {
    if (stageIsWon !== null) return stageIsWon ? SAYS_WON : SAYS_LOST;
    if (stageProbability === 1) return SAYS_WON;
    return stageProbability === 0 ? SAYS_LOST : SAYS_CLOSED;
  }
  if (stageIsClosed === false) return stageIsWon === true ? WON_OPEN_STAGE : SAYS_ACTIVE;
  return stageIsWon === true ? SAYS_WON_ONLY : SILENT;
}

/** Whether two standings cannot both be true. */
export function disagree(a: Standing, b: Standing): boolean {
  if (a.status !== b.status) return true;
  if (a.outcome === null || b.outcome === null || a.outcome === b.outcome) return false;
  // CRMs know two ends only: a cancelled sale sits among the lost ones there.
  return a.outcome === 'won' || b.outcome === 'won';
}
