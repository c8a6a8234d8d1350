/** What `/metrics` tells of the queue and of this process. */
import type { Queue } from './core/queue-port.ts';
import { eventLoopDelay } from './observability/event-loop.ts';
import type { Metric } from './observability/prometheus.ts';

export async function queueMetrics(queue: Pick<Queue, 'depth'>): Promise<readonly Metric[]> {
  const samples = Object.entries(await queue.depth()).flatMap(([name, depth]) =>
    Object.entries(depth).map(([state, value]) => ({ labels: { queue: name, state }, value: Number(value) })),
  );
  return [{ name: 'oppsync_queue_jobs', help: 'Jobs by queue and state.', type: 'gauge', samples }];
}

export function processMetrics(): readonly Metric[] {
  return [
    eventLoopDelay(),
    {
      ...{ name: 'process_resident_memory_bytes', help: 'Resident memory of this process.', type: 'gauge' },
      samples: [{ value: process.memoryUsage.rss() }],
    },
    {
      ...{ name: 'process_uptime_seconds', help: 'Seconds since this process started.', type: 'gauge' },
      samples: [{ value: process.uptime() }],
    },
  ];
}
