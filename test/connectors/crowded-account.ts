/** One CRM account with a rolling limit, several processes of ours that share it, and somebody else who uses it too. */
import { createGovernor, type Governor } from '../../src/connectors/governor.ts';
import { localQuotas } from '../../src/connectors/local-quotas.ts';
import type { Clock } from '../../src/core/ports.ts';
import type { QuotaRules } from '../../src/core/quota.ts';
import type { QuotaStore } from '../../src/core/quota-port.ts';
import { type VirtualTime, virtualTime } from '../support/virtual-time.ts';

export const LIMIT = 190;
export const PER_MS = 10_000;

export const RULES: QuotaRules = {
  rates: [
    { window: 'burst', limit: 100, perMs: PER_MS, wayMs: 1000, told: true, memoryMs: PER_MS },
    { window: 'search', limit: 5, perMs: 1000, wayMs: 500, told: false, memoryMs: 600_000 },
  ],
  day: { reserve: 0.2, rolling: false },
  inFlight: null,
};

export interface Call {
  readonly at: number;
  readonly by: string;
  readonly refused: boolean;
}

export interface CrowdedAccount {
  readonly time: VirtualTime;
  readonly calls: Call[];
  readonly store: QuotaStore;
  /** A process with this many calls under way at once, for ever; `own`: clock and store that are not the account's. */
  join(by: string, atOnce: number, own?: { readonly clock: Clock; readonly store: QuotaStore }): Governor;
  /** One call of a process. */
  once(governor: Governor, by: string): Promise<void>;
  /** Somebody else's call, now. */
  foreign(): void;
  /** Ours that were accepted, and those refused, since a moment. */
  ours(since: number): { readonly done: number; readonly refused: number };
  stop(): void;
}

/** @param random uniform in [0, 1): how long each call takes, and when within that time it is counted */
export function crowdedAccount(random: () => number, latencyMs = 80): CrowdedAccount {
  const time = virtualTime();
  const { clock, sleep } = time;
  const store = localQuotas(clock);
  const calls: Call[] = [];
  const stopping = new AbortController();
  const count = (by: string): { refused: boolean; used: number } => {
    const now = clock.now();
    const used = calls.filter(({ at, refused }) => !refused && at > now - PER_MS).length;
    const refused = used >= LIMIT;
    calls.push({ at: now, by, refused });
    return { refused, used: refused ? used : used + 1 };
  };
  const once = (governor: Governor, by: string): Promise<void> =>
    governor.run(
      'burst',
      async () => {
        await sleep(random() * latencyMs);
        const { refused, used } = count(by);
        await sleep(random() * latencyMs);
        if (refused) governor.refuse('burst', 1000);
        else governor.tell({ window: 'burst', limit: LIMIT, perMs: PER_MS, used });
      },
      stopping.signal,
    );
  return {
    time,
    calls,
    store,
    once,
    join(by, atOnce, own = { clock, store }) {
      const quota = { account: 'crm', by, store: own.store };
      const governor = createGovernor(
        { crm: 'crm', rules: RULES },
        { clock: own.clock, sleep, random: { next: random }, quota },
      );
      const work = async (): Promise<void> => {
        while (!stopping.signal.aborted) await once(governor, by);
      };
      for (let one = 0; one < atOnce; one++) work().catch(() => undefined);
      return governor;
    },
    foreign: () => {
      count('foreign');
    },
    ours: (since) => {
      const own = calls.filter(({ at, by }) => at > since && by !== 'foreign');
      return {
        done: own.filter(({ refused }) => !refused).length,
        refused: own.filter(({ refused }) => refused).length,
      };
    },
    stop: () => stopping.abort(new Error('over')),
  };
}
