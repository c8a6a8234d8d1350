import { ConfigError } from '../config/errors.ts';
import { loadConfig, processEnvironment } from '../config/load.ts';
import type { Role } from '../src/app.ts';
import { compose } from '../src/compose.ts';
import { OppsyncError } from '../src/core/errors.ts';
import type { Job } from '../src/core/queue-port.ts';
import { keepHeapSmall } from '../src/observability/heap.ts';
import { createLog } from '../src/observability/log.ts';

/** Configuration, log, build, run until killed. An error is one line in the log and exit code 2 (settings), 4 or 70. */
export async function runRole(name: string, roles: readonly Role[], queue?: Job['queue']): Promise<void> {
  keepHeapSmall();
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  let log = createLog({ level: 'info', fields: { worker: name } });
  try {
    const config = loadConfig({ env: processEnvironment(), cwd: process.cwd() });
    log = createLog({ level: config.log.level ?? 'info', fields: { worker: name } });
    const app = await compose(config, { log });
    const serving = ({ webPort }: { webPort: number | null }) => log.info('serving', { roles, webPort });
    const queues = queue === undefined ? undefined : [queue];
    await app.serve(roles, stop.signal, serving, queues).finally(() => app.close());
    log.info('stopped');
  } catch (error) {
    const remedy = error instanceof OppsyncError ? { remedy: error.details.remedy } : {};
    log.error('worker stopped by an error', { ...remedy, error });
    process.exitCode = exitCodeOf(error);
  }
  // Whatever could not be closed in time must not keep the process.
  process.exit();
}

function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigError) return 2;
  if (!(error instanceof OppsyncError)) return 70;
  return error.details.unreachable === true ? 4 : 2;
}
