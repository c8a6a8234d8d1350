/** One family of a Prometheus exposition. */
export interface MetricFamily {
  /** `oppsync_…`, with its unit last. */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly samples: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[];
}

/** Prometheus text format 0.0.4. */
export function expositionText(families: readonly MetricFamily[]): string {
  return families
    .map(({ name, help, type, samples }) => {
      const lines = samples.map(
        ({ labels, value }) => `${name}${labelText(labels ?? {})} ${numberText(value)}`,
      );
      return [
        `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
        `# TYPE ${name} ${type}`,
        ...lines,
      ].join('\n');
    })
    .map((family) => `${family}\n`)
    .join('');
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).map(
    ([name, value]) =>
      `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
  );
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value);
}

/** What every process says of itself. Times in seconds, sizes in bytes. */
export function processMetrics(): readonly MetricFamily[] {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const one = (value: number): MetricFamily['samples'] => [{ value }];
  return [
    {
      ...{ name: 'process_resident_memory_bytes', help: 'Resident memory.', type: 'gauge' },
      samples: one(rss),
    },
    {
      ...{ name: 'process_cpu_seconds_total', help: 'User and system CPU time.', type: 'counter' },
      samples: one((user + system) / 1e6),
    },
    {
      ...{ name: 'process_start_time_seconds', help: 'Start of the process since the epoch.', type: 'gauge' },
      samples: one(Math.round((performance.timeOrigin / 1000) * 1000) / 1000),
    },
    {
      ...{ name: 'nodejs_heap_used_bytes', help: 'Used JavaScript heap.', type: 'gauge' },
      samples: one(heapUsed),
    },
  ];
}
