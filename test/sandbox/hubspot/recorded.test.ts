/** Shapes of our answers against answers recorded from live portals; skipped loudly where the recordings are not present. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { useRealNetwork } from '../real-network.ts';
import { deal, line, startPortal, type TestPortal } from './portal-server.ts';

const RECORDED = path.resolve(import.meta.dirname, '../../../../shared/fixtures/hubspot/amp-labs');

/** Keys and types, values left out; a list is its first element. Null stands for any type. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== 'object' || value === null) return value === null ? null : typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, shapeOf(inner)]),
  );
}

describe('HubSpot simulator: recorded answers', () => {
  useRealNetwork();
  let portal: TestPortal;
  before(async function () {
    if (!existsSync(RECORDED)) {
      console.log('      recorded HubSpot answers are not present: shapes are not compared');
      this.skip();
    }
    portal = await startPortal({
      lines: [
        line('contact', { hs_object_id: '1', email: 'a@example.com', firstname: 'A', lastname: 'B' }),
        deal({ hs_object_id: '2', dealname: 'D' }),
      ],
    });
  });
  after(async () => {
    await portal?.close();
  });

  const recorded = (name: string): unknown => JSON.parse(readFileSync(path.join(RECORDED, name), 'utf8'));
  const same = (ours: unknown, name: string): void =>
    assert.deepEqual(shapeOf(ours), shapeOf(recorded(name)), name);
  const bad = { properties: { first000name: 'x', last000name: 'y' } };

  it('refused values of a batch', async () => {
    const answer = await portal.ask('POST', '/crm/v3/objects/contacts/batch/create', { inputs: [bad, bad] });
    const body = recorded('batch-create-400-invalid-properties.json') as { message: string };
    same(answer.body, 'batch-create-400-invalid-properties.json');
    assert.equal(answer.body.message, body.message);
  });

  it('duplicate ids', async () => {
    const answer = await portal.ask('POST', '/crm/v3/objects/contacts/batch/update', {
      inputs: [
        { id: '1', properties: {} },
        { id: '1', properties: {} },
      ],
    });
    same(answer.body, 'batch-update-400-duplicate-ids.json');
  });

  it('missing ids of an update', async () => {
    const inputs = [
      { id: '1', properties: { firstname: 'C' } },
      { id: 'unknownIdentifier888', properties: {} },
    ];
    const answer = await portal.ask('POST', '/crm/v3/objects/contacts/batch/update', { inputs });
    const body = recorded('batch-update-207-object-not-found.json') as { errors: unknown };
    assert.equal(answer.status, 207);
    assert.deepEqual(answer.body.errors, body.errors);
  });

  it('unknown object type', async () => {
    const answer = await portal.ask('POST', '/crm/v3/objects/butterflies/search', {});
    assert.equal(answer.status, 400);
    assert.equal(answer.body.message, 'Unable to infer object type from: butterflies');
    same(answer.body, 'search-400-unknown-object-type.json');
  });

  it('a page of search', async () => {
    await portal.ask('POST', '/crm/v3/objects/contacts', {
      properties: { email: 'c@example.com', firstname: 'C', lastname: 'D' },
    });
    portal.advance(60_000);
    const properties = ['company', 'phone', 'website', 'email', 'firstname', 'lastname'];
    const answer = await portal.ask('POST', '/crm/v3/objects/contacts/search', { limit: 1, properties });
    same(answer.body, 'search-contacts-page1.json');
  });

  it('pipelines, properties, account and scopes', async () => {
    same((await portal.ask('GET', '/crm/v3/pipelines/deals')).body, 'deals-pipelines-default.json');
    same(
      { ...(await portal.ask('GET', '/account-info/v3/details')).body, additionalCurrencies: [] },
      'account-info.json',
    );
    const dealstage = (await portal.ask('GET', '/crm/v3/properties/deals/dealstage')).body;
    const known = (recorded('deals-properties-pipeline-dealstage.json') as { results: unknown[] }).results[1];
    assert.deepEqual(shapeOf(dealstage), shapeOf(known));
    portal.simulator.configure({ apps: [{ name: 'none', token: 'pat-none', scopes: [] }] });
    const refused = await portal.ask('GET', '/crm/v3/schemas', undefined, {
      authorization: 'Bearer pat-none',
    });
    assert.equal(refused.status, 403);
    same(refused.body, '403-missing-scopes.json');
  });

  it('links made in a batch, and links that cannot be', async () => {
    await portal.ask('POST', '/crm/v3/objects/companies', { properties: { name: 'X' } });
    const companies = await portal.ask('GET', '/crm/v3/objects/companies');
    const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 279 }];
    const to = { id: companies.body.results[0].id };
    const made = await portal.ask('POST', '/crm/v4/associations/contacts/companies/batch/create', {
      inputs: [{ from: { id: '1' }, to, types }],
    });
    assert.equal(made.status, 201);
    same(made.body, 'associations-v4-batch-create.json');
    const wrong = await portal.ask('POST', '/crm/v4/associations/contacts/companies/batch/create', {
      inputs: [{ from: { id: 'unknown_id' }, to, types }],
    });
    const body = recorded('associations-v4-batch-errors.json') as { errors: unknown[] };
    assert.deepEqual(shapeOf(wrong.body.errors[0]), shapeOf(body.errors[0]));
  });
});
