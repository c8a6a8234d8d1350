/** All that `/metrics` tells, also when a part of it cannot be had. */
import type { Log } from './core/ports.ts';
import { runChecks } from './http/checks.ts';
import type { Metric } from './observability/prometheus.ts';

/** Where a part of the metrics comes from: the database, the queue, this process. */
export type Collector = () => Promise<readonly Metric[]>;

/** Prometheus gives up after 10 s unless told otherwise: what is there has to arrive before. */
const PATIENCE_MS = 6_000;

/**
 * Asks all collectors at once. What one of them does not tell within `patienceMs` is left out, and
 * `oppsync_metrics_collected` of its name is 0: a gap in a graph is told apart from a zero, and the rest is still there
 * when somebody looks for what has failed.
 */
export async function collectMetrics(
  collectors: Readonly<Record<string, Collector>>,
  log: Log,
  patienceMs = PATIENCE_MS,
): Promise<readonly Metric[]> {
  const found = new Map<string, readonly Metric[]>();
  const asked = Object.entries(collectors).map(([part, collect]) => [
    part,
    async () => void found.set(part, await collect()),
  ]);
  const results = await runChecks(Object.fromEntries(asked), patienceMs);
  for (const { name, ok, reason } of results)
    if (!ok) log.warn('metrics could not be collected', { part: name, reason });
  const samples = results.map(({ name, ok }) => ({ labels: { part: name }, value: ok ? 1 : 0 }));
  return [
    ...results.flatMap(({ name, ok }) => (ok ? (found.get(name) ?? []) : [])),
    {
      ...{ name: 'oppsync_metrics_collected', type: 'gauge', samples },
      help: '0 when the metrics of this part could not be had, and are missing.',
    },
  ];
}
