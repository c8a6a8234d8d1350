/** PostgreSQL refuses to run as root: which account runs the server then. */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { OppsyncError } from '../../core/errors.ts';
import { faultOf } from '../../core/fault-sentences.ts';

export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

const run = promisify(execFile);

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * The account the server runs under; null = our own. As root: the owner of an existing cluster, else `postgres` when there
 * is such an account, else `nobody`. Accounts are never created.
 */
export async function serverUser(clusterFolder: string): Promise<ServerUser | null> {
  if (!isRoot()) return null;
  const owner = await stat(clusterFolder).catch(() => null);
  if (owner !== null && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const found = (await lookUp('postgres')) ?? (await lookUp('nobody'));
  if (found !== null) return found;
  throw new OppsyncError({
    recovery: 'fix',
    ...faultOf('database.no-account'),
  });
}

/** Name and number may disagree in `nobody`'s group across systems, so ask the system instead of assuming 65534. */
async function lookUp(name: string): Promise<ServerUser | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}
