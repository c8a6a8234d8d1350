import assert from 'node:assert/strict';
import { DatasetError, type DatasetLine } from '../../../src/sandbox/simulator.ts';
import { createBench, deal, line } from './portal-server.ts';

describe('HubSpot simulator: datasets, state and edits', () => {
  const load = (lines: readonly DatasetLine[], provisioned = true) => {
    const bench = createBench(provisioned);
    for (const each of lines) bench.simulator.load(each);
    bench.simulator.loaded();
    return bench;
  };
  const fieldsOf = (bench: ReturnType<typeof load>, id: string): Record<string, unknown> =>
    [...bench.simulator.state()].find((each) => each.fields['hs_object_id'] === id)?.fields ?? {};

  it('gives back what it was given, in any order of lines, and can be loaded again', () => {
    const lines = [
      deal(
        {
          id: 5,
          dealname: 'A',
          amount: 12.5,
          dealstage: 's2',
          pipeline: 'p',
          hubspot_owner_id: '7',
          deal_currency_code: 'EUR',
        },
        ['9'],
      ),
      deal({
        hs_object_id: '6',
        dealname: 'B',
        dealstage: 'vanished',
        pipeline: 'gone',
        hs_is_closed: true,
        hs_is_closed_won: true,
      }),
      line('pipeline', {
        id: 'p',
        label: 'P',
        displayOrder: 0,
        stages: [
          {
            id: 's1',
            label: 'Won, called lost',
            displayOrder: 0,
            metadata: { isClosed: 'true', probability: '0.0' },
          },
          { id: 's2', label: 'Open', displayOrder: 1, metadata: { isClosed: false, probability: 0.5 } },
        ],
      }),
      line('owner', { id: '7', email: 'a@example.com' }),
      line('company', { hs_object_id: '9', name: 'Acme' }),
      { ...deal({ hs_object_id: '8', dealname: 'Old' }), deleted: true },
    ];
    const bench = load(lines);
    const first = fieldsOf(bench, '5');
    assert.equal(first['amount'], '12.5');
    assert.equal(first['hs_is_closed'], 'false');
    assert.equal(first['hs_deal_stage_probability'], '0.5');
    assert.equal(first['hs_primary_associated_company'], '9');
    const orphan = fieldsOf(bench, '6');
    assert.equal(orphan['dealstage'], 'vanished');
    assert.equal(orphan['hs_is_closed_won'], 'true');
    const state = [...bench.simulator.state()];
    assert.equal(state.find((each) => each.fields['hs_object_id'] === '8')?.deleted, true);
    assert.deepEqual(state.find((each) => each.fields['hs_object_id'] === '5')?.associations, {
      companies: ['9'],
    });
    const again = load(JSON.parse(JSON.stringify(state)) as DatasetLine[]);
    assert.deepEqual(
      JSON.parse(JSON.stringify([...again.simulator.state()])),
      JSON.parse(JSON.stringify(state)),
    );
    assert.ok(bench.truth.every((entry) => entry.actor === 'import'));
  });

  it('names an unknown key or type and the nearest known one', () => {
    const refused = (each: DatasetLine, message: RegExp): void => {
      const { simulator } = createBench(false);
      assert.throws(
        () => simulator.load(each),
        (error: unknown) => error instanceof DatasetError && message.test(error.message),
      );
    };
    refused(deal({ dealnmae: 'x' }), /unknown key "dealnmae".*"dealname"/);
    refused(deal({ oppsync_status: 'x' }), /unknown key "oppsync_status"/);
    refused(line('deel', {}), /unknown type "deel".*"deal"/);
    refused(deal({ amount: 'many' }), /"amount": many was not a valid number/);
    refused(deal({ closedate: '2026-02-30' }), /"closedate": 2026-02-30 was not a valid date/);
    refused(deal({ hs_object_id: 'abc' }), /not a HubSpot record id/);
    refused(line('pipeline', { id: 'p', stages: [{ id: 's', labl: 'x' }] }), /unknown key "labl".*"label"/);
    refused(line('owner', { id: '1', mail: 'x' }), /unknown key "mail".*"email"/);
  });

  it('takes own properties with their options', () => {
    const bench = load([
      line('property', {
        objectType: 'deals',
        name: 'contract_signed',
        type: 'enumeration',
        fieldType: 'select',
        options: ['yes', 'no'],
      }),
      deal({ hs_object_id: '1', contract_signed: 'yes' }),
    ]);
    assert.equal(fieldsOf(bench, '1')['contract_signed'], 'yes');
    assert.throws(
      () => bench.simulator.load(deal({ contract_signed: 'perhaps' })),
      /"contract_signed": perhaps was not one of the allowed options/,
    );
  });

  it('edits like a person: same rules, computed values, truth under their name', () => {
    const bench = load([
      deal({ hs_object_id: '1', dealname: 'A', dealstage: 'contractsent', pipeline: 'default' }),
    ]);
    bench.truth.length = 0;
    bench.advance(1000);
    const won = bench.simulator.edit({
      type: 'deal',
      id: '1',
      fields: { dealstage: 'closedwon' },
      actor: 'human:ann',
    });
    assert.ok(won.ok && won.changed.includes('hs_is_closed_won') && won.changed.includes('closedate'));
    assert.equal(bench.truth[0]?.actor, 'human:ann');
    const refused = bench.simulator.edit({ type: 'deal', id: '1', fields: { amount: 'x' } });
    assert.ok(!refused.ok && refused.status === 400);
    const made = bench.simulator.edit({
      type: 'deal',
      action: 'create',
      fields: { dealname: 'N' },
      actor: 'human:ann',
    });
    assert.ok(made.ok);
    const merged = bench.simulator.edit({
      type: 'deal',
      action: 'merge',
      id: '1',
      absorbs: made.ok ? made.id : '',
    });
    assert.ok(merged.ok && merged.id !== '1');
    assert.deepEqual(
      [...bench.simulator.state()]
        .filter((each) => each.type === 'deal')
        .map((each) => each.fields['hs_object_id']),
      [merged.ok ? merged.id : ''],
    );
    assert.equal(bench.writes.total, 0);
  });
});
