import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metric } from './prometheus.ts';

const delay = monitorEventLoopDelay({ resolution: 10 });

/** Begins to watch how long work of this process makes other work wait. */
export function watchEventLoop(): void {
  delay.enable();
}

/** What was seen since the last time somebody asked. */
export function eventLoopDelay(): Metric {
  const seconds = (ns: number): number => (Number.isFinite(ns) ? ns / 1e9 : 0);
  const samples = [0.5, 0.99].map((quantile) => ({
    labels: { quantile: String(quantile) },
    value: seconds(delay.percentile(quantile * 100)),
  }));
  const longest = { labels: { quantile: '1' }, value: seconds(delay.max) };
  delay.reset();
  return {
    name: 'oppsync_event_loop_delay_seconds',
    help: 'Delay of the event loop since the last scrape.',
    type: 'gauge',
    samples: [...samples, longest],
  };
}
