/** Which processes use the server of a folder: one small file each, so that a killed one can be told from a living one. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning, ownIdentity, type ProcessIdentity } from './process-identity.ts';

let count = 0;

/** Call under the folder lock. Answers the file that stands for this user of the server. */
export async function attach(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  count += 1;
  const file = join(folder, `${process.pid}-${count}.json`);
  await writeFile(file, JSON.stringify(ownIdentity()), { mode: 0o600 });
  return file;
}

/** Call under the folder lock. Takes one user away and answers how many living ones are left; dead ones are forgotten. */
export async function detach(folder: string, file: string): Promise<number> {
  await rm(file, { force: true });
  let living = 0;
  for (const name of await readdir(folder)) {
    if (await lives(join(folder, name))) living += 1;
    else await rm(join(folder, name), { force: true });
  }
  return living;
}

async function lives(file: string): Promise<boolean> {
  try {
    return isRunning(JSON.parse(await readFile(file, 'utf8')) as ProcessIdentity);
  } catch {
    return false;
  }
}
