/**
 * Events are only hints (design section 1): with all of them lost the nightly run comes to the same state as with all of them
 * heard, early, late, twice and out of order, and with what lies beside the records (calls that were held) read by both. `npm run soak` knows nothing of events; this file knows nothing else.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { awaitRun } from '../../src/engine/await-run.ts';
import type { SyncRuntime } from '../../src/engine/deps.ts';
import { runOnce } from '../../src/engine/event-pump.ts';
import { startRun } from '../../src/engine/runs.ts';
import { startWorkers } from '../../src/engine/workers.ts';
import { createInlineQueue } from '../../src/queue/inline.ts';
import { quiet } from '../support/database.ts';
import { SETTINGS } from '../support/engine-rig.ts';
import { createMemoryCrm, type MemoryCrm, put } from '../support/memory-crm.ts';
import { withCalls } from '../support/memory-evidence.ts';
import { createMemoryDatabase } from '../support/memory-store.ts';
import { replay } from './running.ts';
import { CLASSIFIER } from './sync-under-test.ts';
import { createVirtualTime } from './virtual-time.ts';

const SCHEDULES = Number(process.env['OPPSYNC_TEST_SCHEDULES'] ?? 1_000);
const PAIRS = 3;
/**
 * Each field of a pair is edited on one side only: where both are, who comes first decides, and events are earlier. A `call` is
 * no field: it is held, and may be taken back.
 */
const FIELDS = { left: ['amount', 'stage', 'call'], right: ['nextStep', 'closeDate', 'call'] } as const;
const VALUES = {
  amount: ['5', '70.50', '900'],
  stage: ['Prospecting', 'Negotiating', 'Won', 'Lost'],
  nextStep: ['call', 'write', 'meet'],
  closeDate: ['2026-03-01', '2026-11-30'],
  call: ['held', 'taken back'],
} as const;

interface Edit {
  readonly side: 'left' | 'right';
  readonly pair: number;
  readonly field: keyof typeof VALUES;
  readonly value: string;
  /** How its event is delivered, where events are. */
  readonly told: 'now' | 'late' | 'twice' | 'lost';
  /** Waiting events are carried over after this edit. */
  readonly carried: boolean;
}

const edits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc
    .record({
      side: fc.constantFrom('left' as const, 'right' as const),
      pair: fc.nat(PAIRS - 1),
      told: fc.constantFrom(
        'now' as const,
        'now' as const,
        'late' as const,
        'twice' as const,
        'lost' as const,
      ),
      carried: fc.boolean(),
    })
    .chain((edit) =>
      fc
        .constantFrom<keyof typeof VALUES>(...FIELDS[edit.side])
        .chain((field) =>
          fc.constantFrom(...VALUES[field]).map((value): Edit => ({ ...edit, field, value })),
        ),
    ),
  { minLength: 1, maxLength: 12 },
);

describe('the nightly run alone comes to the same state', function () {
  this.timeout(30_000 + SCHEDULES * 100);

  it(`whether all events are lost or heard (${SCHEDULES} schedules)`, async () => {
    let heard = 0;
    let asked = 0;
    await fc.assert(
      fc.asyncProperty(edits, async (schedule) => {
        const withEvents = await play(schedule, true);
        const without = await play(schedule, false);
        heard += withEvents.eventRuns;
        asked += withEvents.asked;
        assert.deepEqual(without.state, withEvents.state);
        assert.equal(without.eventRuns, 0);
      }),
      { numRuns: SCHEDULES, ...replay() },
    );
    if (process.env['OPPSYNC_PATH'] === undefined)
      assert.ok(heard > SCHEDULES && asked > SCHEDULES, 'events were heard too seldom to prove anything');
  });
});

interface Played {
  readonly state: unknown;
  readonly eventRuns: number;
  /** How often runs of events looked beside the records. */
  readonly asked: number;
}

async function play(schedule: readonly Edit[], listens: boolean): Promise<Played> {
  const time = createVirtualTime(1_000_000_000_000);
  return time.drive(playAt(time, schedule, listens));
}

async function playAt(
  time: ReturnType<typeof createVirtualTime>,
  schedule: readonly Edit[],
  listens: boolean,
): Promise<Played> {
  const { store } = createMemoryDatabase().connect();
  const crms = { left: withCalls(createMemoryCrm('left')), right: withCalls(createMemoryCrm('right')) };
  const calls = new Map<string, string>();
  for (let pair = 0; pair < PAIRS; pair++) {
    put(crms.left, `L${pair}`, { amount: '1', stage: 'Prospecting' });
    put(crms.right, `R${pair}`, { name: `L${pair}`, amount: '1', stage: 'Prospecting' }, `L${pair}`);
  }
  const runtime: SyncRuntime = {
    settings: {
      ...SETTINGS,
      brakes: { changed: false, flips: false, amounts: false, creates: false, vanished: false },
    },
    settingsDigest: 'settings',
    connectors: crms,
    classifier: CLASSIFIER,
  };
  const queue = createInlineQueue({ sleep: time.sleep });
  let draw = 0.5;
  const random = { next: () => (draw = (draw * 997.13 + 0.317) % 1) };
  const deps = {
    store,
    queue,
    syncs: new Map([['main', runtime]]),
    clock: time,
    sleep: time.sleep,
    random,
    log: quiet,
  };
  const signal = new AbortController().signal;
  await startWorkers(deps, signal);
  const run = async (mode: 'plan' | 'sync' | 'apply', digest?: string) => {
    const options = { by: 'test', full: true, ...(digest === undefined ? {} : { digest }) };
    return awaitRun(deps, await startRun(deps, runtime, mode, options, signal), signal);
  };
  const planned = await run('plan');
  await run('apply', planned.planDigest ?? '');
  const late: string[] = [];
  let keys = 0;
  let eventRuns = 0;
  const tell = (crm: string, id: string) =>
    store.storeEvents(
      [{ sync: 'main', crm, id, kind: 'changed', key: `k${++keys}`, account: `${crm}-1`, at: null }],
      time.now(),
    );
  for (const { side, pair, field, value, told, carried } of schedule) {
    const id = `${side === 'left' ? 'L' : 'R'}${pair}`;
    const known = calls.get(id);
    if (field !== 'call') crms[side].edit(id, { [field]: value });
    else if (value === 'held') calls.set(id, crms[side].callHeld([id], time.now() - 86_400_000));
    else if (known !== undefined) crms[side].takeBack(known);
    time.advance(5_000);
    if (!listens) continue;
    if (told === 'late') late.push(`${side}:${id}`);
    if (told === 'now' || told === 'twice') await tell(side, id);
    if (told === 'twice') await tell(side, id);
    if (!carried) continue;
    for (const one of late.splice(0)) await tell(...(one.split(':') as [string, string]));
    if ((await store.waitingEvents()).length === 0) continue;
    assert.equal(await runOnce(deps, runtime, signal), true);
    eventRuns += 1;
  }
  await run('sync');
  await queue.close(0);
  return { state: stateOf(crms), eventRuns, asked: crms.left.asked + crms.right.asked };
}

/** Owned fields that say how things are. Others count what was seen on the way, which who looks more often sees more of. */
const STANDING = ['status', 'outcome', 'phase', 'engagement', 'reason', 'pairKey'];

/** What people see in the end; stamps and the order of writing differ. */
function stateOf(crms: Readonly<Record<string, MemoryCrm>>): unknown {
  return Object.fromEntries(
    Object.values(crms).flatMap(({ records }) =>
      [...records].map(([id, { fields, owned, deleted }]) => {
        const standing = STANDING.map((field) => [field, owned[field]]);
        return [id, { fields, standing, deleted }];
      }),
    ),
  );
}
