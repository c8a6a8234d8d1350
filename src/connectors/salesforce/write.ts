import type { AccountFacts } from '../../core/account-facts.ts';
import type { RecordWrite, WriteResult } from '../../core/connector-port.ts';
import { accountIndex } from './account-index.ts';
import { type CollectionDeps, sendCollection } from './collection.ts';
import { nativeBody } from './native-values.ts';
import { to18 } from './record-id.ts';
import { refusalsOf } from './refusals.ts';

/** Records per collection call (sObject Collections). */
export const WRITE_BATCH = 200;

const TARGET = { path: '/composite/sobjects', type: 'Opportunity' } as const;

export type WriteDeps = CollectionDeps;

/** Updates up to {@link WRITE_BATCH} records ({@link ./collection.ts}). Results in the order given. */
export async function writeRecords(
  deps: WriteDeps,
  writes: readonly RecordWrite[],
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<WriteResult[]> {
  if (writes.length > WRITE_BATCH)
    throw new Error(`${writes.length} records in one write, ${WRITE_BATCH} allowed`);
  if (new Set(writes.map((write) => to18(write.id))).size !== writes.length) {
    throw new Error('write was given the same record twice');
  }
  signal.throwIfAborted();
  const checked = writes.map((write) => {
    const [refusal] = refusalsOf(write, facts);
    const row = { id: write.id, body: { id: write.id, ...nativeBody(write, facts) } };
    return { write, refusal, row };
  });
  const sending = checked.filter(({ refusal }) => refusal === undefined).map(({ row }) => row);
  const { canonical } = accountIndex(facts);
  const outcomeOf = await sendCollection(deps, TARGET, sending, canonical, signal);
  return checked.map(({ write, refusal, row }): WriteResult => {
    const { trace, id } = write;
    if (refusal !== undefined) {
      const error = { ...refusal, recovery: 'skip', record: id } as const;
      return { trace, id, ok: false, error };
    }
    const outcome = outcomeOf(row);
    return outcome.ok ? { trace, id, ok: true, version: null } : { trace, id, ...outcome };
  });
}
