import { chmod, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a folder and its missing parents with mode 755 whatever the umask, so that the server's account can pass. */
export async function makeOpenFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await chmod(made, 0o755);
}
