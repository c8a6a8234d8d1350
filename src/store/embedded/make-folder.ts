import { chmod, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a folder and its missing parents with mode 755 whatever the umask, so that the server's account can pass. */
export async function makeOpenFolder(path: string): Promise<void> {
  const missing: string[] = [];
  for (let at = path; !(await isThere(at)); at = dirname(at)) missing.unshift(at);
  for (const folder of missing) {
    await makeOneFolder(folder);
    await chmod(folder, 0o755);
  }
}

/**
 * Makes a folder whose parent is there, if it is not there itself. The recursive way of Node goes round for ever where a
 * parent takes no folders and says that it is not there, as those of /proc do.
 */
export async function makeOneFolder(path: string): Promise<void> {
  await mkdir(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
