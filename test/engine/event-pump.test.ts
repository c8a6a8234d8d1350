import assert from 'node:assert/strict';
import type { EngineDeps } from '../../src/engine/deps.ts';
import { pumpEvents } from '../../src/engine/event-pump.ts';
import { quiet } from '../support/database.ts';

describe('engine: the pump of events', () => {
  it('waits the whole window for an event that comes after others were taken by another process', async () => {
    const [stop, begun] = [new AbortController(), [] as number[]];
    let now = 0;
    const store = {
      pruneEvents: async () => undefined,
      oldestEvents: async () => {
        if (now >= 5000) return [{ sync: 'main', since: 5000 }];
        return now < 500 ? [{ sync: 'main', since: 0 }] : [];
      },
      // Asked first thing by a run that is begun.
      eventsHeld: async () => {
        begun.push(now);
        stop.abort();
        return 'parked';
      },
    };
    const sleep = async (ms: number): Promise<void> => {
      now += Math.min(ms, 100);
    };
    const syncs = new Map([['main', { settings: { name: 'main' } }]]);
    const deps = { store, syncs, log: quiet, clock: { now: () => now }, sleep } as unknown as EngineDeps;
    await pumpEvents(deps, () => 1000, stop.signal);
    assert.ok((begun[0] ?? 0) >= 6000 && (begun[0] ?? 0) < 6500, `it began at ${begun[0]}`);
  });
});
