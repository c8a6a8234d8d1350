/** What `/metrics` tells of the change events that are followed. Nothing where none are. */
import type { ChangeEventsStatus } from './app.ts';
import type { SyncName } from './core/ids.ts';
import type { Metric, Sample } from './observability/prometheus.ts';

export function changeEventMetrics(followed: ReadonlyMap<SyncName, ChangeEventsStatus>): readonly Metric[] {
  const found = [...followed].map(([sync, status]) => ({ labels: { sync, crm: status.crm }, status }));
  if (found.length === 0) return [];
  const gauge = (name: string, help: string, value: (status: ChangeEventsStatus) => number): Metric => ({
    ...{ name: `oppsync_change_events_${name}`, help, type: 'gauge' },
    samples: found.map(({ labels, status }): Sample => ({ labels, value: value(status) })),
  });
  return [
    gauge('following', '1 while change events are followed.', ({ state }) => (state === 'following' ? 1 : 0)),
    gauge('heard_timestamp_seconds', 'When the CRM last sent anything; 0 = never.', seconds('heardAt')),
    gauge('last_timestamp_seconds', 'When the last change event came; 0 = never.', seconds('eventAt')),
    gauge('lag_seconds', 'How long after its change the last event came.', seconds('lagMs')),
    gauge('missing', '1 while something that was missed is still to be read again.', ({ missingSince }) =>
      missingSince === null ? 0 : 1,
    ),
  ];
}

function seconds(key: 'heardAt' | 'eventAt' | 'lagMs'): (status: ChangeEventsStatus) => number {
  return (status) => (status[key] ?? 0) / 1000;
}
