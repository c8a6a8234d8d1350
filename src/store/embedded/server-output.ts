/** What the server says and what it may know. */
import { open, rename, stat } from 'node:fs/promises';

const ROTATE_ABOVE_BYTES = 8 * 1024 * 1024;

/** Only what a database needs: our own environment holds credentials. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { LC_ALL: 'C', TZ: 'UTC' };
  for (const name of ['PATH', 'SystemRoot', 'TEMP', 'TMP']) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

/** Opens the log for appending; an overgrown one is put aside first. `from` = where this start's lines begin. */
export async function openServerLog(path: string) {
  const size = (await stat(path).catch(() => null))?.size ?? 0;
  if (size > ROTATE_ABOVE_BYTES) await rename(path, `${path}.1`);
  const file = await open(path, 'a+', 0o600);
  return { file, from: (await file.stat()).size };
}

export async function readFrom(path: string, from: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const length = Math.max(0, (await file.stat()).size - from);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The end of an output, in one line for an error message. */
export function lastLines(output: string, count = 6): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-count).join(' | ');
}
