import assert from 'node:assert/strict';
import { useRealNetwork } from '../real-network.ts';
import { id, type Line, type Org, opportunities, startOrg } from './running-org.ts';

const RENEWAL = id('012', 2);
const FRESH = id('012', 1);
const TYPES: Line[] = [
  {
    type: 'CustomField',
    fields: { FullName: 'Region__c', Type: 'Picklist', Values: ['North', 'South'], Restricted: true },
  },
  {
    type: 'RecordType',
    fields: { Id: FRESH, Name: 'New Business', DeveloperName: 'New_Business', SobjectType: 'Opportunity' },
  },
  {
    type: 'RecordType',
    fields: {
      ...{
        Id: RENEWAL,
        Name: 'Renewal',
        DeveloperName: 'Renewal',
        SobjectType: 'Opportunity',
        Default: true,
      },
      PicklistValues: { StageName: ['Prospecting', 'Closed Won', 'Closed Lost'], Region__c: ['North'] },
    },
  },
];
const deal = id('006', 1);

describe('salesforce record types', () => {
  useRealNetwork();
  let org: Org;
  beforeEach(async () => {
    org = await startOrg([...TYPES, ...opportunities(1, { RecordTypeId: RENEWAL })]);
  });
  afterEach(() => org.close());

  const patch = (body: unknown) => org.api('PATCH', `/sobjects/Opportunity/${deal}`, body);
  const stage = async () => (await org.api('GET', `/sobjects/Opportunity/${deal}`)).body.StageName;

  it('describe names them with the default and the master, but not what they offer (§2.5)', async () => {
    const { body } = await org.api('GET', '/sobjects/Opportunity/describe');
    assert.deepEqual(
      body.recordTypeInfos.map((one: Record<string, unknown>) => [
        one['name'],
        one['master'],
        one['defaultRecordTypeMapping'],
      ]),
      [
        ['New Business', false, false],
        ['Renewal', false, true],
        ['Master', true, false],
      ],
    );
    const stages = body.fields.find((one: { name: string }) => one.name === 'StageName').picklistValues;
    assert.equal(stages.length, 10);
  });

  it('an org without any has the master as its default', async () => {
    const plain = await startOrg(opportunities(1));
    const { body } = await plain.api('GET', '/sobjects/Opportunity/describe');
    assert.deepEqual(
      body.recordTypeInfos.map((one: Record<string, unknown>) => [
        one['recordTypeId'],
        one['defaultRecordTypeMapping'],
      ]),
      [['012000000000000AAA', true]],
    );
    await plain.close();
  });

  it('tells by record type which values are offered (User Interface API, Picklist Values Collection)', async () => {
    const { status, body } = await org.api(
      'GET',
      `/ui-api/object-info/Opportunity/picklist-values/${RENEWAL}`,
    );
    assert.equal(status, 200);
    assert.equal(typeof body.eTag, 'string');
    const { StageName, Region__c, LeadSource, Name } = body.picklistFieldValues;
    assert.deepEqual(
      StageName.values.map((one: { value: string }) => one.value),
      ['Prospecting', 'Closed Won', 'Closed Lost'],
    );
    assert.deepEqual(StageName.values[1], {
      attributes: {
        closed: true,
        defaultProbability: 100,
        forecastCategoryName: 'Closed',
        picklistAtrributesValueType: 'OpportunityStage',
        won: true,
      },
      label: 'Closed Won',
      validFor: [],
      value: 'Closed Won',
    });
    assert.deepEqual(
      Region__c.values.map((one: { value: string }) => one.value),
      ['North'],
    );
    assert.deepEqual(
      [LeadSource.values.length, LeadSource.controllerValues, LeadSource.defaultValue],
      [5, {}, null],
    );
    assert.equal(
      StageName.url,
      `/services/data/v66.0/ui-api/object-info/Opportunity/picklist-values/${RENEWAL}/StageName`,
    );
    assert.equal(Name, undefined, 'only picklists');
    const one = await org.api('GET', StageName.url.replace('/services/data/v66.0', ''));
    assert.deepEqual(one.body.values, StageName.values);
    const master = await org.api('GET', '/ui-api/object-info/Opportunity/picklist-values/012000000000000AAA');
    assert.equal(master.body.picklistFieldValues.StageName.values.length, 10);
  });

  for (const path of [
    `/Opportunity/picklist-values/${id('012', 9)}`,
    `/Opportunity/picklist-values/${RENEWAL}/Name`,
    `/Nothing/picklist-values/${RENEWAL}`,
    '/Opportunity',
  ])
    it(`answers 404 for ${path}`, async () => {
      assert.equal((await org.api('GET', `/ui-api/object-info${path}`)).status, 404);
    });

  it('refuses a value its record type does not offer, and takes it once the type is another (§4.4)', async () => {
    for (const body of [{ StageName: 'Qualification' }, { Region__c: 'South' }]) {
      const answer = await patch(body);
      assert.equal(answer.status, 400);
      assert.equal(answer.body[0].errorCode, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST');
      assert.deepEqual(answer.body[0].fields, Object.keys(body));
    }
    assert.equal(await stage(), 'Prospecting');
    assert.equal((await patch({ StageName: 'Closed Won' })).status, 204);
    assert.equal((await patch({ StageName: 'Qualification', RecordTypeId: FRESH })).status, 204);
    assert.equal(await stage(), 'Qualification');
  });

  it('a picklist that is not restricted takes any value of any type through the API (§2.5)', async () => {
    org.simulator.configure({ restrictedStages: false });
    assert.equal((await patch({ StageName: 'Qualification' })).status, 204);
    assert.equal(await stage(), 'Qualification');
  });

  it('a record made without a type gets the default one', async () => {
    const body = { Name: 'New', CloseDate: '2027-01-01' };
    const bad = await org.api('POST', '/sobjects/Opportunity', { ...body, StageName: 'Qualification' });
    assert.equal(bad.body[0].errorCode, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST');
    const made = await org.api('POST', '/sobjects/Opportunity', { ...body, StageName: 'Prospecting' });
    const found = await org.api('GET', `/sobjects/Opportunity/${made.body.id}`);
    assert.equal(found.body.RecordTypeId, RENEWAL);
  });

  it('the state can be loaded again', async () => {
    const lines = [...org.simulator.state()].map(({ type, fields, deleted }) => ({
      ...{ type, fields },
      ...(deleted === undefined ? {} : { deleted }),
    }));
    const again = await startOrg(lines);
    assert.deepEqual([...again.simulator.state()], [...org.simulator.state()]);
    const answer = await again.api('PATCH', `/sobjects/Opportunity/${deal}`, { Region__c: 'South' });
    assert.equal(answer.status, 400);
    await again.close();
  });

  it('a dataset that names values in another way is refused', async () => {
    const [, , renewal] = TYPES;
    const fields = { ...renewal?.fields, PicklistValues: { StageName: 'Prospecting' } };
    await assert.rejects(startOrg([{ type: 'RecordType', fields }]), /PicklistValues must name fields/);
  });
});
