import { type Call, notAllowed, ok, type Reply, unknownPath } from './call.ts';
import type { RateLimits } from './limits.ts';
import type { Portal } from './portal.ts';
import { formatInstant } from './values.ts';

/** /account-info: what the account is, and how much of the day's budget is used (hubspot.md §1.2). */
export function accountInfo(portal: Portal, limits: RateLimits, call: Call, rest: readonly string[]): Reply {
  const path = rest.join('/');
  if (path !== 'details' && !path.startsWith('api-usage/daily')) throw unknownPath();
  if (call.method !== 'GET') throw notAllowed(call);
  return ok(path === 'details' ? details(portal) : usage(portal, limits, call));
}

function details(portal: Portal): Record<string, unknown> {
  const { timeZone, companyCurrency, currencies } = portal.switches;
  const offset = offsetOf(timeZone, portal.now());
  return {
    portalId: portal.portalId,
    accountType: 'STANDARD',
    timeZone,
    companyCurrency,
    additionalCurrencies: [...currencies.keys()].filter((code) => code !== companyCurrency),
    utcOffset: spelled(offset),
    utcOffsetMilliseconds: offset,
    uiDomain: 'app.hubspot.com',
    dataHostingLocation: 'na1',
  };
}

function usage(portal: Portal, limits: RateLimits, call: Call): Record<string, unknown> {
  const now = portal.now();
  const offset = offsetOf(portal.switches.timeZone, now);
  const midnight = Math.floor((now + offset) / 86_400_000 + 1) * 86_400_000 - offset;
  return {
    results: [
      {
        name: `${call.app.name}-api-calls-daily`,
        usageLimit: portal.switches.dailyLimit,
        currentUsage: limits.today,
        collectedAt: formatInstant(now),
        fetchStatus: 'SUCCESS',
        resetsAt: formatInstant(midnight),
      },
    ],
  };
}

/** Milliseconds to add to UTC in this zone at this moment. */
function offsetOf(timeZone: string, at: number): number {
  const name = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(at)
    .find((part) => part.type === 'timeZoneName')?.value;
  const match = /GMT([+-])(\d{2}):(\d{2})/.exec(name ?? '');
  if (match === null) return 0;
  const [, sign, hours, minutes] = match;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

function spelled(offset: number): string {
  const minutes = Math.abs(offset) / 60_000;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}
