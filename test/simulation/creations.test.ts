/**
 * Counterparts are made while answers get lost, requests land late, processes die between making and hearing of it, two of
 * them work on the same, and people edit and delete: there is one counterpart per original, by the truth log of the CRMs.
 */
import assert from 'node:assert/strict';
import { assertKept, assertPromises } from './running.ts';
import { creatingFaults, creatingWorlds } from './schedule.ts';

const SCHEDULES = Number(process.env['OPPSYNC_TEST_CREATIONS'] ?? 500);
const FAULTS = SCHEDULES * 3;

describe('counterparts under random schedules', function () {
  this.timeout(60_000 + SCHEDULES * 200);

  it(`are made once and stay linked (${SCHEDULES} schedules)`, async () => {
    const counts = await assertPromises(SCHEDULES, 10, { worlds: creatingWorlds });
    console.log(`      ${JSON.stringify(counts)}`);
    if (process.env['OPPSYNC_PATH'] !== undefined) return;
    assert.ok(counts.created > counts.schedules / 2, 'too few records were made to prove anything');
  });

  it(`are made once whatever goes wrong right then (${FAULTS} schedules)`, async () => {
    const counts = await assertKept(creatingFaults, FAULTS);
    console.log(`      ${JSON.stringify(counts)}`);
    if (process.env['OPPSYNC_PATH'] !== undefined) return;
    assert.ok(counts.created > counts.schedules, 'too few records were made to prove anything');
  });
});
