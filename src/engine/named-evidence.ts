import type { SafeMark } from '../core/connector-port.ts';
import type { Crm } from '../core/ids.ts';
import type { Save, TaskContext } from './task.ts';

/** For more records than these the calls would be felt: what lies beside them is left to the next complete run. */
const MOST_RECORDS = 100;

/**
 * How far the evidence of a CRM was read, where a run of events may read what lies beside single records. Null before a
 * complete run has read evidence: half of it would be worse than none.
 */
export async function evidenceMark(
  { deps, run, connector }: TaskContext,
  crm: Crm,
): Promise<SafeMark | null> {
  if (connector(crm).evidence?.about === undefined) return null;
  return (await deps.store.evidenceState(run.sync, crm))?.mark ?? null;
}

/**
 * Reads what lies beside the records of a CRM that events name and that have changed, so that a run of events judges by the
 * same evidence as a complete run. Our own writes coming back have changed nothing, and cost no call.
 */
export async function evidenceOfNamed(
  { deps, run, signal, ...context }: TaskContext,
  crm: Crm,
  mark: SafeMark,
): Promise<Save> {
  const ids = await deps.store.namedChanged(run.sync, run.run, crm, MOST_RECORDS + 1);
  if (ids.length === 0 || ids.length > MOST_RECORDS) return async () => {};
  const found = await context.connector(crm).evidence?.about?.(ids, mark, context.facts(crm), signal);
  if (found === undefined) return async () => {};
  const { sources, items } = found;
  return (tx) => tx.replaceFindings(run.sync, run.run, crm, ids, sources, items);
}
