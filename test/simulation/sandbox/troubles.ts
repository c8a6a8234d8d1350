/** The troubles of the story in the words of the sandbox's fault switches: each comes in several forms, taken in turn. */
import type { CallFault } from '../crm-under-test.ts';
import type { CrmName } from './words.ts';

const WRITES: Readonly<Record<CrmName, string>> = {
  salesforce: '/composite/sobjects',
  hubspot: '/deals/batch/up',
};

const FORMS: Readonly<Record<CrmName, Readonly<Record<CallFault, readonly string[]>>>> = {
  salesforce: {
    outage: [
      'sf-503',
      'sf-html-502',
      'sf-expired-session',
      'sf-reset',
      'sf-cut-body',
      'sf-500',
      'sf-broken-json',
    ],
    limit: ['sf-concurrent', 'sf-lock-row', 'sf-slow'],
    lost_after: ['sf-commit-then-reset', 'sf-commit-then-timeout', 'sf-cut-body'],
    lost_before: ['sf-reset', 'sf-stall-headers', 'sf-500'],
    partly_lost: ['sf-broken-json', 'sf-stall-body'],
  },
  hubspot: {
    outage: ['hs-502-html', 'hs-500', 'hs-477', 'hs-reset', 'hs-cut-body', 'hs-524', 'hs-broken-json'],
    limit: ['hs-429-burst', 'hs-423', 'hs-slow', 'hs-429-search'],
    lost_after: ['hs-commit-then-reset', 'hs-commit-then-timeout', 'hs-cut-body'],
    lost_before: ['hs-reset', 'hs-stall-headers', 'hs-504-html'],
    partly_lost: ['hs-broken-json', 'hs-stall-body'],
  },
};

/** @param n counts the troubles of this CRM */
export function faultRule(crm: CrmName, fault: CallFault, n: number): Readonly<Record<string, unknown>> {
  const forms = FORMS[crm][fault];
  const preset = forms[n % forms.length];
  const anyCall = fault === 'outage' || fault === 'limit';
  // Two in a row every other time: one is what every client tries again by itself.
  return { preset, times: 1 + (n % 2), ...(anyCall ? {} : { path: WRITES[crm] }) };
}
