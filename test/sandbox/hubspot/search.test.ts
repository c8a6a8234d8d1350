import assert from 'node:assert/strict';
import { useRealNetwork } from '../real-network.ts';
import { deal, START, startPortal, type TestPortal } from './portal-server.ts';

const SEARCH = '/crm/v3/objects/deals/search';

describe('HubSpot simulator: search', () => {
  useRealNetwork();
  let portal: TestPortal;
  beforeEach(async () => {
    const lines = Array.from({ length: 25 }, (_, i) =>
      deal({
        hs_object_id: String(100 + i),
        dealname: `Deal ${i}`,
        amount: String(i * 10),
        dealstage: 'qualifiedtobuy',
        pipeline: 'default',
        createdate: new Date(START - 1_000_000 + i * 1000).toISOString(),
      }),
    );
    portal = await startPortal({ lines, switches: { searchLagMs: 4000, searchLagJitterMs: 0 } });
  });
  afterEach(() => portal.close());

  const window = (from: number, to: number, lastId = 0, limit = 10): Record<string, unknown> => ({
    filterGroups: [
      {
        filters: [
          {
            propertyName: 'hs_lastmodifieddate',
            operator: 'BETWEEN',
            value: String(from),
            highValue: String(to),
          },
          { propertyName: 'hs_object_id', operator: 'GT', value: String(lastId) },
        ],
      },
    ],
    sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }],
    properties: ['amount'],
    limit,
  });
  const ids = (body: { results: { id: string }[] }): number[] => body.results.map((each) => Number(each.id));

  it('walks a window by last id, total shrinking with it (hubspot.md §2.4)', async () => {
    const seen: number[] = [];
    for (let last = 0; ; last = seen.at(-1) ?? 0) {
      const { body } = await portal.ask('POST', SEARCH, window(START - 1_000_000, START, last));
      assert.equal(body.total, 25 - seen.length);
      if (body.results.length === 0) break;
      seen.push(...ids(body));
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 25 }, (_, i) => 100 + i),
    );
  });

  it('shows a write only after its lag, with the values from before until then (hubspot.md §2.4, §10 item 6)', async () => {
    await portal.ask('PATCH', '/crm/v3/objects/deals/103', { properties: { amount: '999' } });
    const made = await portal.ask('POST', '/crm/v3/objects/deals', { properties: { dealname: 'Fresh' } });
    const changed = window(START - 10, START + 10);
    assert.equal((await portal.ask('POST', SEARCH, changed)).body.total, 0);
    portal.advance(3999);
    const stale = await portal.ask('POST', SEARCH, {
      filterGroups: [{ filters: [{ propertyName: 'hs_object_id', operator: 'EQ', value: '103' }] }],
      properties: ['amount'],
    });
    assert.equal(stale.body.results[0].properties.amount, '30');
    portal.advance(1);
    assert.deepEqual(ids((await portal.ask('POST', SEARCH, changed)).body), [103, Number(made.body.id)]);
  });

  it('never answers archived records', async () => {
    await portal.ask('DELETE', '/crm/v3/objects/deals/105');
    assert.equal((await portal.ask('POST', SEARCH, window(0, START))).body.total, 24);
  });

  it('pages by whole-number offset and stops at 10,000 (hubspot.md §2.4)', async () => {
    const first = await portal.client.crm.deals.searchApi.doSearch({ limit: 20, properties: ['dealname'] });
    assert.equal(first.total, 25);
    assert.equal(first.paging?.next?.after, '20');
    const last = await portal.ask('POST', SEARCH, { limit: 20, after: '20' });
    assert.equal(last.body.results.length, 5);
    assert.equal('paging' in last.body, false);
    assert.equal((await portal.ask('POST', SEARCH, { limit: 100, after: '9950' })).status, 400);
    assert.equal((await portal.ask('POST', SEARCH, { limit: 201 })).status, 400);
  });

  it('limits body, groups, filters and sorts (hubspot.md §2.4)', async () => {
    const filter = { propertyName: 'amount', operator: 'GT', value: '1' };
    const refused = [
      { query: 'x'.repeat(3000) },
      { filterGroups: Array.from({ length: 6 }, () => ({ filters: [filter] })) },
      { filterGroups: [{ filters: Array.from({ length: 7 }, () => filter) }] },
      {
        filterGroups: Array.from({ length: 4 }, () => ({ filters: Array.from({ length: 5 }, () => filter) })),
      },
      { sorts: ['amount', 'dealname'] },
      { filters: [{ propertyName: 'nonsense', operator: 'EQ', value: '1' }] },
      { filters: [{ propertyName: 'amount', operator: 'LIKE', value: '1' }] },
    ];
    for (const body of refused)
      assert.equal((await portal.ask('POST', SEARCH, body)).status, 400, JSON.stringify(body).slice(0, 80));
  });

  it('knows every operator (hubspot.md §2.4)', async () => {
    const cases: [Record<string, unknown>, number][] = [
      [{ propertyName: 'amount', operator: 'EQ', value: '20.0' }, 1],
      [{ propertyName: 'amount', operator: 'NEQ', value: '20' }, 24],
      [{ propertyName: 'amount', operator: 'LT', value: '20' }, 2],
      [{ propertyName: 'amount', operator: 'LTE', value: '20' }, 3],
      [{ propertyName: 'amount', operator: 'GT', value: '220' }, 2],
      [{ propertyName: 'amount', operator: 'GTE', value: '220' }, 3],
      [{ propertyName: 'amount', operator: 'BETWEEN', value: '10', highValue: '30' }, 3],
      [{ propertyName: 'dealname', operator: 'EQ', value: 'DEAL 3' }, 1],
      [{ propertyName: 'dealname', operator: 'IN', values: ['deal 3', 'Deal 4'] }, 1],
      [{ propertyName: 'dealname', operator: 'CONTAINS_TOKEN', value: '2*' }, 6],
      [{ propertyName: 'dealstage', operator: 'EQ', value: 'QualifiedToBuy' }, 0],
      [{ propertyName: 'dealstage', operator: 'NOT_IN', values: ['closedwon'] }, 25],
      [{ propertyName: 'closedate', operator: 'HAS_PROPERTY' }, 0],
      [{ propertyName: 'closedate', operator: 'NOT_HAS_PROPERTY' }, 25],
      [
        {
          propertyName: 'createdate',
          operator: 'GTE',
          value: new Date(START - 1_000_000 + 20_000).toISOString(),
        },
        5,
      ],
    ];
    for (const [filter, total] of cases) {
      const { body } = await portal.ask('POST', SEARCH, { filters: [filter] });
      assert.equal(body.total, total, JSON.stringify(filter));
    }
  });
});
