/** A new cluster, and the check that an old one fits the program. */
import { execFile } from 'node:child_process';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OppsyncError } from '../../core/errors.ts';
import { faultOf } from '../../core/fault-sentences.ts';
import type { DataFolder } from './data-folder.ts';
import type { PostgresBinaries } from './platform-package.ts';
import { lastLines, serverEnvironment } from './server-output.ts';
import type { ServerUser } from './server-user.ts';

export const ROLE = 'oppsync';

const run = promisify(execFile);

/**
 * Makes the cluster when there is none. Call under the folder lock.
 * @returns whether a new one was made.
 * @throws OppsyncError `fix` when the cluster was made by another major version.
 */
export async function ensureCluster(
  folder: DataFolder,
  binaries: PostgresBinaries,
  user: ServerUser | null,
  password: string,
): Promise<boolean> {
  const made = await readFile(join(folder.cluster, 'PG_VERSION'), 'utf8').catch(() => null);
  if (made !== null) {
    if (Number.parseInt(made, 10) !== binaries.major) throw otherVersion(folder, made.trim(), binaries.major);
    return false;
  }
  await create(folder, binaries, user, password);
  return true;
}

/** Built beside its place and renamed when complete: a process killed meanwhile leaves nothing that looks like a cluster. */
async function create(
  folder: DataFolder,
  binaries: PostgresBinaries,
  user: ServerUser | null,
  password: string,
) {
  const partial = `${folder.cluster}.new`;
  const passwordFile = `${folder.password}.initdb`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  try {
    if (user !== null) {
      await chown(partial, user.uid, user.gid);
      await chown(passwordFile, user.uid, user.gid);
    }
    await run(binaries.initdb, initdbArguments(partial, passwordFile), {
      ...user,
      cwd: '/',
      env: serverEnvironment(),
    });
    await rename(partial, folder.cluster);
  } catch (cause) {
    const said = lastLines((cause as { stderr?: string }).stderr ?? '') || (cause as Error).message;
    throw new OppsyncError({
      recovery: 'stop',
      ...faultOf('database.initdb', { folder: folder.home, words: said }),
      unreachable: true,
      cause,
    });
  } finally {
    await rm(passwordFile, { force: true });
    await rm(partial, { recursive: true, force: true });
  }
}

function initdbArguments(cluster: string, passwordFile: string): string[] {
  return [
    ...['-D', cluster, '-U', ROLE, `--pwfile=${passwordFile}`],
    ...['--auth-host=scram-sha-256', '--auth-local=scram-sha-256', '--encoding=UTF8'],
    // The builtin provider sorts alike on every system and never changes under an index when the C library is updated.
    ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'],
  ];
}

function otherVersion(folder: DataFolder, made: string, major: number): OppsyncError {
  return new OppsyncError({
    recovery: 'fix',
    ...faultOf('database.made_by_other', { folder: folder.home, made, brought: String(major) }),
    code: 'database.version',
  });
}
