/** Starts the server process, apart from ours, and stops it. */
import { execFile, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { OppsyncError } from '../../core/errors.ts';
import { faultOf } from '../../core/fault-sentences.ts';
import type { DataFolder } from './data-folder.ts';
import type { PostgresBinaries } from './platform-package.ts';
import { postmasterFile } from './running-server.ts';
import { lastLines, openServerLog, readFrom, serverEnvironment } from './server-output.ts';
import type { ServerUser } from './server-user.ts';

const POLL_MS = 10;
/** Recovery after a crash reads back at most about 1 GB of log (max_wal_size): minutes on a slow disk. */
const READY_WITHIN_MS = 180_000;
const run = promisify(execFile);

/** `started`, or why another attempt can help: the port is taken, or a killed server's last children still hold the folder. */
export type Launched = 'started' | 'port-taken' | 'folder-in-use';

/** @throws OppsyncError `stop` with the server's own last lines when it does not come up. */
export async function launch(
  folder: DataFolder,
  binaries: PostgresBinaries,
  user: ServerUser | null,
  port: number,
): Promise<Launched> {
  const { file, from } = await openServerLog(folder.log);
  let failure: string | null = null;
  try {
    // Detached and with its output in a file: nobody ends up waiting for the server to close a pipe of theirs.
    const child = spawn(binaries.postgres, serverArguments(folder.cluster, port), {
      ...user,
      cwd: '/',
      env: serverEnvironment(),
      detached: true,
      stdio: ['ignore', file.fd, file.fd],
    });
    child.on('error', (error) => {
      failure = error.message;
    });
    child.on('exit', (code, signal) => {
      failure = `it ended with ${signal ?? `code ${code}`}`;
    });
    child.unref();
    const until = performance.now() + READY_WITHIN_MS;
    while (failure === null) {
      const seen = await postmasterFile(folder);
      if (seen?.pid === child.pid && seen?.ready) return 'started';
      if (performance.now() > until) failure = 'it was not ready in time';
      await sleep(POLL_MS);
    }
  } finally {
    await file.close();
  }
  const said = await readFrom(folder.log, from);
  if (/could not bind|Address already in use|could not create any TCP/i.test(said)) return 'port-taken';
  if (/still in use|lock file "postmaster.pid" already exists/.test(said)) return 'folder-in-use';
  throw new OppsyncError({
    recovery: 'stop',
    ...faultOf('database.start', { reason: failure ?? '', words: lastLines(said), file: folder.log }),
    unreachable: true,
  });
}

/** Fast shutdown: open transactions are rolled back, everything committed is on disk. */
export async function stop(
  folder: DataFolder,
  binaries: PostgresBinaries,
  user: ServerUser | null,
): Promise<void> {
  const args = ['stop', '-D', folder.cluster, '-m', 'fast', '-w', '-t', '60', '-s'];
  await run(binaries.pgCtl, args, { ...user, cwd: '/', env: serverEnvironment() });
}

/** The port asked for when it is free, else one the system picks. Another program may still be faster: launch tells. */
export async function freePort(preferred: number | null): Promise<number> {
  if (preferred !== null && (await listens(preferred)) !== null) return preferred;
  return (await listens(0)) ?? freePort(null);
}

function listens(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null));
    });
  });
}

function serverArguments(cluster: string, port: number): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    shared_buffers: '128MB',
    max_connections: '100',
    fsync: 'on',
    // No replicas: less to write, and a restart does not wait for senders.
    wal_level: 'minimal',
    max_wal_senders: '0',
    // Many small queries: compiling them costs more than it saves.
    jit: 'off',
    // Parallel queries need /dev/shm, which is 64 MB in a container.
    max_parallel_workers_per_gather: '0',
    // A command may be over before the usual minute: what it leaves behind would never be cleaned up.
    autovacuum_naptime: '5s',
    autovacuum_max_workers: '1',
    timezone: 'UTC',
    log_timezone: 'UTC',
  };
  return ['-D', cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}
