import { OppsyncError } from '../core/errors.ts';
import { faultOf } from '../core/fault-sentences.ts';

/** PostgreSQL's word for it (appendix A of its manual), and the file system's. */
const FULL: readonly unknown[] = ['53100', 'ENOSPC', 'EDQUOT'];

/** What to do when the disk of the database is full; any other error as it is. Whoever makes room mends it: nothing is lost. */
export function explainedIfFull(error: unknown): unknown {
  if (!(error instanceof Error) || !FULL.includes((error as { code?: unknown }).code)) return error;
  return new OppsyncError({
    recovery: 'retry',
    ...faultOf('database.full', { words: error.message }),
    unreachable: true,
    cause: error,
  });
}
