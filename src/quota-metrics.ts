/** What `/metrics` tells of the allowance of a day, by CRM account. Nothing of one whose CRM has not told it yet. */
import type { Crm } from './core/ids.ts';
import { roomOf } from './core/quota-day.ts';
import type { QuotaReader } from './core/quota-port.ts';
import type { Metric, Sample } from './observability/prometheus.ts';

export interface Account {
  /** As the configuration calls it. */
  readonly connection: string;
  readonly crm: Crm;
  /** As its allowance is shared under. */
  readonly account: string;
}

/** All of it, the part kept for others included: what is left is what the CRM would still answer. */
const WHOLE = { reserve: 0, rolling: false };

export async function quotaMetrics(
  accounts: readonly Account[],
  quotas: QuotaReader,
): Promise<readonly Metric[]> {
  const { states, now } = await quotas.readAll(accounts.map(({ account }) => account));
  const limits: Sample[] = [];
  const left: Sample[] = [];
  for (const { connection, crm, account } of accounts) {
    const state = states.get(account);
    const room = state === undefined ? null : roomOf(state.day, WHOLE, now);
    if (room === null) continue;
    limits.push({ labels: { connection, crm }, value: room.limit });
    left.push({ labels: { connection, crm }, value: room.left });
  }
  return [
    {
      ...{ name: 'oppsync_crm_quota_calls', type: 'gauge', samples: limits },
      help: 'Calls a day that the CRM account allows to everybody.',
    },
    {
      ...{ name: 'oppsync_crm_quota_remaining_calls', type: 'gauge', samples: left },
      help: 'Of them, those that are left, as last told and counted on.',
    },
  ];
}
