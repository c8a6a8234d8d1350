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
  const log = createLog({ level: 'info', fields: { worker: name } });
  try {
    const config = loadConfig({ env: processEnvironment(), cwd: process.cwd() });
    const leveled = createLog({ level: config.log.level ?? 'info', fields: { worker: name } });
    const app = await compose(config, { log: leveled });
    try {
      await app.serve(
        roles,
        stop.signal,
        ({ webPort }) => leveled.info('serving', { roles, webPort }),
        queue === undefined ? undefined : [queue],
      );
    } finally {
      await app.close();
    }
  } catch (error) {
    log.error('worker stopped by an error', { error });
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigError) return 2;
  if (!(error instanceof OppsyncError)) return 70;
  return error.details.unreachable === true ? 4 : 2;
}
