import { createReadStream, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { OfflineSource } from '../offline.ts';
import type { Context } from './context.ts';
import { unreadableFile } from './unreadable-file.ts';
import { UsageError } from './usage-error.ts';

const CHUNK_BYTES = 256 * 1024;

/**
 * A dataset by its path, or `-` for standard input. A regular file can be read again; anything else (a pipe) only once.
 *
 * @throws UsageError when the file cannot be read
 */
export function datasetSource(context: Context, file: string): OfflineSource {
  if (file === '-') return { once: context.input() };
  const path = resolve(context.cwd, file);
  const open = (): AsyncIterable<Uint8Array> =>
    createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Uint8Array>;
  try {
    const found = statSync(path);
    if (found.isDirectory()) throw new UsageError('usage.file_folder', { file });
    return found.isFile() ? { again: open } : { once: open() };
  } catch (error) {
    throw unreadableFile(file, error);
  }
}
