/** How properties over schedules are run: seeded, replayable, and counted. */
import fc from 'fast-check';
import { countCases } from '../support/case-count.ts';
import { examine } from './oracle.ts';
import { type Schedule, schedules, worldPlans } from './schedule.ts';
import { type Plants, play, type Stagecraft, type World } from './world.ts';

export interface Counts {
  schedules: number;
  runs: number;
  steps: number;
  lostInGap: number;
  /** Records oppsync made. */
  created: number;
}

/** `OPPSYNC_SEED` and `OPPSYNC_PATH`, as a failure prints them, replay that failure and nothing else. */
export function replay(): { seed?: number; path?: string } {
  const { OPPSYNC_SEED: seed, OPPSYNC_PATH: path } = process.env;
  return { ...(seed === undefined ? {} : { seed: Number(seed) }), ...(path === undefined ? {} : { path }) };
}

/** Plays schedules until one breaks a promise. Answers what was seen; throws with the shrunk schedule and its seed. */
export async function assertPromises(
  numRuns: number,
  longest: number,
  { worlds = worldPlans, ...stagecraft }: Stagecraft & { readonly worlds?: typeof worldPlans } = {},
): Promise<Counts> {
  return assertKept(schedules(longest, worlds), numRuns, stagecraft);
}

/** As {@link assertPromises}, for schedules of any making. */
export async function assertKept(
  drawn: fc.Arbitrary<Schedule>,
  numRuns: number,
  stagecraft: Stagecraft = {},
): Promise<Counts> {
  const counts: Counts = { schedules: 0, runs: 0, steps: 0, lostInGap: 0, created: 0 };
  await fc.assert(
    fc.asyncProperty(drawn, async (schedule) => {
      const { world, lostInGap } = await kept(schedule, {}, stagecraft);
      counts.schedules += 1;
      countCases(`whole engine ${stagecraft.scene === undefined ? 'in memory' : 'between the simulators'}`);
      counts.runs += world.ended.length;
      counts.steps += world.steps;
      counts.lostInGap += lostInGap;
      counts.created += world.truth.entries.filter(({ action }) => action === 'create').length;
    }),
    { numRuns, ...replay() },
  );
  return counts;
}

/** Plays one schedule. Throws when a promise was broken. */
export async function kept(
  schedule: Schedule,
  plants: Plants = {},
  stagecraft: Stagecraft = {},
): Promise<{ world: World; lostInGap: number }> {
  const world = await play(schedule, plants, stagecraft);
  const { broken, lostInGap } = examine(world);
  if (broken.length > 0) throw new Error(broken.join('\n'));
  return { world, lostInGap };
}

/** What the records of both CRMs hold in the end, deleted ones marked. */
export function finalState(world: World): Record<string, unknown> {
  const state: Record<string, unknown> = {};
  for (const crm of Object.values(world.sides)) {
    for (const id of crm.ids()) {
      const { fields, owned, deleted } = crm.current(id);
      state[id] = { fields, owned, deleted };
    }
  }
  return state;
}
