import { sameValue } from '../core/compare.ts';
import { OppsyncError } from '../core/errors.ts';
import { lastChange, namedActor } from '../core/field-history.ts';
import type { Value } from '../core/opportunity.ts';
import type { ConflictActors, UnnamedConflict } from '../core/trust-port.ts';
import { readHistories } from './read-histories.ts';
import type { TaskContext } from './task.ts';

/** No run spends more than this on names: what is left is asked by the next. */
const MOST = 1_000;

/**
 * Who gave each side of the open conflicts its value, and when, from the history of just those fields: full batches, and once
 * per value. What a CRM does not tell stays unknown. Names are no reason to fail a run.
 */
export async function nameActors(context: TaskContext): Promise<readonly ConflictActors[]> {
  const { deps, run, runtime, signal } = context;
  const { sides } = runtime.settings;
  if (sides.every((crm) => context.connector(crm).history === undefined)) return [];
  // Events are to be quick: only about the records they name, which are few.
  const named = run.mode === 'events' ? run.run : undefined;
  const open = await deps.store.unnamedConflicts(runtime.settings.name, MOST, named);
  const found = new Map<UnnamedConflict, ConflictActors['who'][]>(open.map((conflict) => [conflict, []]));
  for (const crm of sides) {
    const asked = open.flatMap((conflict) => {
      const side = conflict.sides[crm];
      return side === undefined ? [] : [{ conflict, side }];
    });
    const about = asked.map(({ conflict, side }) => ({ id: side.id, field: conflict.field }));
    let histories: Awaited<ReturnType<typeof readHistories>>;
    try {
      histories = await readHistories(context, crm, about, null);
    } catch (error) {
      if (!(error instanceof OppsyncError) || signal.aborted) throw error;
      deps.log.warn('the history of fields could not be read', { crm, code: error.details.code });
      continue;
    }
    for (const { conflict, side } of asked) {
      const told = lastChange(
        histories.get(side.id)?.[conflict.field],
        side.value,
        sameIn(context, conflict),
      );
      const actor = namedActor(told?.actor ?? null, context.facts(crm).owners);
      const at = told === null ? null : told.at;
      found.get(conflict)?.push({ [crm]: { value: side.value, actor, at } });
    }
  }
  return [...found]
    .filter(([, who]) => who.length > 0)
    .map(([{ pair, field }, who]) => ({
      pair,
      field,
      who: Object.assign({}, ...who) as ConflictActors['who'],
    }));
}

function sameIn(context: TaskContext, { field }: UnnamedConflict): (a: Value, b: Value) => boolean {
  const kind = context.runtime.settings.fields[field]?.kind ?? 'text';
  return (a, b) => sameValue(kind, a, b);
}
