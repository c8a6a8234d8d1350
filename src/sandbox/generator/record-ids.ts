import { toId18 } from '../salesforce/ids.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Sets generated records apart from those made later in the sandbox, which count from another body. */
const SALESFORCE_BODY = 'Pf';
const HUBSPOT_FIRST = { owner: 61_200_100, company: 18_400_000_000, deal: 29_700_000_000 } as const;
/** HubSpot numbers have gaps. */
const HUBSPOT_STEP = 7;

/** The 18-character id of the nth generated record of a type. */
export function salesforceId(prefix: string, index: number): string {
  let body = '';
  // Spread over the alphabet, so that ids differ in capitals as real ones do.
  for (let rest = index * 53 + 3_900; rest > 0; rest = Math.floor(rest / 62))
    body = BASE62.charAt(rest % 62) + body;
  return toId18(`${prefix}${SALESFORCE_BODY}${body.padStart(10, '0')}`);
}

export function hubspotId(type: keyof typeof HUBSPOT_FIRST, index: number): string {
  return String(HUBSPOT_FIRST[type] + index * HUBSPOT_STEP);
}
