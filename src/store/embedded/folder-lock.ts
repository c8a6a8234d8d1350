/** One process at a time may start or stop the server of a folder. Held for the moment of doing it, not while running. */
import { readFileSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { OppsyncError } from '../../core/errors.ts';
import { faultOf } from '../../core/fault-sentences.ts';
import { isRunning, ownIdentity, type ProcessIdentity } from './process-identity.ts';

const POLL_MS = 20;

/**
 * Runs `work` while holding the lock file. A lock whose process is gone is taken over.
 * @throws OppsyncError `retry` when a living process held it for longer than `patienceMs`.
 */
export async function withFolderLock<T>(
  path: string,
  patienceMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const until = performance.now() + patienceMs;
  while (!(await create(path))) {
    await removeIfStale(path);
    if (performance.now() > until) throw stillHeld(path);
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** The file exists a moment before our name is in it: others take a lock without a name as held. */
async function create(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(JSON.stringify(ownIdentity()));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Two waiters may see the same dead lock; if both removed it, the slower would remove the faster one's new lock. So the
 * removal happens under a second lock file, after looking again.
 */
async function removeIfStale(path: string): Promise<void> {
  if (!isStale(path)) return;
  const removal = `${path}.removal`;
  if (!(await create(removal))) {
    if (isStale(removal)) await rm(removal, { force: true });
    return;
  }
  try {
    if (isStale(path)) await rm(path, { force: true });
  } finally {
    await rm(removal, { force: true });
  }
}

const seenEmpty = new Map<string, number>();
/** A process killed between creating and naming its lock leaves it empty. */
const EMPTY_IS_DEAD_AFTER_MS = 5000;

function isStale(path: string): boolean {
  const owner = ownerOf(path);
  if (owner === 'absent') return false;
  if (owner !== 'unnamed') {
    seenEmpty.delete(path);
    return !isRunning(owner);
  }
  const since = seenEmpty.get(path) ?? performance.now();
  seenEmpty.set(path, since);
  return performance.now() - since > EMPTY_IS_DEAD_AFTER_MS;
}

function ownerOf(path: string): ProcessIdentity | 'absent' | 'unnamed' {
  try {
    const parsed = JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
    return typeof parsed.pid === 'number' ? parsed : 'unnamed';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'absent';
    if (error instanceof SyntaxError) return 'unnamed';
    throw error;
  }
}

function stillHeld(path: string): OppsyncError {
  const owner = ownerOf(path);
  const who = typeof owner === 'string' ? 'PID ?' : `PID ${owner.pid}`;
  return new OppsyncError({
    recovery: 'retry',
    ...faultOf('database.locked', { who, path }),
    unreachable: true,
  });
}
