/** What `/metrics` tells of the deliveries this process was sent. Every answer is there from the start, at zero. */
import type { Reception } from './core/event-port.ts';
import type { Crm } from './core/ids.ts';
import type { Metric, Sample } from './observability/prometheus.ts';

const RECEPTIONS: Readonly<Record<Reception, true>> = {
  ...{ stored: true, busy: true, unavailable: true },
  ...{ forged: true, unknown: true, malformed: true, too_large: true },
};

export interface WebhookCounts {
  count(crm: Crm, reception: Reception): void;
  metrics(): readonly Metric[];
}

export function webhookCounts(crms: readonly Crm[]): WebhookCounts {
  const counted = new Map<Crm, Record<string, number>>(
    crms.map((crm) => [crm, Object.fromEntries(Object.keys(RECEPTIONS).map((answer) => [answer, 0]))]),
  );
  return {
    count(crm, reception) {
      const own = counted.get(crm);
      if (own !== undefined) own[reception] = (own[reception] ?? 0) + 1;
    },
    metrics: () => [
      {
        name: 'oppsync_webhook_deliveries_total',
        help: 'Webhook deliveries to this process by what became of them; only stored ones were acknowledged.',
        type: 'counter',
        samples: [...counted].flatMap(([crm, own]) =>
          Object.entries(own).map(([answer, value]): Sample => ({ labels: { crm, answer }, value })),
        ),
      },
    ],
  };
}
