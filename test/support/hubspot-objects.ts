/** Objects made through the API of the simulated HubSpot, linked to deals. */
import type { TestSandbox } from './sandbox.ts';

/** Type ids of a link from each kind to a deal (hubspot.md 5.1). */
const TO_DEAL: Readonly<Record<string, number>> = {
  calls: 206,
  emails: 210,
  meetings: 212,
  quotes: 64,
  invoices: 175,
  commerce_payments: 391,
};

export async function makeObject(
  sandbox: TestSandbox,
  type: string,
  properties: Readonly<Record<string, string>>,
  deals: readonly string[],
): Promise<string> {
  const associations = deals.map((id) => ({
    to: { id },
    types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: TO_DEAL[type] }],
  }));
  const answer = await ask(sandbox, 'POST', `/crm/v3/objects/${type}`, { properties, associations });
  return String(answer['id']);
}

export async function changeObject(
  sandbox: TestSandbox,
  type: string,
  id: string,
  properties: Readonly<Record<string, string>>,
): Promise<void> {
  await ask(sandbox, 'PATCH', `/crm/v3/objects/${type}/${id}`, { properties });
}

async function ask(sandbox: TestSandbox, method: string, path: string, body: unknown) {
  const { url, credentials } = sandbox.running.hubspot;
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${credentials['token']}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}
