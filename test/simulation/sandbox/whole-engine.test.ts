/**
 * The whole engine with its real connectors between the two sandbox simulators, under the same random schedules, troubles and
 * deaths as between CRMs in memory; judged by the simulators' truth logs and final states (oracle.ts).
 */
import assert from 'node:assert/strict';
import { assertPromises } from '../running.ts';
import { creatingWorlds } from '../schedule.ts';
import { useStoryNetwork } from './network.ts';
import { sandboxScene } from './sandbox-scene.ts';

const SCHEDULES = Number(process.env['OPPSYNC_TEST_SANDBOX_SCHEDULES'] ?? 300);
const CREATING = Math.ceil(SCHEDULES / 10);

describe('the whole engine between the sandbox simulators', function () {
  useStoryNetwork();
  this.timeout(120_000 + SCHEDULES * 1_000);

  it(`keeps its promises (${SCHEDULES} schedules)`, async () => {
    const counts = await assertPromises(SCHEDULES, 14, { scene: sandboxScene() });
    console.log(`      ${JSON.stringify(counts)}`);
    if (process.env['OPPSYNC_PATH'] !== undefined) return;
    assert.ok(counts.runs > counts.schedules * 3, 'the schedules made it run too seldom to prove anything');
  });

  it(`and makes missing counterparts once (${CREATING} schedules)`, async () => {
    const counts = await assertPromises(CREATING, 10, { scene: sandboxScene(), worlds: creatingWorlds });
    console.log(`      ${JSON.stringify(counts)}`);
    if (process.env['OPPSYNC_PATH'] !== undefined) return;
    assert.ok(counts.created > counts.schedules / 4, 'too few records were made to prove anything');
  });
});
