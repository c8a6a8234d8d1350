import type { Clock } from '../core/ports.ts';
import type { QuotaState } from '../core/quota.ts';
import type { QuotaStore } from '../core/quota-port.ts';

/** Quotas of this process alone: for a connector that shares its account with no other process of ours. */
export function localQuotas(clock: Clock): QuotaStore {
  const kept = new Map<string, { state: QuotaState; version: number }>();
  return {
    read: async (account) => ({ state: null, version: 0, ...kept.get(account), now: clock.now() }),
    write: async (account, version, state) => {
      if ((kept.get(account)?.version ?? 0) !== version) return false;
      kept.set(account, { state, version: version + 1 });
      return true;
    },
  };
}
