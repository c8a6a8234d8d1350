import type { AccountRollups, AccountValues } from '../core/connector-port.ts';
import { type ErrorDetails, OppsyncError } from '../core/errors.ts';
import type { RecordId } from '../core/ids.ts';
import type { RollupField } from '../core/rollup.ts';
import type { TaskContext } from './task.ts';

/** Accounts as they are now, by as few calls as it takes. */
export async function readAccounts(
  { signal }: TaskContext,
  rollups: AccountRollups,
  ids: readonly RecordId[],
  fields: readonly RollupField[],
): Promise<ReadonlyMap<RecordId, AccountValues>> {
  const found = new Map<RecordId, AccountValues>();
  if (fields.length === 0) return found;
  for (let start = 0; start < ids.length; start += rollups.readBatch) {
    const batch = ids.slice(start, start + rollups.readBatch);
    for (const [id, values] of await rollups.read(batch, fields, signal)) found.set(id, values);
  }
  return found;
}

/**
 * Why this user may not do with accounts what was tried; null for anything that passes, or is not about accounts. What stops
 * the whole connection will stop the next step as well.
 */
export function refusalOf(error: unknown): ErrorDetails | null {
  if (!(error instanceof OppsyncError)) return null;
  const { recovery, resumesAt, unreachable } = error.details;
  const passing = recovery === 'retry' || recovery === 'wait' || recovery === 'unknown';
  return passing || resumesAt !== undefined || unreachable === true ? null : error.details;
}
