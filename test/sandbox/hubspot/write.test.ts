import assert from 'node:assert/strict';
import { useRealNetwork } from '../real-network.ts';
import { deal, line, START, startPortal, type TestPortal } from './portal-server.ts';

const DEALS = '/crm/v3/objects/deals';
const NOW = new Date(START).toISOString().replace('.000Z', 'Z');

describe('HubSpot simulator: writing deals', () => {
  useRealNetwork();
  let portal: TestPortal;
  beforeEach(async () => {
    portal = await startPortal({
      lines: [
        line('owner', { id: '7', email: 'ann@example.com', firstName: 'Ann', lastName: 'Lee' }),
        deal({
          hs_object_id: '1',
          dealname: 'One',
          amount: '100',
          dealstage: 'qualifiedtobuy',
          pipeline: 'default',
          createdate: '2026-11-01T00:00:00Z',
          closedate: '2026-12-31T00:00:00Z',
        }),
        deal({
          hs_object_id: '2',
          dealname: 'Two',
          dealstage: 'closedlost',
          pipeline: 'default',
          createdate: '2026-11-01T00:00:00Z',
        }),
      ],
    });
    portal.truth.length = 0;
  });
  afterEach(() => portal.close());

  const read = async (id: string, ...names: string[]): Promise<Record<string, string | null>> =>
    (await portal.ask('GET', `${DEALS}/${id}?properties=${names.join(',')}`)).body.properties;

  it('creates through the official client with 201 and computed values (hubspot.md §4.1, §2.7)', async () => {
    const made = await portal.client.crm.deals.basicApi.create({
      properties: {
        dealname: 'New',
        amount: '250.50',
        dealstage: 'contractsent',
        closedate: '1767139200000',
      },
      associations: [],
    });
    assert.equal(made.properties['pipeline'], 'default');
    const stored = await read(
      made.id,
      'hs_is_closed',
      'closedate',
      'amount_in_home_currency',
      'hs_object_source',
      'hs_v2_date_entered_contractsent',
    );
    assert.equal(stored['hs_is_closed'], 'false');
    assert.equal(stored['closedate'], '2025-12-31T00:00:00Z');
    assert.equal(stored['amount_in_home_currency'], '250.50');
    assert.equal(stored['hs_object_source'], 'INTEGRATION');
    assert.equal(stored['hs_v2_date_entered_contractsent'], NOW);
    assert.equal(portal.truth[0]?.action, 'create');
    assert.equal(portal.truth[0]?.actor, 'engine');
  });

  it('a deal created without stage has neither stage, pipeline nor closed flag (hubspot.md §2.7)', async () => {
    const { status, body } = await portal.ask('POST', DEALS, {
      properties: { dealname: 'Bare', amount: '1' },
    });
    assert.equal(status, 201);
    const stored = await read(body.id, 'dealstage', 'pipeline', 'hs_is_closed', 'hs_is_closed_lost');
    assert.deepEqual(
      [stored['dealstage'], stored['pipeline'], stored['hs_is_closed'], stored['hs_is_closed_lost']],
      [null, null, null, 'false'],
    );
  });

  it('moves the close date to now on open -> closed and won <-> lost, unless it is sent (field.md e18)', async () => {
    portal.advance(5);
    await portal.ask('PATCH', `${DEALS}/1`, { properties: { dealstage: 'closedwon' } });
    const won = await read(
      '1',
      'closedate',
      'hs_is_closed_won',
      'hs_closed_won_date',
      'days_to_close',
      'hs_deal_stage_probability',
      'hs_v2_date_exited_qualifiedtobuy',
    );
    assert.equal(won['closedate'], new Date(START + 5).toISOString());
    assert.equal(won['hs_is_closed_won'], 'true');
    assert.equal(won['hs_closed_won_date'], new Date(START + 5).toISOString());
    assert.equal(won['days_to_close'], '19');
    assert.equal(won['hs_deal_stage_probability'], '1');
    assert.equal(won['hs_v2_date_exited_qualifiedtobuy'], new Date(START + 5).toISOString());
    await portal.ask('PATCH', `${DEALS}/1`, {
      properties: { dealstage: 'closedlost', closedate: '2026-11-19' },
    });
    assert.equal((await read('1', 'closedate'))['closedate'], '2026-11-19T00:00:00Z');
    await portal.ask('PATCH', `${DEALS}/1`, { properties: { dealstage: 'closedwon' } });
    assert.equal((await read('1', 'closedate'))['closedate'], new Date(START + 5).toISOString());
    await portal.ask('PATCH', `${DEALS}/1`, { properties: { dealstage: 'qualifiedtobuy' } });
    const open = await read('1', 'hs_closed_won_date', 'closedate', 'hs_is_closed');
    assert.equal(open['hs_closed_won_date'], null);
    assert.equal(open['hs_is_closed'], 'false');
  });

  it('a write of stored values moves no stamp, leaves no truth and counts as redundant', async () => {
    const before = await read('1', 'hs_lastmodifieddate');
    portal.advance(60_000);
    const { status } = await portal.ask('PATCH', `${DEALS}/1`, {
      properties: { amount: '100.00', dealname: 'One', closedate: '2026-12-31T00:00:00.000Z' },
    });
    assert.equal(status, 200);
    assert.deepEqual(await read('1', 'hs_lastmodifieddate'), before);
    assert.equal(portal.truth.length, 0);
    assert.deepEqual(portal.writes, { total: 1, redundant: 1 });
    await portal.ask('PATCH', `${DEALS}/1`, { properties: { amount: '101' } });
    assert.equal(
      (await read('1', 'hs_lastmodifieddate'))['hs_lastmodifieddate'],
      new Date(START + 60_000).toISOString().replace('.000Z', 'Z'),
    );
    assert.deepEqual(portal.writes, { total: 2, redundant: 1 });
    assert.deepEqual(portal.truth[0]?.fields['amount'], { before: '100', after: '101' });
  });

  it('refuses every offender at once, with its code (hubspot.md §4.2)', async () => {
    const { status, body } = await portal.ask('PATCH', `${DEALS}/1`, {
      properties: {
        nonsense: '1',
        hs_is_closed: 'true',
        hs_object_id: '5',
        amount: '1,000',
        closedate: 'soon',
        dealtype: 'other',
        dealstage: 'nowhere',
        hubspot_owner_id: '99',
        deal_currency_code: 'EUR',
      },
    });
    assert.equal(status, 400);
    assert.equal(body.category, 'VALIDATION_ERROR');
    assert.match(body.message, /^Property values were not valid: \[\{"isValid":false,/);
    const codes = Object.fromEntries(
      body.errors.map((each: { code: string; context: { propertyName: string[] } }) => [
        each.context.propertyName[0],
        each.code,
      ]),
    );
    assert.deepEqual(codes, {
      nonsense: 'PROPERTY_DOESNT_EXIST',
      hs_is_closed: 'READ_ONLY_VALUE',
      hs_object_id: 'READ_ONLY_VALUE',
      amount: 'INVALID_NUMBER',
      closedate: 'INVALID_DATE',
      dealtype: 'INVALID_OPTION',
      dealstage: 'INVALID_OPTION',
      hubspot_owner_id: 'INVALID_OPTION',
      deal_currency_code: 'INVALID_OPTION',
    });
    assert.equal((await read('1', 'amount'))['amount'], '100');
  });

  it('clears with an empty text and takes scientific notation (hubspot.md §2.6)', async () => {
    await portal.ask('PATCH', `${DEALS}/1`, { properties: { amount: '' } });
    const cleared = await read('1', 'amount', 'hs_projected_amount');
    assert.deepEqual([cleared['amount'], cleared['hs_projected_amount']], [null, null]);
    await portal.ask('PATCH', `${DEALS}/1`, { properties: { amount: '1.5e3' } });
    assert.match(String((await read('1', 'hs_projected_amount'))['hs_projected_amount']), /^600\.0/);
  });

  it('needs a stage of the new pipeline when the pipeline changes (hubspot.md §4.2)', async () => {
    const made = await portal.ask('POST', '/crm/v3/pipelines/deals', {
      label: 'Second',
      displayOrder: 1,
      stages: [
        { label: 'In', displayOrder: 0, stageId: 's_in', metadata: { probability: '0.5' } },
        { label: 'Done', displayOrder: 1, stageId: 's_done', metadata: { probability: '1.0' } },
      ],
    });
    assert.equal(made.status, 201);
    const alone = await portal.ask('PATCH', `${DEALS}/1`, { properties: { pipeline: made.body.id } });
    assert.equal(alone.status, 400);
    assert.equal(
      (await portal.ask('PATCH', `${DEALS}/1`, { properties: { dealstage: 's_in' } })).status,
      400,
    );
    assert.equal(
      (
        await portal.ask('PATCH', `${DEALS}/1`, {
          properties: { pipeline: made.body.id, dealstage: 's_done' },
        })
      ).status,
      200,
    );
    assert.equal((await read('1', 'hs_is_closed_won'))['hs_is_closed_won'], 'true');
  });

  it('batch update: missing ids in a 207, invalid values refuse all or, traced, only their row (hubspot.md §4.1)', async () => {
    const missing = await portal.ask('POST', `${DEALS}/batch/update`, {
      inputs: [
        { id: '1', properties: { amount: '5' } },
        { id: '888', properties: { amount: '5' } },
      ],
    });
    assert.equal(missing.status, 207);
    assert.deepEqual(missing.body.errors[0].context, { ids: ['888'] });
    assert.equal((await read('1', 'amount'))['amount'], '5');
    const inputs = [
      { id: '1', properties: { amount: '6' }, objectWriteTraceId: 'a' },
      { id: '2', properties: { amount: 'x' }, objectWriteTraceId: 'b' },
    ];
    const traced = await portal.ask('POST', `${DEALS}/batch/update`, { inputs });
    assert.equal(traced.status, 207);
    assert.deepEqual(traced.body.errors[0].context, { objectWriteTraceId: ['b'] });
    assert.equal((await read('1', 'amount'))['amount'], '6');
    portal.simulator.configure({ updateHonoursTraceIds: false });
    inputs[0] = { id: '1', properties: { amount: '7' }, objectWriteTraceId: 'a' };
    assert.equal((await portal.ask('POST', `${DEALS}/batch/update`, { inputs })).status, 400);
    assert.equal((await read('1', 'amount'))['amount'], '6');
  });

  it('batch create is atomic without trace ids and partial with them (hubspot.md §4.1)', async () => {
    const good = { properties: { dealname: 'G', oppsync_pair_key: 'k1' } };
    const bad = { properties: { dealname: 'B', oppsync_pair_key: 'k1' } };
    const all = await portal.ask('POST', `${DEALS}/batch/create`, { inputs: [good, bad] });
    assert.equal(all.status, 400);
    assert.equal(all.body.errors[0].code, 'CONFLICTING_UNIQUE_VALUE');
    assert.equal((await portal.ask('GET', DEALS)).body.results.length, 2);
    const some = await portal.ask('POST', `${DEALS}/batch/create`, {
      inputs: [
        { ...good, objectWriteTraceId: 't1' },
        { ...bad, objectWriteTraceId: 't2' },
      ],
    });
    assert.equal(some.status, 207);
    assert.equal(some.body.results.length, 1);
    assert.deepEqual(some.body.errors[0].context.objectWriteTraceId, ['t2']);
  });

  it('upserts by a unique property, tells new from old, and refuses any other property (hubspot.md §4.1)', async () => {
    const inputs = [{ id: 'p1', idProperty: 'oppsync_pair_key', properties: { dealname: 'Up' } }];
    const first = await portal.client.crm.deals.batchApi.upsert({ inputs });
    assert.equal((first.results[0] as { _new?: boolean })._new, true);
    const again = await portal.ask('POST', `${DEALS}/batch/upsert`, { inputs });
    assert.equal(again.body.results[0].new, false);
    assert.equal(again.body.results[0].id, first.results[0]?.id);
    assert.equal(again.body.results[0].properties.oppsync_pair_key, 'p1');
    const wrong = await portal.ask('POST', `${DEALS}/batch/upsert`, {
      inputs: [{ id: 'One', idProperty: 'dealname', properties: {} }],
    });
    assert.equal(wrong.body.message, 'Unable to perform upsert by non-unique 0-3 property dealname');
    const byKey = await portal.ask('GET', `${DEALS}/p1?idProperty=oppsync_pair_key`);
    assert.equal(byKey.body.id, first.results[0]?.id);
  });

  it('merges into a new id to which old ids lead, except in batches (hubspot.md §2.5)', async () => {
    const merged = await portal.client.crm.deals.basicApi.merge({
      primaryObjectId: '1',
      objectIdToMerge: '2',
    });
    assert.ok(!['1', '2'].includes(merged.id));
    assert.equal(merged.properties['hs_merged_object_ids'], '1;2');
    assert.equal((await portal.ask('GET', `${DEALS}/2`)).body.id, merged.id);
    assert.equal(
      (await portal.ask('PATCH', `${DEALS}/1`, { properties: { dealname: 'Both' } })).body.id,
      merged.id,
    );
    const batch = await portal.ask('POST', `${DEALS}/batch/update`, {
      inputs: [{ id: '1', properties: { dealname: 'No' } }],
    });
    assert.equal(batch.body.errors[0].category, 'OBJECT_NOT_FOUND');
    assert.deepEqual(
      (await portal.ask('GET', DEALS)).body.results.map((each: { id: string }) => each.id),
      [merged.id],
    );
  });

  it('tells who wrote what in histories, newest first (hubspot.md §2.8)', async () => {
    portal.simulator.edit({ type: 'deal', id: '1', fields: { amount: 120 }, actor: 'human:ann' });
    portal.advance(1000);
    await portal.ask('PATCH', `${DEALS}/1`, { properties: { amount: '130' } });
    const { body } = await portal.ask('GET', `${DEALS}/1?propertiesWithHistory=amount`);
    const history = body.propertiesWithHistory.amount;
    assert.deepEqual(
      history.map((each: { value: string; sourceType: string }) => [each.value, each.sourceType]),
      [
        ['130', 'INTEGRATION'],
        ['120', 'CRM_UI'],
        ['100', 'IMPORT'],
      ],
    );
    assert.match(history[1].sourceId, /^userId:\d+$/);
    assert.equal(history[1].sourceId, `userId:${history[1].updatedByUserId}`);
  });

  it('runs automations right after, under their own name, and refuses values it is told to refuse', async () => {
    portal.simulator.configure({
      automations: [
        {
          name: 'tidy',
          when: { property: 'dealname', changedTo: 'x' },
          set: { dealname: 'X', description: 'tidied' },
        },
      ],
      rejects: [{ property: 'description', value: 'secret', message: 'not here' }],
    });
    const answer = await portal.ask('PATCH', `${DEALS}/1`, { properties: { dealname: 'x' } });
    assert.equal(answer.body.properties.dealname, 'x');
    assert.equal((await read('1', 'dealname'))['dealname'], 'X');
    assert.deepEqual(
      portal.truth.map((entry) => entry.actor),
      ['engine', 'automation:tidy'],
    );
    const refused = await portal.ask('PATCH', `${DEALS}/1`, { properties: { description: 'secret' } });
    assert.deepEqual(
      [refused.body.errors[0].code, refused.body.errors[0].message],
      ['INVALID_OPTION', 'not here'],
    );
    assert.throws(() => portal.simulator.configure({ burstlimit: 1 }), /unknown key "burstlimit"/);
  });

  it('archives with 204 and nothing else, restores by a person with the same id (hubspot.md §2.5)', async () => {
    const gone = await portal.ask('DELETE', `${DEALS}/1`);
    assert.deepEqual([gone.status, gone.body], [204, '']);
    assert.equal((await portal.ask('PATCH', `${DEALS}/1`, { properties: { amount: '1' } })).status, 404);
    const back = portal.simulator.edit({ type: 'deal', id: '1', action: 'restore', actor: 'human:ann' });
    assert.deepEqual(back, { ok: true, id: '1', changed: [] });
    assert.equal((await portal.ask('GET', `${DEALS}/1`)).body.archived, false);
    assert.deepEqual(
      portal.truth.map((entry) => entry.action),
      ['delete', 'restore'],
    );
  });

  it('says where bad JSON is wrong, and takes a batch without inputs (hubspot.md §4.2, §7.4)', async () => {
    const bad = await portal.ask('POST', DEALS, '{"properties": nope}');
    assert.match(bad.body.message, /^Invalid input JSON on line 1, column \d+: /);
    assert.equal((await portal.ask('POST', `${DEALS}/batch/update`, {})).status, 200);
    const many = Array.from({ length: 101 }, (_, i) => ({ id: String(i), properties: {} }));
    assert.equal((await portal.ask('POST', `${DEALS}/batch/update`, { inputs: many })).status, 400);
  });
});
