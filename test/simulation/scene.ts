/** Where a schedule is played: two CRMs, the sync between them, and the database oppsync keeps its state in. */
import type { SyncSettings } from '../../src/core/settings.ts';
import { createMemoryDatabase, type MemoryConnection } from '../support/memory-store.ts';
import type { CrmUnderTest } from './crm-under-test.ts';
import type { Schedule, Side } from './schedule.ts';
import { createSimulatedCrm } from './simulated-crm.ts';
import { settingsOf } from './sync-under-test.ts';
import type { TruthLog } from './truth.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface Scene {
  readonly sides: Readonly<Record<Side, CrmUnderTest>>;
  readonly settings: SyncSettings;
  /** Lets go of what it holds of the world outside. */
  close(): void;
}

export type SetScene = (
  schedule: Schedule,
  surroundings: { readonly time: VirtualTime; readonly truth: TruthLog },
) => Scene;

/** What oppsync says it leaves to people. */
export interface LeftToPeople {
  readonly conflicts: readonly { readonly field: string; readonly ids: Readonly<Record<string, string>> }[];
  readonly quarantined: readonly { readonly crm: string; readonly id: string }[];
}

/** The database as the processes of the story connect to it. */
export interface StoryDatabase {
  connect(): MemoryConnection;
  leftToPeople(): Promise<LeftToPeople>;
}

export function storyInMemory(): StoryDatabase {
  const { connect, tables } = createMemoryDatabase();
  return {
    connect,
    leftToPeople: async () => ({
      conflicts: tables.conflicts.all().map(({ details: { field, sides } }) => ({
        field,
        ids: Object.fromEntries(Object.entries(sides).map(([crm, side]) => [crm, side.id])),
      })),
      quarantined: tables.quarantine.all().map(({ ref: { crm, id } }) => ({ crm, id })),
    }),
  };
}

/** Both CRMs in memory. One is like Salesforce: coarse stamps, no lag. The other is like HubSpot: fine stamps, a search that lags. */
export const inMemory: SetScene = (schedule, { time, truth }) => {
  const { skewMs, lagMs, searches, mirrored } = schedule.world;
  const coarse = { grainMs: 1000, lagMs: 0, answersVersion: false };
  const lagging = { grainMs: 1, lagMs, answersVersion: true };
  const [left, right] = mirrored ? [lagging, coarse] : [coarse, lagging];
  const surroundings = { now: time.now, truth };
  const make = (side: Side, manners: typeof coarse) =>
    createSimulatedCrm(side, { ...manners, skewMs: skewMs[side], searches: searches[side] }, surroundings);
  return {
    sides: { left: make('left', left), right: make('right', right) },
    settings: settingsOf(schedule, { left: 'left', right: 'right' }),
    close: () => undefined,
  };
};
