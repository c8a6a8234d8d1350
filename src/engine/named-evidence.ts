import type { Crm } from '../core/ids.ts';
import type { Save, TaskContext } from './task.ts';

/** For more records than these the calls would be felt: what lies beside them is left to the next complete run. */
const MOST_RECORDS = 100;

/**
 * Reads what lies beside the records of a CRM that events name, so that a run of events judges by the same evidence as a
 * complete run. Only where a complete run has read evidence before: half of it would be worse than what is known.
 */
export async function evidenceOfNamed(
  { deps, run, signal, ...context }: TaskContext,
  crm: Crm,
): Promise<Save> {
  const { store } = deps;
  const about = context.connector(crm).evidence?.about;
  const state = about === undefined ? null : await store.evidenceState(run.sync, crm);
  if (about === undefined || state === null || state.mark === null) return async () => {};
  const facts = context.facts(crm);
  const ids = await store.eventRecords(run.run, crm, facts.accountId, '', MOST_RECORDS + 1);
  if (ids.length === 0 || ids.length > MOST_RECORDS) return async () => {};
  const { sources, items } = await about(ids, state.mark, facts, signal);
  return (tx) => tx.replaceFindings(run.sync, run.run, crm, ids, sources, items);
}
