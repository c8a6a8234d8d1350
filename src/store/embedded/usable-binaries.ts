/** Makes the installed PostgreSQL runnable: library links npm left out, and a copy where the server's account can go. */
import { chmod, cp, lstat, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { OppsyncError } from '../../core/errors.ts';
import { faultOf } from '../../core/fault-sentences.ts';
import type { Log } from '../../core/ports.ts';
import { makeOpenFolder } from './make-folder.ts';
import { type PostgresBinaries, relocated } from './platform-package.ts';

/**
 * In place when the server runs under our own account; else, or when links are missing and we may not write there, a copy
 * in `copies.folder`, made once per version.
 */
export async function usableBinaries(
  installed: PostgresBinaries,
  copies: { readonly folder: string; readonly always: boolean },
  log: Log,
): Promise<PostgresBinaries> {
  if (!copies.always && (await restoreLinks(installed.root))) return installed;
  const target = join(copies.folder, `postgres-${installed.version}`);
  if (!(await exists(target))) {
    log.info('copying the database program', { to: target });
    await copyProgram(installed.root, target);
  }
  return relocated(installed, target);
}

/**
 * npm packages cannot hold symbolic links: the package lists them and recreates them in an install script, which may
 * not have run. Answers false when they are missing and we may not write there.
 */
export async function restoreLinks(root: string): Promise<boolean> {
  try {
    for (const link of await listedLinks(root)) {
      if (await exists(link.path)) continue;
      await symlink(link.to, link.path).catch(ignoreExisting);
    }
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return false;
    throw error;
  }
}

async function listedLinks(root: string): Promise<{ path: string; to: string }[]> {
  const text = await readFile(join(root, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const listed = JSON.parse(text) as { source: string; target: string }[];
  // The list says `native/…`, seen from the package; `root` is that `native` folder or a copy of it.
  return listed.map(({ source, target }) => ({
    path: join(root, relative('native', target)),
    to: relative(dirname(target), source),
  }));
}

/** Copies under a name of its own and renames: another process never sees half a copy. Root writes, everybody reads. */
async function copyProgram(from: string, to: string): Promise<void> {
  const partial = join(dirname(to), `.${basename(to)}.${process.pid}`);
  try {
    await makeOpenFolder(dirname(to));
    await cp(from, partial, { recursive: true, verbatimSymlinks: true });
    await openToReaders(partial);
    await restoreLinks(partial);
    await rename(partial, to).catch(ignoreExisting);
  } catch (cause) {
    throw new OppsyncError({
      recovery: 'fix',
      ...faultOf('database.copy', { to, words: (cause as Error).message, folder: dirname(to) }),
      cause,
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** The clone may have been made under a umask of 077. */
async function openToReaders(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToReaders(path);
    else if (entry.isFile()) await chmod(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function ignoreExisting(error: unknown): void {
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== 'EEXIST' && code !== 'ENOTEMPTY') throw error;
}
