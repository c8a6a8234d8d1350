/** The embedded database: starts it, or attaches to the one another process started. */
import { readFile, realpath, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { OppsyncError } from '../../core/errors.ts';
import { faultOf } from '../../core/fault-sentences.ts';
import type { Log } from '../../core/ports.ts';
import { explainedIfFull } from '../disk-full.ts';
import { attach, detach } from './attachments.ts';
import { ensureCluster } from './cluster.ts';
import {
  type DataFolder,
  dataFolder,
  defaultDataDir,
  makeHome,
  passwordOf,
  reachableDataDir,
  SYSTEM_FOLDER,
} from './data-folder.ts';
import { withFolderLock } from './folder-lock.ts';
import { freePort, launch, stop } from './launch.ts';
import { installedPostgres, type PostgresBinaries } from './platform-package.ts';
import {
  connectionString,
  createDatabase,
  forgetDeadPostmaster,
  isPostmaster,
  otherConnections,
  postmasterFile,
  type ServerAddress,
  tryServer,
} from './running-server.ts';
import { isRoot, type ServerUser, serverUser } from './server-user.ts';
import { usableBinaries } from './usable-binaries.ts';

export interface EmbeddedDatabase {
  /** `postgres://…@127.0.0.1:<port>/oppsync`, with the password: not for logs. */
  readonly connectionString: string;
  /** The folder really used. */
  readonly dataDir: string;
  /** The last user stops the server, unless other connections are open. Safe to call twice. */
  close(): Promise<void>;
}

interface Place {
  readonly folder: DataFolder;
  readonly binaries: PostgresBinaries;
  readonly user: ServerUser | null;
}

const LOCK_PATIENCE_MS = 200_000;
const ATTEMPTS = 20;
const ATTEMPT_PAUSE_MS = 250;

/**
 * @param options.dataDir folder of the database; by default `.oppsync/postgres` in the working directory, or for root a
 * folder under /var/lib/oppsync of its own.
 * @throws OppsyncError with the remedy; the server's own last lines when it does not start.
 */
export async function startEmbedded(options: { dataDir?: string; log: Log }): Promise<EmbeddedDatabase> {
  const { log } = options;
  const began = performance.now();
  const place = await prepare(options.dataDir ?? defaultDataDir(process.cwd()), log);
  const { folder } = place;
  const { address, file } = await withFolderLock(folder.lock, LOCK_PATIENCE_MS, async () => {
    const running = (await attachable(folder)) ?? (await start(place, log));
    return { address: running, file: await attach(folder.attachments) };
  }).catch((error: unknown) => {
    throw explainedIfFull(error);
  });
  log.debug('embedded database ready', {
    folder: folder.home,
    port: address.port,
    ms: Math.round(performance.now() - began),
  });
  let closing: Promise<void> | undefined;
  return {
    connectionString: connectionString(address),
    dataDir: folder.home,
    close: () => {
      closing ??= release(place, file, address, log);
      return closing;
    },
  };
}

async function prepare(asked: string, log: Log): Promise<Place> {
  const installed = await installedPostgres();
  const user = await serverUser(dataFolder(asked).cluster);
  const home = await reachableDataDir(asked, user, log);
  await makeHome(home);
  // One spelling for all: processes may have come by different links.
  const folder = dataFolder(await realpath(home));
  const copies = { folder: isRoot() ? SYSTEM_FOLDER : folder.home, always: isRoot() };
  return { folder, user, binaries: await usableBinaries(installed, copies, log) };
}

/** The address of a server that is running for this folder, waiting for one that is starting or stopping. */
async function attachable(folder: DataFolder): Promise<ServerAddress | null> {
  const password = await readFile(folder.password, 'utf8').catch(() => null);
  if (password === null) return null;
  for (let attempt = 0; attempt < ATTEMPTS * 4; attempt += 1) {
    const file = await postmasterFile(folder);
    if (file === null || !isPostmaster(folder, file)) return null;
    const address = { port: file.port, password };
    const answer = await tryServer(folder, address);
    if (answer === 'ours') return address;
    // A pid file that names some other living PostgreSQL (the number was reused) comes with a port that is not ours.
    if (file.ready && answer === 'foreign') return null;
    await sleep(ATTEMPT_PAUSE_MS);
  }
  return null;
}

async function start(place: Place, log: Log): Promise<ServerAddress> {
  const { folder, binaries, user } = place;
  const password = await passwordOf(folder);
  if (await ensureCluster(folder, binaries, user, password))
    log.info('new embedded database', { folder: folder.home });
  await forgetDeadPostmaster(folder);
  let preferred: number | null = Number(await readFile(folder.port, 'utf8').catch(() => '')) || null;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = await freePort(preferred);
    const launched = await launch(folder, binaries, user, port);
    if (launched === 'started') {
      const address = { port, password };
      await createDatabase(address);
      await writeFile(folder.port, String(port), { mode: 0o600 });
      return address;
    }
    log.debug('starting the embedded database again', { because: launched, port });
    if (launched === 'port-taken') preferred = null;
    else await sleep(ATTEMPT_PAUSE_MS);
  }
  throw new OppsyncError({
    recovery: 'stop',
    ...faultOf('database.in_use', { folder: folder.home, file: folder.log }),
    code: 'database.start',
    unreachable: true,
  });
}

async function release(place: Place, file: string, address: ServerAddress, log: Log): Promise<void> {
  const { folder, binaries, user } = place;
  await withFolderLock(folder.lock, LOCK_PATIENCE_MS, async () => {
    if ((await detach(folder.attachments, file)) > 0) return;
    if ((await tryServer(folder, address)) !== 'ours') return;
    if (await othersStay(address)) {
      log.debug('embedded database left running for other connections', { folder: folder.home });
      return;
    }
    await stop(folder, binaries, user);
    log.debug('embedded database stopped', { folder: folder.home });
  });
}

/** Connections we have just closed take the server a moment to notice. */
async function othersStay(address: ServerAddress): Promise<boolean> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    if ((await otherConnections(address)) === 0) return false;
    await sleep(50);
  }
  return true;
}
