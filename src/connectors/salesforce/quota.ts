/** Salesforce's allowances: calls per rolling day, and long calls in flight; and how its answers tell of them. Pure. */
import type { QuotaRules } from '../../core/quota.ts';
import type { DayTold } from '../../core/quota-day.ts';
import type { SalesforceSettings } from './settings.ts';

/** Calls of 20 s and more that may run at once in an org (REST API guide); any call may become one. */
const LONG_CALLS = 25;

export function quotaRules({ reserve }: SalesforceSettings): QuotaRules {
  return {
    rates: [],
    day: { reserve, rolling: true },
    inFlight: Math.max(1, Math.floor(LONG_CALLS * (1 - reserve))),
  };
}

/** Reads `Sforce-Limit-Info: api-usage=18/5000`; null when there is nothing to read. */
export function toldOfDay(header: string | null): Omit<DayTold, 'at'> | null {
  const [, used, limit] = /(?:^|[\s;,])api-usage=(\d+)\/(\d+)/.exec(header ?? '') ?? [];
  if (used === undefined || limit === undefined || Number(limit) === 0) return null;
  return { used: Number(used), limit: Number(limit), resetsAt: null };
}
