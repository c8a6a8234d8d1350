import { TITLES } from './connectors/titles.ts';
import type { Crm } from './core/ids.ts';

/** A CRM as people write it: `HubSpot`; one that has no such name by the name the configuration gives it. */
export function crmTitle(crm: Crm): string {
  return Object.hasOwn(TITLES, crm) ? (TITLES[crm] ?? crm) : crm;
}
