/**
 * The whole engine between two CRMs with bad manners, people who edit at any moment, and processes that die: what was
 * promised holds after every schedule (oracle.ts). More of it: `npm run soak`.
 */
import assert from 'node:assert/strict';
import { REGRESSIONS } from './regressions.ts';
import { assertPromises, kept } from './running.ts';

const SCHEDULES = Number(process.env['OPPSYNC_TEST_SCHEDULES'] ?? 2_500);

describe('the whole engine under random schedules', function () {
  this.timeout(60_000 + SCHEDULES * 200);

  it(`keeps its promises (${SCHEDULES} schedules)`, async () => {
    const counts = await assertPromises(SCHEDULES, 14);
    console.log(`      ${JSON.stringify(counts)}`);
    if (process.env['OPPSYNC_PATH'] !== undefined) return;
    assert.ok(counts.runs > counts.schedules * 3, 'the schedules made it run too seldom to prove anything');
  });

  for (const [what, schedule] of Object.entries(REGRESSIONS))
    it(`still keeps them where it once did not: ${what}`, async () => {
      await kept(schedule);
    });
});
