/** Both sandbox simulators as the CRMs of a story, with the real connectors between them and the engine. */
import type { Host } from '../../../src/sandbox/host.ts';
import type { SimRequest } from '../../../src/sandbox/simulator.ts';
import type { SetScene } from '../scene.ts';
import type { Side } from '../schedule.ts';
import { STAGES, stageKey } from '../simulated-account.ts';
import { settingsOf } from '../sync-under-test.ts';
import { answerInProcess } from './in-process.ts';
import { leaveNetwork } from './network.ts';
import { createSandboxCrm } from './sandbox-crm.ts';
import { type CrmName, PIPELINE } from './words.ts';

export type Exchange = (
  host: Host,
  request: SimRequest,
  sleep: (ms: number) => Promise<void>,
) => Promise<Response>;

let scenes = 0;

/** @param exchange how requests travel; by itself without a server */
export function sandboxScene(exchange: Exchange = answerInProcess, deadlineMs = 60_000): SetScene {
  return (schedule, { time, truth }) => {
    const { seed, mirrored, lagMs, skewMs, searches } = schedule.world;
    const prefix = `scene${++scenes}-`;
    const names: Record<Side, CrmName> = mirrored
      ? { left: 'hubspot', right: 'salesforce' }
      : { left: 'salesforce', right: 'hubspot' };
    const make = (side: Side) => {
      const crm = names[side];
      return createSandboxCrm({
        ...{ crm, side, prefix, seed, time, truth, deadlineMs },
        skewMs: skewMs[side],
        searches: searches[side],
        lateMs: crm === 'salesforce' ? lagMs : 0,
        switches:
          crm === 'salesforce'
            ? { commitDelayMs: lagMs, maxPageRows: 3 }
            : { searchLagMs: lagMs, searchLagJitterMs: lagMs },
        exchange: (host, request) => exchange(host, request, time.sleep),
      }).crm;
    };
    const key = (side: Side, index: number): string =>
      names[side] === 'hubspot' ? `${PIPELINE}/${stageKey(side, index)}` : stageKey(side, index);
    return {
      sides: { left: make('left'), right: make('right') },
      settings: {
        ...settingsOf(schedule, names),
        stages: STAGES.map((_, index) => ({
          [names.left]: [key('left', index)],
          [names.right]: [key('right', index)],
        })),
      },
      // The simulated Salesforce keeps the history of these in any org; HubSpot that of every property.
      signed: ['stage', 'amount', 'closeDate'],
      close: () => leaveNetwork(prefix),
    };
  };
}
