import type { StageInfo } from './account-facts.ts';
import { dayOf } from './calendar.ts';
import { isBlank } from './compare.ts';
import type { Capabilities } from './connector-port.ts';
import type { EpochMs } from './ids.ts';
import type { Value } from './opportunity.ts';

/** One side of a pair, as far as its close date and its stage go. */
export interface CloseDateSide {
  /** What this CRM does to close dates. */
  readonly rewrites: Capabilities['rewritesCloseDate'];
  /** The zone in which the CRM tells the day. IANA name. */
  readonly timeZone: string;
  /** Close dates when both sides last agreed, and now. */
  readonly dateBefore: Value | undefined;
  readonly dateNow: Value | undefined;
  /** Stages when both sides last agreed, and now; undefined when the CRM does not list them. */
  readonly stageBefore: StageInfo | undefined;
  readonly stageNow: StageInfo | undefined;
  /** When the stage last changed, by the CRM's clock; null when it does not say. */
  readonly stageChangedAt: EpochMs | null;
}

/**
 * Did the CRM set this close date itself, because the deal was closed or reopened? So it is when the date is the day on which
 * the stage changed and the change is one on which this CRM rewrites the date: Salesforce moves a date that lies ahead to
 * today when a deal is won, HubSpot sets today whenever a deal is closed, reopened, or goes from won to lost. Somebody who types
 * just that day in the same moment does what the CRM would have done. Pure.
 */
export function setByCrm(side: CloseDateSide): boolean {
  const { rewrites, dateBefore, dateNow, stageBefore, stageNow, stageChangedAt, timeZone } = side;
  if (rewrites === false || stageChangedAt === null) return false;
  if (typeof dateNow !== 'string' || dateBefore === undefined || stageBefore === undefined) return false;
  if (stageNow === undefined || classOf(stageBefore) === classOf(stageNow)) return false;
  // Salesforce counts days in UTC here, whatever the org's zone; people see the other one.
  const days = [dayOf(stageChangedAt, 'UTC'), dayOf(stageChangedAt, timeZone)];
  if (!days.includes(dateNow)) return false;
  if (rewrites === 'on_closing') return true;
  const ahead = !isBlank(dateBefore) && (dateBefore ?? '') > dateNow;
  return ahead && classOf(stageNow) === 'won';
}

function classOf(stage: StageInfo): 'open' | 'won' | 'lost' | 'closed' {
  if (stage.closed !== true) return 'open';
  if (stage.won === null) return 'closed';
  return stage.won ? 'won' : 'lost';
}
