/** What may not make a difference makes none: a crash, a job lost or given out twice, other records, the order of the CRMs. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { countCases } from '../support/case-count.ts';
import { finalState, kept, replay } from './running.ts';
import type { Event, Happening, Schedule, Side, WorldPlan } from './schedule.ts';
import { TEXTS, worldPlans } from './schedule.ts';
import { play } from './world.ts';

const CASES = Number(process.env['OPPSYNC_TEST_METAMORPHIC'] ?? 200);

const now = (what: Happening): Event => ({ gap: 0, at: 'any', what });
const side = fc.constantFrom<Side>('left', 'right');

/** People who edit while nothing runs: then the order of the engine's own steps is of no account. */
const edits: fc.Arbitrary<readonly Event[]> = fc.array(
  fc
    .record({
      is: fc.constant('edit' as const),
      side,
      record: fc.nat(1),
      field: fc.constantFrom(...TEXTS),
      blank: fc.boolean(),
    })
    .map(now),
  { minLength: 1, maxLength: 8 },
);

const twoPairs = worldPlans.map(
  (world): WorldPlan => ({ ...world, pairs: 2, singles: 0, mirrored: false, jitter: 0 }),
);

/** Nothing happens, in the middle of a run: what comes between runs waits for the next. */
const A_RUN: readonly Event[] = [now({ is: 'show', side: 'left' })];

describe('what may not make a difference', function () {
  this.timeout(60_000 + CASES * 500);

  const SCENARIO: Schedule = {
    world: {
      seed: 11,
      mirrored: false,
      pairs: 3,
      singles: 1,
      policy: 'ask',
      initial: 'left',
      blank: 'propagate',
      differing: 0.2,
      processes: 1,
      jitter: 0,
      searches: { left: true, right: true },
      lagMs: 500,
      skewMs: { left: -600_000, right: 90_000 },
    },
    events: [
      now({ is: 'edit', side: 'left', record: 0, field: 'amount', blank: false }),
      now({ is: 'edit', side: 'right', record: 0, field: 'name', blank: false }),
      now({ is: 'edit', side: 'right', record: 1, field: 'nextStep', blank: true }),
      now({ is: 'edit', side: 'left', record: 1, field: 'closeDate', blank: false }),
      now({ is: 'edit', side: 'right', record: 1, field: 'closeDate', blank: false }),
      now({ is: 'stage', side: 'left', record: 2, stage: 6 }),
      now({ is: 'delete', side: 'right', record: 3 }),
    ],
  };

  for (const what of ['crash', 'job_twice', 'job_lost'] as const)
    it(`a ${what} at any step`, async () => {
      const expected = finalState((await kept(SCENARIO)).world);
      let last = -1;
      for (let gap = 0; last !== 0 && gap < 400; gap++) {
        const events = [...SCENARIO.events, { gap, at: 'any', what: { is: what } } as const];
        const { world } = await kept({ ...SCENARIO, events });
        assert.deepEqual(finalState(world), expected, `with a ${what} ${gap} steps after the edits`);
        // Past the end of a run the steps of the next one begin, and nothing new is tried.
        last = gap < 250 ? 1 : 0;
      }
    });

  it(`other records (${CASES} cases)`, async () => {
    await fc.assert(
      fc.asyncProperty(twoPairs, edits, async (world, events) => {
        const alone = finalState(await play({ world, events }));
        const among = finalState(await play({ world: { ...world, singles: 3 }, events }));
        countCases('other records');
        for (const [id, state] of Object.entries(alone)) assert.deepEqual(among[id], state, id);
      }),
      { numRuns: CASES, ...replay() },
    );
  });

  it(`one run or two (${CASES} cases)`, async () => {
    const apart = fc.array(fc.record({ side, record: fc.nat(1), field: fc.constantFrom(...TEXTS) }), {
      minLength: 2,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(twoPairs, apart, fc.nat(8), async (world, all, split) => {
        // Each field of each pair once: who edits the same twice tells two stories.
        const once = [...new Map(all.map((one) => [`${one.record} ${one.field}`, one])).values()];
        const edits = once.map(
          (one): Event => ({ gap: 0, at: 'between runs', what: { is: 'edit', blank: false, ...one } }),
        );
        const at = split % edits.length;
        const told = (between: readonly Event[]) => [
          ...A_RUN,
          ...edits.slice(0, at),
          ...between,
          ...edits.slice(at),
        ];
        const [one, two] = [
          finalState(await play({ world, events: told([]) })),
          finalState(await play({ world, events: told(A_RUN) })),
        ];
        countCases('one run or two');
        assert.deepEqual(two, one);
      }),
      { numRuns: CASES, ...replay() },
    );
  });

  it(`which CRM is which (${CASES} cases)`, async () => {
    await fc.assert(
      fc.asyncProperty(twoPairs, edits, async (world, events) => {
        const state = finalState(await play({ world, events }));
        const turned = finalState(await play(turnedRound({ world, events })));
        countCases('which CRM is which');
        for (const [id, found] of Object.entries(state))
          assert.deepEqual(told(turned[twin(id)]), told(found), id);
      }),
      { numRuns: CASES, ...replay() },
    );
  });
});

const OTHER = { left: 'right', right: 'left' } as const;

/** The same story with the CRMs exchanged in everything. */
function turnedRound({ world, events }: Schedule): Schedule {
  const named = (name: string): string => (name === 'left' || name === 'right' ? OTHER[name] : name);
  const both = <T>({ left, right }: { left: T; right: T }): { left: T; right: T } => ({
    left: right,
    right: left,
  });
  return {
    world: {
      ...world,
      mirrored: !world.mirrored,
      policy: named(world.policy),
      initial: named(world.initial) as WorldPlan['initial'],
      searches: both(world.searches),
      skewMs: both(world.skewMs),
    },
    events: events.map((event) => ({
      ...event,
      what: 'side' in event.what ? { ...event.what, side: OTHER[event.what.side] } : event.what,
    })),
  };
}

function twin(id: string): string {
  return `${id.startsWith('L') ? 'R' : 'L'}${id.slice(1)}`;
}

/** Without what names a CRM: keys of pairs and the first letters of stages. */
function told(state: unknown): unknown {
  return JSON.parse(
    JSON.stringify(state)
      .replaceAll(/op-[^"]+/g, 'KEY')
      .replaceAll(/"stage":"[lr]/g, '"stage":"'),
  );
}
