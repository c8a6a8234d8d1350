import assert from 'node:assert/strict';
import fc from 'fast-check';
import { dateOfInstant, nextMidnight, noonOf } from '../../../src/connectors/hubspot/calendar.ts';
import { toSnapshot } from '../../../src/connectors/hubspot/map.ts';
import { toProperties } from '../../../src/connectors/hubspot/native-values.ts';
import { salesforceId } from '../../../src/connectors/hubspot/salesforce-id.ts';
import { shapeOf } from '../../../src/connectors/hubspot/shape.ts';
import { sampleFacts } from './portal.ts';

function snapshot(properties: Record<string, string | null>, facts = sampleFacts()) {
  return toSnapshot(
    { id: '1', properties, updatedAt: '2026-01-02T03:04:05.678Z', archived: false, trace: null },
    shapeOf(facts),
  );
}

describe('HubSpot map: fields', () => {
  const cases: [string, Record<string, string | null>, string, string | null | undefined][] = [
    ['a text as it is', { dealname: '  Néon  ' }, 'name', '  Néon  '],
    ['a blank text', { dealname: '' }, 'name', null],
    ['a null', { dealname: null }, 'name', null],
    ['nothing read', {}, 'name', undefined],
    ['an amount in its own digits', { amount: '10.50' }, 'amount', '10.50'],
    [
      'a stage with its pipeline',
      { dealstage: 'qualified', pipeline: 'default' },
      'stage',
      'default/qualified',
    ],
    [
      'a stage whose pipeline is not said, when only one has it',
      { dealstage: 'qualified' },
      'stage',
      'default/qualified',
    ],
    ['a deal without a stage', { dealstage: null, pipeline: null }, 'stage', null],
    ['a currency', { deal_currency_code: 'EUR' }, 'currency', 'EUR'],
    ['no currency: the account has one', { deal_currency_code: null }, 'currency', 'JPY'],
    [
      'an evening in UTC that is tomorrow in Tokyo',
      { closedate: '2026-12-30T15:00:00Z' },
      'closeDate',
      '2026-12-31',
    ],
    ['midnight UTC is a bare date', { closedate: '2026-12-31T00:00:00Z' }, 'closeDate', '2026-12-31'],
    ['the same in epoch ms', { closedate: String(Date.UTC(2026, 11, 31)) }, 'closeDate', '2026-12-31'],
    ['no close date', { closedate: '' }, 'closeDate', null],
    ['an owner', { hubspot_owner_id: '7' }, 'owner', 'ann@example.com'],
    ['a former owner', { hubspot_owner_id: '8' }, 'owner', 'bob@example.com'],
    ['an owner nobody knows is not read, never blank', { hubspot_owner_id: '9' }, 'owner', undefined],
    ['no owner', { hubspot_owner_id: '' }, 'owner', null],
  ];
  for (const [title, properties, field, expected] of cases) {
    it(title, () => {
      const { fields } = snapshot(properties);
      assert.equal(fields[field], expected);
      assert.equal(field in fields, expected !== undefined);
    });
  }

  it('reads midnight UTC in New York as that date, and other moments in its own zone', () => {
    const facts = sampleFacts({ timeZone: 'America/New_York' });
    assert.equal(snapshot({ closedate: '2026-12-31T00:00:00Z' }, facts).fields['closeDate'], '2026-12-31');
    assert.equal(snapshot({ closedate: '2026-12-31T00:00:01Z' }, facts).fields['closeDate'], '2026-12-30');
  });

  it('keeps owned fields apart and takes the pair key from them', () => {
    const { owned, pairKey, fields } = snapshot({ oppsync_status: 'active', oppsync_pair_key: 'k1' });
    assert.deepEqual(owned, { status: 'active', pairKey: 'k1' });
    assert.equal(pairKey, 'k1');
    assert.equal('status' in fields, false);
  });

  it('names version, merges and the Salesforce counterpart', () => {
    const { version, changedAt, absorbedIds, linkedId } = snapshot({
      hs_lastmodifieddate: '2026-12-31T00:00:00Z',
      hs_merged_object_ids: '11;12',
      hs_salesforceopportunityid: '006A000000IZQuB',
    });
    assert.equal(version, '2026-12-31T00:00:00Z');
    assert.equal(changedAt, Date.UTC(2026, 11, 31));
    assert.deepEqual(absorbedIds, ['11', '12']);
    assert.equal(linkedId, '006A000000IZQuBIAX');
    assert.equal(snapshot({}).version, '2026-01-02T03:04:05.678Z');
  });
});

describe('HubSpot map: evidence', () => {
  it('takes the text "false" for false and an absent flag for unsaid', () => {
    assert.equal(snapshot({ hs_is_closed: 'false' }).evidence.isClosed, false);
    assert.equal(snapshot({ hs_is_closed: 'true' }).evidence.isClosed, true);
    assert.equal(snapshot({ hs_is_closed: null }).evidence.isClosed, null);
    assert.equal(snapshot({}).evidence.isClosed, null);
  });

  it('tells what the stage says, whatever its id says', () => {
    const won = snapshot({ dealstage: 'contractsent', pipeline: 'default' }).evidence;
    assert.deepEqual([won.stageIsClosed, won.stageIsWon, won.stageExists], [true, true, true]);
    const lost = snapshot({ dealstage: 'closedwon', pipeline: 'default' }).evidence;
    assert.deepEqual([lost.stageIsClosed, lost.stageIsWon], [true, false]);
    const deleted = snapshot({ dealstage: 'gone', pipeline: 'default' }).evidence;
    assert.deepEqual([deleted.stageExists, deleted.stageIsClosed], [false, null]);
    assert.equal(snapshot({ dealstage: null, pipeline: null }).evidence.stageExists, null);
  });

  it('reads probabilities, moments and the latest contact', () => {
    const { evidence } = snapshot({
      hs_deal_stage_probability: '0.40000000000000002220446049250313080847263336181640625',
      hs_is_closed: 'true',
      closedate: '2026-05-01T10:00:00Z',
      notes_last_contacted: '2026-04-01T00:00:00Z',
      hs_sales_email_last_replied: '2026-04-02T00:00:00Z',
      hs_v2_date_entered_current_stage: '1773300966332',
    });
    assert.equal(evidence.probability, 0.4);
    assert.equal(evidence.closedAt, Date.UTC(2026, 4, 1, 10));
    assert.equal(evidence.lastContactAt, Date.UTC(2026, 3, 2));
    assert.equal(evidence.stageChangedAt, 1773300966332);
    assert.equal(
      snapshot({ closedate: '2026-05-01T10:00:00Z', hs_is_closed: 'false' }).evidence.closedAt,
      null,
    );
  });

  it('gives configured evidence its type; unread evidence has no key', () => {
    const facts = sampleFacts({
      evidence: [
        { name: 'signed', native: 'contract_signed', type: 'bool' },
        { name: 'paid', native: 'paid_amount', type: 'number' },
        { name: 'poNumber', native: 'po', type: 'string' },
        { name: 'unread', native: 'unread', type: 'string' },
      ],
    });
    const { evidence } = snapshot({ contract_signed: 'false', paid_amount: '12.5', po: '00123' }, facts);
    assert.deepEqual(evidence.custom, { signed: false, paid: 12.5, poNumber: '00123' });
  });
});

describe('HubSpot map: values to write', () => {
  const write = (fields: Record<string, string | null>, facts = sampleFacts()) =>
    toProperties({ fields, owned: {} }, shapeOf(facts));

  it('splits the stage, clears with empty text, finds the owner', () => {
    assert.deepEqual(write({ stage: 'default/qualified', nextStep: null, owner: 'Ann@example.com' }), {
      pipeline: 'default',
      dealstage: 'qualified',
      hs_next_step: '',
      hubspot_owner_id: '7',
    });
  });

  it('writes a close date as noon in the zone of the portal', () => {
    assert.equal(write({ closeDate: '2026-12-31' })['closedate'], '2026-12-31T03:00:00.000Z');
    const newYork = sampleFacts({ timeZone: 'America/New_York' });
    assert.equal(write({ closeDate: '2026-07-04' }, newYork)['closedate'], '2026-07-04T16:00:00.000Z');
  });

  it('leaves out the currency an account with one currency implies', () => {
    assert.deepEqual(write({ currency: 'JPY' }, sampleFacts({ currencies: null })), {});
    assert.deepEqual(write({ currency: 'JPY' }), { deal_currency_code: 'JPY' });
  });
});

describe('HubSpot calendar', () => {
  const zones = [
    'Asia/Tokyo',
    'America/New_York',
    'Pacific/Kiritimati',
    'Etc/GMT+12',
    'Pacific/Auckland',
    'Asia/Kathmandu',
    'UTC',
    'America/Sao_Paulo',
    'Africa/Cairo',
  ];

  it('reads back every date it writes, in every zone, across clock changes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.date({ min: new Date('1990-01-01'), max: new Date('2060-01-01'), noInvalidDate: true }),
        (zone, day) => {
          const date = day.toISOString().slice(0, 10);
          const noon = noonOf(date, zone);
          assert.ok(noon !== null);
          assert.equal(dateOfInstant(Date.parse(noon), zone), date);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('refuses what is no date', () => {
    for (const text of ['2026-02-30', '2026-1-1', '31/12/2026', '']) assert.equal(noonOf(text, 'UTC'), null);
  });

  it('finds the next midnight of a zone, also before its clocks are changed', () => {
    for (const [at, zone, midnight] of [
      ['2026-11-23T12:00:00.023Z', 'America/New_York', '2026-11-24T05:00:00Z'],
      ['2026-03-29T00:30:00.500Z', 'Europe/Berlin', '2026-03-29T22:00:00Z'],
      ['2026-10-25T00:30:00Z', 'Europe/Berlin', '2026-10-25T23:00:00Z'],
      // Midnight does not exist there: the day begins at one o'clock.
      ['2026-09-05T20:00:00Z', 'America/Santiago', '2026-09-06T04:00:00Z'],
    ] as const)
      assert.equal(
        new Date(nextMidnight(Date.parse(at), zone)).toISOString(),
        new Date(midnight).toISOString(),
      );
  });
});

describe('Salesforce ids left by another integration', () => {
  it('get their check characters, whatever the letter case of those', () => {
    assert.equal(salesforceId('001A000000hT2G1'), '001A000000hT2G1IAK');
    assert.equal(salesforceId('006A000000IZQuB'), '006A000000IZQuBIAX');
    assert.equal(salesforceId(' 006A000000IZQuBiax '), '006A000000IZQuBIAX');
    assert.equal(salesforceId('not an id'), null);
    assert.equal(salesforceId(null), null);
  });
});
