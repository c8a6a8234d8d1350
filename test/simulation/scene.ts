/** Where a schedule is played: two CRMs, the sync between them, and the database oppsync keeps its state in. */
import type { FieldConflict } from '../../src/core/group.ts';
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
  /** Fields of which the CRMs tell who set them. */
  readonly signed?: readonly string[];
  /** Lets go of what it holds of the world outside. */
  close(): void;
}

export type SetScene = (
  schedule: Schedule,
  surroundings: { readonly time: VirtualTime; readonly truth: TruthLog },
) => Scene;

/** What oppsync says it leaves to people. */
export interface LeftToPeople {
  readonly conflicts: readonly {
    readonly field: string;
    readonly ids: Readonly<Record<string, string>>;
    /** Ids of the sides of which both is told: who set the value, and when. */
    readonly signed: readonly string[];
  }[];
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
      conflicts: tables.conflicts.all().map(({ details: { field, sides }, who = {} }) => ({
        field,
        ...idsAndSigned(
          Object.fromEntries(
            Object.entries(sides).map(([crm, side]) => {
              const told = who[crm];
              return [crm, told?.value === side.value ? { ...side, actor: told.actor } : side];
            }),
          ),
        ),
      })),
      quarantined: tables.quarantine.all().map(({ ref: { crm, id } }) => ({ crm, id })),
    }),
  };
}

/** The ids of a conflict's sides, and those of which author and time are told. */
export function idsAndSigned(sides: FieldConflict['sides']): {
  ids: Record<string, string>;
  signed: string[];
} {
  const all = Object.entries(sides);
  return {
    ids: Object.fromEntries(all.map(([crm, side]) => [crm, side.id])),
    signed: all.filter(([, { actor, at }]) => (actor ?? '') !== '' && at > 0).map(([, { id }]) => id),
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
