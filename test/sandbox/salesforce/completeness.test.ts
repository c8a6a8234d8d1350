import assert from 'node:assert/strict';
import fc from 'fast-check';
import { useRealNetwork } from '../real-network.ts';
import { DAY, id, MINUTE, type Org, opportunities, startOrg } from './running-org.ts';

const COUNT = 12;

describe('salesforce simulator: indexes and late commits lose nothing (salesforce.md §2.2)', () => {
  useRealNetwork();
  let org: Org;
  afterEach(() => org.close());

  it('a window of SystemModstamp, answered from the index, equals the same window filtered by hand', async () => {
    const step = fc.record({
      deal: fc.integer({ min: 1, max: COUNT }),
      wait: fc.integer({ min: 0, max: 90_000 }),
    });
    // Windows over the stamps of the edits, and over those the records had before.
    const second = fc.integer({ min: 0, max: 600 });
    const window = fc.tuple(second, second, fc.constantFrom(0, DAY));
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 20 }),
        window,
        fc.boolean(),
        async (steps, [from, length, back], late) => {
          org = await startOrg(opportunities(COUNT));
          const start = org.clock.now();
          org.simulator.configure({ commitDelayMs: late ? 3 * MINUTE : 0 });
          steps.forEach(({ deal, wait }, i) => {
            org.clock.advance(wait);
            const edited = org.simulator.edit({
              type: 'Opportunity',
              id: id('006', deal),
              fields: { NextStep: `n${i}` },
            });
            assert.ok(edited.ok);
          });
          const text = (seconds: number): string => new Date(start - back + seconds * 1000).toISOString();
          const low = text(back === 0 ? from : from % COUNT);
          const high = text((back === 0 ? from : from % COUNT) + length);
          const found = await org.soql(
            `SELECT Id FROM Opportunity WHERE SystemModstamp >= ${low} AND SystemModstamp < ${high} ORDER BY SystemModstamp, Id`,
          );
          const all = await org.soql(
            'SELECT Id, SystemModstamp FROM Opportunity ORDER BY SystemModstamp, Id',
          );
          const expected = all.body.records
            .filter((one: { SystemModstamp: string }) => {
              const at = Date.parse(one.SystemModstamp);
              return at >= Date.parse(low) && at < Date.parse(high);
            })
            .map((one: { Id: string }) => one.Id);
          assert.equal(all.body.totalSize, COUNT);
          assert.deepEqual(
            found.body.records.map((one: { Id: string }) => one.Id),
            expected,
          );
          await org.close();
        },
      ),
      { numRuns: 40 },
    );
  });

  it('asking again from latestDateCovered finds every edit, however late it commits', async () => {
    org = await startOrg(opportunities(COUNT));
    org.simulator.configure({ commitDelayMs: 5 * MINUTE, sessionMinutes: 10_000 });
    const seen = new Set<string>();
    let mark = new Date(org.clock.now() - MINUTE).toISOString();
    for (let round = 0; round < 30; round += 1) {
      if (round < 20) {
        const deal = id('006', (round % COUNT) + 1);
        org.simulator.edit({ type: 'Opportunity', id: deal, fields: { NextStep: `round ${round}` } });
      }
      org.clock.advance(MINUTE + 7000);
      const end = new Date(org.clock.now()).toISOString();
      const path = `/sobjects/Opportunity/updated?start=${mark}&end=${end}`;
      const { status, body } = await org.api('GET', path);
      if (status !== 200) continue;
      const ids = body.ids.map((one: string) => `'${one}'`).join(',');
      if (ids !== '') {
        const rows = await org.soql(`SELECT NextStep FROM Opportunity WHERE Id IN (${ids})`);
        for (const row of rows.body.records) seen.add(row.NextStep);
      }
      mark = body.latestDateCovered.replace('+0000', 'Z');
    }
    const last = Array.from({ length: COUNT }, (_, i) => `round ${i < 8 ? i + 12 : i}`);
    assert.deepEqual(
      last.filter((value) => !seen.has(value)),
      [],
    );
  });
});
