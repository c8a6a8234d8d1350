import assert from 'node:assert/strict';
import { useRealNetwork } from '../real-network.ts';
import { deal, line, startPortal, type TestPortal } from './portal-server.ts';

describe('HubSpot simulator: reading deals', () => {
  useRealNetwork();
  let portal: TestPortal;
  before(async () => {
    portal = await startPortal({
      lines: [
        deal(
          {
            hs_object_id: '30',
            dealname: 'Third',
            amount: 1500,
            dealstage: 'qualifiedtobuy',
            pipeline: 'default',
            createdate: '2026-03-12T07:36:06.332Z',
          },
          ['9'],
        ),
        deal({
          hs_object_id: '10',
          dealname: 'First',
          dealstage: 'closedwon',
          pipeline: 'default',
          closedate: '2017-03-01',
          createdate: '2017-01-01T00:00:00Z',
          hs_lastmodifieddate: '2017-03-02T00:00:00Z',
        }),
        deal({ hs_object_id: '20', dealname: 'Second' }),
        { ...deal({ hs_object_id: '40', dealname: 'Gone' }), deleted: true },
        line('company', { hs_object_id: '9', name: 'Acme', domain: 'acme.example' }),
      ],
    });
  });
  after(() => portal.close());

  it('lists in id order through an opaque cursor, without paging on the last page (hubspot.md §2.2)', async () => {
    const first = await portal.ask('GET', '/crm/v3/objects/deals?limit=2');
    assert.deepEqual(
      first.body.results.map((each: { id: string }) => each.id),
      ['10', '20'],
    );
    const { after, link } = first.body.paging.next;
    assert.ok(!/^\d+$/.test(after));
    const rest = await portal.ask('GET', `/crm/v3/objects/deals?limit=2&after=${encodeURIComponent(after)}`);
    assert.deepEqual(
      rest.body.results.map((each: { id: string }) => each.id),
      ['30'],
    );
    assert.equal('paging' in rest.body, false);
    assert.equal((await fetch(link, { headers: { authorization: `Bearer ${portal.token}` } })).status, 200);
  });

  it('answers the default properties, stamps and address of the official client (hubspot.md §2.1)', async () => {
    const found = await portal.client.crm.deals.basicApi.getById('30', undefined, undefined, ['companies']);
    assert.deepEqual(Object.keys(found.properties), [
      'amount',
      'closedate',
      'createdate',
      'dealname',
      'dealstage',
      'hs_lastmodifieddate',
      'hs_object_id',
      'pipeline',
    ]);
    assert.equal(found.properties['amount'], '1500');
    assert.equal(found.properties['closedate'], null);
    assert.equal(found.createdAt.getTime(), Date.parse('2026-03-12T07:36:06.332Z'));
    assert.deepEqual(
      found.associations?.['companies']?.results.map((each) => ({ ...each })),
      [
        { id: '9', type: 'deal_to_company' },
        { id: '9', type: 'deal_to_company_unlabeled' },
      ],
    );
  });

  it('takes repeated and comma-separated property lists and leaves unknown names out (hubspot.md §1.4, §2.1)', async () => {
    const repeated = await portal.ask(
      'GET',
      '/crm/v3/objects/0-3/10?properties=amount&properties=hs_is_closed_won',
    );
    const commas = await portal.ask(
      'GET',
      '/crm/v3/objects/deal/10?properties=amount,hs_is_closed_won,nonsense',
    );
    assert.deepEqual(repeated.body.properties, commas.body.properties);
    assert.equal(repeated.body.properties.amount, null);
    assert.equal(repeated.body.properties.hs_is_closed_won, 'true');
    assert.equal('nonsense' in commas.body.properties, false);
  });

  it('serves the dated paths with the same handlers (hubspot.md §0)', async () => {
    const legacy = await portal.ask('GET', '/crm/v3/objects/deals/10');
    const dated = await portal.ask('GET', '/crm/objects/2026-09/0-3/10');
    assert.deepEqual(dated.body, legacy.body);
    assert.equal((await portal.ask('GET', '/crm/pipelines/2026-09/deals')).status, 200);
    assert.equal((await portal.ask('GET', '/crm/properties/2026-09/deals')).status, 200);
    assert.equal(
      (
        await portal.ask('POST', '/crm/associations/2026-09/deals/companies/batch/read', {
          inputs: [{ id: '30' }],
        })
      ).status,
      200,
    );
  });

  it('keeps stamps given by the dataset and trims zero milliseconds (hubspot.md §2.6)', async () => {
    const { body } = await portal.ask('GET', '/crm/v3/objects/deals/10');
    assert.equal(body.properties.closedate, '2017-03-01T00:00:00Z');
    assert.equal(body.properties.hs_lastmodifieddate, '2017-03-02T00:00:00Z');
  });

  it('prints calculated doubles with every digit (hubspot.md §2.6)', async () => {
    const { body } = await portal.ask(
      'GET',
      '/crm/v3/objects/deals/30?properties=hs_deal_stage_probability,hs_projected_amount',
    );
    assert.equal(
      body.properties.hs_deal_stage_probability,
      '0.40000000000000002220446049250313080847263336181640625',
    );
    assert.match(body.properties.hs_projected_amount, /^600\.0000000000000333/);
  });

  it('leaves the closed flag absent on a deal without stage (hubspot.md §2.7)', async () => {
    const { body } = await portal.ask(
      'GET',
      '/crm/v3/objects/deals/20?properties=hs_is_closed,hs_is_closed_won,hs_deal_stage_probability,dealstage',
    );
    assert.equal(body.properties.hs_is_closed, null);
    assert.equal(body.properties.hs_is_closed_won, 'false');
    assert.equal(body.properties.hs_deal_stage_probability, null);
    assert.equal(body.properties.dealstage, null);
  });

  it('tells numeric and non-numeric unknown ids apart (hubspot.md §2.1)', async () => {
    const numeric = await portal.ask('GET', '/crm/v3/objects/deals/999');
    assert.equal(numeric.status, 404);
    assert.equal(numeric.body.message, 'resource not found');
    assert.equal('category' in numeric.body, false);
    const text = await portal.ask('GET', '/crm/v3/objects/deals/abc');
    assert.equal(text.body.category, 'OBJECT_NOT_FOUND');
    assert.deepEqual(text.body.context, { id: ['abc'] });
  });

  it('keeps archived records apart (hubspot.md §2.5)', async () => {
    assert.equal((await portal.ask('GET', '/crm/v3/objects/deals/40')).status, 404);
    const one = await portal.ask('GET', '/crm/v3/objects/deals/40?archived=true');
    assert.equal(one.body.archived, true);
    assert.ok(one.body.archivedAt);
    const list = await portal.ask('GET', '/crm/v3/objects/deals?archived=true');
    assert.deepEqual(
      list.body.results.map((each: { id: string }) => each.id),
      ['40'],
    );
  });

  it('batch reads with a 207 that names every missing id (hubspot.md §2.3)', async () => {
    const all = await portal.client.crm.deals.batchApi.read({
      inputs: [{ id: '10' }, { id: '20' }],
      properties: ['dealname'],
      propertiesWithHistory: [],
    });
    assert.deepEqual(all.results.map((each) => each.id).sort(), ['10', '20']);
    const some = await portal.ask('POST', '/crm/v3/objects/deals/batch/read', {
      inputs: [{ id: '10' }, { id: '77' }, { id: '40' }],
      properties: [],
    });
    assert.equal(some.status, 207);
    assert.equal(some.body.numErrors, 1);
    assert.deepEqual(some.body.errors[0].context.ids, ['77', '40']);
    const twice = await portal.ask('POST', '/crm/v3/objects/deals/batch/read', {
      inputs: [{ id: '10' }, { id: '10' }],
    });
    assert.equal(twice.status, 400);
    assert.equal(twice.body.message, 'Duplicate IDs found in batch input: [10]. IDs must be unique');
  });

  it('caps batches at 100, or 50 with histories, and lists likewise (hubspot.md §2.2, §2.3)', async () => {
    const inputs = Array.from({ length: 51 }, (_, i) => ({ id: String(i + 1) }));
    const history = await portal.ask('POST', '/crm/v3/objects/deals/batch/read', {
      inputs,
      properties: [],
      propertiesWithHistory: ['amount'],
    });
    assert.match(
      history.body.message,
      /^The maximum number of inputs supported in a batch request for property histories is 50/,
    );
    assert.equal((await portal.ask('GET', '/crm/v3/objects/deals?limit=101')).status, 400);
    assert.equal(
      (await portal.ask('GET', '/crm/v3/objects/deals?limit=51&propertiesWithHistory=amount')).status,
      400,
    );
  });

  it('answers an over-long address with HTML and 414 (hubspot.md §2.2)', async () => {
    // Node's own server refuses such a request line, so the simulator is asked directly.
    const answer = await portal.simulator.handle({
      method: 'GET',
      path: '/crm/v3/objects/deals',
      query: new URLSearchParams({ properties: 'x'.repeat(17_000) }),
      headers: { authorization: `Bearer ${portal.token}` },
      body: Buffer.alloc(0),
    });
    assert.equal(answer.status, 414);
    assert.equal(answer.headers?.['content-type'], 'text/html');
  });

  it('replaces ids in route templates', () => {
    assert.ok(portal.routes.includes('GET /crm/v3/objects/deals/{id}'));
    assert.ok(portal.routes.includes('POST /crm/v3/objects/deals/batch/read'));
  });
});
