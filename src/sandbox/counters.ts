import type { Counters } from './simulator.ts';

/** What `GET /_sandbox/counters` answers. Status "0" stands for a connection that never got an answer. */
export interface CounterReport {
  readonly requests: Readonly<Record<string, number>>;
  readonly status: Readonly<Record<string, number>>;
  readonly writes: number;
  readonly redundantWrites: number;
}

export interface ReadableCounters extends Counters {
  report(): CounterReport;
  reset(): void;
}

export function createCounters(): ReadableCounters {
  const requests = new Map<string, number>();
  const status = new Map<string, number>();
  let writes = 0;
  let redundantWrites = 0;
  return {
    request(route, code) {
      requests.set(route, (requests.get(route) ?? 0) + 1);
      status.set(String(code), (status.get(String(code)) ?? 0) + 1);
    },
    write(redundant) {
      writes += 1;
      if (redundant) redundantWrites += 1;
    },
    report: () => ({
      requests: Object.fromEntries(requests),
      status: Object.fromEntries(status),
      writes,
      redundantWrites,
    }),
    reset() {
      requests.clear();
      status.clear();
      writes = 0;
      redundantWrites = 0;
    },
  };
}
