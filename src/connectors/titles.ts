import type { Crm } from '../core/ids.ts';

/** How people write the name of each CRM. */
export const TITLES: Readonly<Record<Crm, string>> = { salesforce: 'Salesforce', hubspot: 'HubSpot' };
