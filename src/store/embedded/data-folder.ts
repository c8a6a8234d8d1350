/** Where the embedded database lives, and what is in its folder. */
import { createHash, randomBytes } from 'node:crypto';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { OppsyncError } from '../../core/errors.ts';
import { faultOf } from '../../core/fault-sentences.ts';
import type { Log } from '../../core/ports.ts';
import { makeOneFolder, makeOpenFolder } from './make-folder.ts';
import { isRoot, type ServerUser } from './server-user.ts';

/** Root's own place: system accounts can enter it, whatever the mode of the folder that oppsync was cloned into. */
export const SYSTEM_FOLDER = '/var/lib/oppsync';

export interface DataFolder {
  readonly home: string;
  /** PostgreSQL's own data directory; belongs to the server's account, mode 700. */
  readonly cluster: string;
  readonly password: string;
  /** The port of last time, so that a restart does not cut off processes that hold the old address. */
  readonly port: string;
  readonly lock: string;
  readonly attachments: string;
  readonly log: string;
}

export function dataFolder(home: string): DataFolder {
  return {
    home,
    cluster: join(home, 'cluster'),
    password: join(home, 'password'),
    port: join(home, 'port'),
    lock: join(home, 'lock'),
    attachments: join(home, 'attached'),
    log: join(home, 'server.log'),
  };
}

/** The folder used when none is asked for: inside the project, or as root under {@link SYSTEM_FOLDER} keyed by the project. */
export function defaultDataDir(cwd: string): string {
  return isRoot() ? join(SYSTEM_FOLDER, shortHash(cwd), 'postgres') : join(cwd, '.oppsync', 'postgres');
}

/** The folder to use for the one asked for: the same, unless the server's account cannot get there. */
export async function reachableDataDir(asked: string, user: ServerUser | null, log: Log): Promise<string> {
  const home = resolve(asked);
  if (user === null || (await canEnter(dirname(home), user))) return home;
  const derived = join(SYSTEM_FOLDER, shortHash(home), 'postgres');
  log.debug('the database account cannot enter the folder asked for; using another', {
    asked: home,
    used: derived,
  });
  return derived;
}

/** @throws OppsyncError `fix` when the folder cannot be made or is somebody else's. */
export async function makeHome(home: string): Promise<void> {
  try {
    await makeOpenFolder(dirname(home));
    await makeOneFolder(home);
    // As root the server's account must be able to pass through to its cluster, and no more.
    if ((await stat(home)).uid === process.getuid?.()) await chmod(home, isRoot() ? 0o711 : 0o700);
  } catch (cause) {
    throw new OppsyncError({
      recovery: 'fix',
      ...faultOf('database.folder', { words: (cause as Error).message }),
      cause,
    });
  }
}

/** Reads the password, making one up the first time. Call under the folder lock. */
export async function passwordOf(folder: DataFolder): Promise<string> {
  const kept = await readFile(folder.password, 'utf8').catch(() => '');
  if (kept.length > 0) return kept;
  const made = randomBytes(24).toString('base64url');
  await writeFile(folder.password, made, { mode: 0o600, flush: true });
  return made;
}

async function canEnter(path: string, user: ServerUser): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  // What does not exist yet will be made with mode 755.
  if (found !== null && (found.mode & enterBit(found, user)) === 0) return false;
  return path === dirname(path) || canEnter(dirname(path), user);
}

function enterBit(folder: { uid: number; gid: number }, user: ServerUser): number {
  if (folder.uid === user.uid) return 0o100;
  return folder.gid === user.gid ? 0o010 : 0o001;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
