/**
 * The floor: fetches and parses the pages a first sync has to see, one after the other, and does nothing with them: Salesforce
 * query pages, HubSpot list pages, and every record once more by id, as it is re-read before it is written. Takes the line that
 * `oppsync sandbox` prints first as its argument; prints what it saw.
 */
import { plannedFields, requestedProperties } from '../src/connectors/hubspot/fields.ts';
import {
  EVIDENCE_FIELDS,
  NATIVE_FIELDS,
  OWNED_NATIVE_FIELDS,
  SYSTEM_FIELDS,
} from '../src/connectors/salesforce/fields.ts';

const REREAD = 1_000;
const BATCH = 100;

interface Credentials {
  readonly salesforce: { readonly url: string; readonly clientId: string; readonly clientSecret: string };
  readonly hubspot: { readonly url: string; readonly token: string };
}

const { salesforce, hubspot } = JSON.parse(process.argv[2] ?? '') as Credentials;
let pages = 0;
let bytes = 0;

const token = await signIn();
const opportunities = await readSalesforce();
const deals = await readHubspot();
for (let start = 0; start < opportunities.length; start += REREAD)
  await rereadSalesforce(opportunities.slice(start, start + REREAD));
for (let start = 0; start < deals.length; start += BATCH)
  await rereadHubspot(deals.slice(start, start + BATCH));
console.log(JSON.stringify({ pages, bytes, records: opportunities.length + deals.length }));

async function page(url: string, bearer: string, body?: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 300)}`);
  pages += 1;
  bytes += text.length;
  return JSON.parse(text) as Record<string, unknown>;
}

async function signIn(): Promise<string> {
  const response = await fetch(`${salesforce.url}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: salesforce.clientId,
      client_secret: salesforce.clientSecret,
    }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

function soql(where: string): string {
  const natives = [...Object.values(NATIVE_FIELDS), ...Object.values(OWNED_NATIVE_FIELDS)]
    .map(({ native }) => native)
    .filter((native) => native !== 'CurrencyIsoCode');
  const fields = [
    ...SYSTEM_FIELDS,
    ...natives,
    ...Object.keys(EVIDENCE_FIELDS),
    'Account.Name',
    'Owner.Email',
  ];
  return `/services/data/v66.0/query?q=${encodeURIComponent(`SELECT ${fields.join(', ')} FROM Opportunity ${where}`)}`;
}

async function readSalesforce(): Promise<string[]> {
  const ids: string[] = [];
  let next: unknown = soql('ORDER BY Id');
  while (typeof next === 'string') {
    const answer = await page(`${salesforce.url}${next}`, token);
    for (const row of answer['records'] as { Id: string }[]) ids.push(row.Id);
    next = answer['nextRecordsUrl'];
  }
  return ids;
}

async function rereadSalesforce(ids: readonly string[]): Promise<void> {
  const url = soql(`WHERE Id IN (${ids.map((id) => `'${id}'`).join(',')})`);
  const body = { allOrNone: false, compositeRequest: [{ method: 'GET', url, referenceId: 'read' }] };
  await page(`${salesforce.url}/services/data/v66.0/composite`, token, body);
}

function properties(): readonly string[] {
  const fields = plannedFields({ customFields: {} }).map(({ field, native, kind }) => ({
    ...{ field, native, kind, nativeType: 'string', readable: true, writable: true },
    ...{ choices: null, maxLength: null },
  }));
  return requestedProperties({ fields, evidence: [] });
}

async function readHubspot(): Promise<string[]> {
  const ids: string[] = [];
  const asked = encodeURIComponent(properties().join(','));
  let after: string | null = '';
  while (after !== null) {
    const url = `${hubspot.url}/crm/v3/objects/deals?limit=${BATCH}&archived=false&properties=${asked}`;
    const answer = await page(after === '' ? url : `${url}&after=${after}`, hubspot.token);
    for (const deal of answer['results'] as { id: string }[]) ids.push(deal.id);
    after = (answer['paging'] as { next?: { after: string } } | undefined)?.next?.after ?? null;
  }
  return ids;
}

async function rereadHubspot(ids: readonly string[]): Promise<void> {
  const body = { properties: properties(), inputs: ids.map((id) => ({ id })) };
  await page(`${hubspot.url}/crm/v3/objects/deals/batch/read`, hubspot.token, body);
}
