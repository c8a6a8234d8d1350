import { UsageError } from './usage-error.ts';

const KNOWN = {
  ENOENT: 'usage.file_absent',
  EISDIR: 'usage.file_folder',
  EACCES: 'usage.file_denied',
} as const;

/** Why a file could not be opened, in a sentence; anything that is no such error is thrown on as it is. */
export function unreadableFile(file: string, error: unknown): UsageError {
  const reason = (error as NodeJS.ErrnoException).code;
  if (error instanceof UsageError || reason === undefined) throw error;
  const key = KNOWN[reason as keyof typeof KNOWN];
  return key === undefined
    ? new UsageError('usage.file_unreadable', { file, reason })
    : new UsageError(key, { file });
}
