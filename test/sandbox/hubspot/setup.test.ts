import assert from 'node:assert/strict';
import { useRealNetwork } from '../real-network.ts';
import { deal, line, startPortal, type TestPortal } from './portal-server.ts';

describe('HubSpot simulator: pipelines, properties, owners, associations', () => {
  useRealNetwork();
  let portal: TestPortal;
  beforeEach(async () => {
    portal = await startPortal({
      provisioned: false,
      lines: [
        line('owner', { id: '7', email: 'ann@example.com', firstName: 'Ann', lastName: 'Lee' }),
        line('owner', { id: '8', email: 'old@example.com', archived: true }),
        line('company', { hs_object_id: '50', name: 'Acme' }),
        line('company', { hs_object_id: '51', name: 'Beta' }),
        deal({ hs_object_id: '1', dealname: 'One', dealstage: 'qualifiedtobuy', pipeline: 'default' }, [
          '50',
        ]),
      ],
    });
  });
  afterEach(() => portal.close());

  it('has the default pipeline with text metadata (hubspot.md §3.1)', async () => {
    const { results } = await portal.client.crm.pipelines.pipelinesApi.getAll('deals');
    const stages = results[0]?.stages.toSorted((a, b) => a.displayOrder - b.displayOrder) ?? [];
    assert.deepEqual(
      stages.map(({ id, metadata }) => [id, metadata?.['probability'], metadata?.['isClosed']]),
      [
        ['appointmentscheduled', '0.2', 'false'],
        ['qualifiedtobuy', '0.4', 'false'],
        ['presentationscheduled', '0.6', 'false'],
        ['decisionmakerboughtin', '0.8', 'false'],
        ['contractsent', '0.9', 'false'],
        ['closedwon', '1.0', 'true'],
        ['closedlost', '0.0', 'true'],
      ],
    );
  });

  it('protects a stage in use, and knows an archived one no more (hubspot.md §3.1)', async () => {
    const path = '/crm/v3/pipelines/deals/default/stages/qualifiedtobuy';
    const refused = await portal.ask('DELETE', path);
    assert.equal(refused.status, 400);
    assert.equal(refused.body.subCategory, 'PipelineError.STAGE_ID_IN_USE');
    assert.deepEqual(refused.body.context, { stageIds: ['qualifiedtobuy'], objectIds: ['1'] });
    assert.equal(
      (await portal.ask('DELETE', `${path}?validateDealStageUsagesBeforeDelete=false`)).status,
      204,
    );
    assert.equal((await portal.ask('GET', path)).status, 404);
    const still = await portal.ask('GET', '/crm/v3/objects/deals/1');
    assert.equal(still.body.properties.dealstage, 'qualifiedtobuy');
  });

  it('computes the deals of a stage anew when its meaning changes', async () => {
    portal.advance(1000);
    const answer = await portal.ask('PATCH', '/crm/v3/pipelines/deals/default/stages/qualifiedtobuy', {
      metadata: { probability: '1.0', isClosed: 'true' },
    });
    assert.equal(answer.status, 200);
    const { body } = await portal.ask('GET', '/crm/v3/objects/deals/1?properties=hs_is_closed_won');
    assert.equal(body.properties.hs_is_closed_won, 'true');
    assert.equal(Date.parse(body.updatedAt), portal.now());
  });

  it('creates a group and properties, once (hubspot.md §3.2)', async () => {
    const property = {
      groupName: 'oppsync',
      name: 'oppsync_pair_key',
      label: 'Key',
      type: 'string',
      fieldType: 'text',
      hasUniqueValue: true,
    } as const;
    const early = await portal.ask('POST', '/crm/v3/properties/deals', property);
    assert.equal(early.status, 400);
    assert.equal(
      (await portal.ask('POST', '/crm/v3/properties/deals/groups', { name: 'oppsync', label: 'oppsync' }))
        .status,
      201,
    );
    const made = await portal.ask('POST', '/crm/v3/properties/deals', property);
    assert.equal(made.status, 201);
    assert.equal(made.body.hasUniqueValue, true);
    assert.equal(made.body.modificationMetadata.readOnlyValue, false);
    const again = await portal.ask('POST', '/crm/v3/properties/deals', property);
    assert.deepEqual([again.status, again.body.category], [409, 'OBJECT_ALREADY_EXISTS']);
    const batch = await portal.ask('POST', '/crm/v3/properties/deals/batch/create', {
      inputs: [
        property,
        { groupName: 'oppsync', name: 'oppsync_status', label: 'Status', type: 'string', fieldType: 'text' },
      ],
    });
    assert.deepEqual([batch.status, batch.body.numErrors, batch.body.results.length], [207, 1, 1]);
    assert.equal(
      (await portal.ask('PATCH', '/crm/v3/objects/deals/1', { properties: { oppsync_status: 'active' } }))
        .status,
      200,
    );
    const wrong = await portal.ask('POST', '/crm/v3/properties/deals', {
      ...property,
      name: 'x',
      fieldType: 'number',
    });
    assert.equal(wrong.status, 400);
  });

  it('allows ten unique properties an object (hubspot.md §3.2)', async () => {
    const group = 'dealinformation';
    const statuses: number[] = [];
    for (let i = 0; i < 11; i += 1) {
      const body = {
        groupName: group,
        name: `u${i}`,
        label: 'U',
        type: 'string',
        fieldType: 'text',
        hasUniqueValue: true,
      };
      statuses.push((await portal.ask('POST', '/crm/v3/properties/deals', body)).status);
    }
    assert.deepEqual(statuses, [...Array.from({ length: 10 }, () => 201), 400]);
  });

  it('lists owners, archived ones apart', async () => {
    const page = await portal.client.crm.owners.ownersApi.getPage();
    assert.deepEqual(
      page.results.map((owner) => owner.email),
      ['ann@example.com'],
    );
    const archived = await portal.ask('GET', '/crm/v3/owners?archived=true');
    assert.deepEqual(
      archived.body.results.map((owner: { id: string }) => owner.id),
      ['8'],
    );
    assert.equal((await portal.ask('GET', '/crm/v3/owners/9')).status, 404);
  });

  it('reads links with numeric ids, the primary one implying the plain one (hubspot.md §5.1)', async () => {
    const one = await portal.ask('GET', '/crm/v4/objects/deals/1/associations/companies');
    assert.deepEqual(one.body.results, [
      {
        toObjectId: 50,
        associationTypes: [
          { category: 'HUBSPOT_DEFINED', typeId: 5, label: 'Primary' },
          { category: 'HUBSPOT_DEFINED', typeId: 341, label: null },
        ],
      },
    ]);
    const older = await portal.ask('GET', '/crm/v3/objects/deals/1/associations/companies');
    assert.deepEqual(older.body.results[0], { id: '50', type: 'deal_to_company' });
    const batch = await portal.ask('POST', '/crm/v4/associations/deals/companies/batch/read', {
      inputs: [{ id: '1' }, { id: '2' }],
    });
    assert.deepEqual(
      [batch.status, batch.body.results.length, batch.body.errors[0].subCategory],
      [207, 1, 'crm.associations.NO_ASSOCIATIONS_FOUND'],
    );
  });

  it('moves the primary mark when another company gets it (hubspot.md §5.1, §11 trap 23)', async () => {
    const put = await portal.ask('PUT', '/crm/v4/objects/deals/1/associations/companies/51', [
      { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 5 },
    ]);
    assert.equal(put.status, 201);
    const { body } = await portal.ask(
      'GET',
      '/crm/v3/objects/deals/1?properties=hs_primary_associated_company&associations=companies',
    );
    assert.equal(body.properties.hs_primary_associated_company, '51');
    const types = body.associations.companies.results.filter((each: { id: string }) => each.id === '50');
    assert.deepEqual(types, [{ id: '50', type: 'deal_to_company_unlabeled' }]);
    const linked = await portal.client.crm.associations.v4.basicApi.createDefault(
      'deals',
      '1',
      'companies',
      '51',
    );
    assert.equal(linked.results.length, 1);
  });
});
