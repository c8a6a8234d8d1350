import { OppsyncError } from '../core/errors.ts';
import { type FaultName, faultOf } from '../core/fault-sentences.ts';
import type { Crm } from '../core/ids.ts';
import type { Value } from '../core/opportunity.ts';
import type { Clock } from '../core/ports.ts';
import type { SyncSettings } from '../core/settings.ts';
import type { Store } from '../core/store-port.ts';
import type { SentenceParams } from '../core/told.ts';
import type { ConflictRow } from '../core/trust-port.ts';

const PAGE = 1_000;

/** Which conflicts, and what is right. Either `use` or `value` is given. */
export interface ResolveRequest {
  readonly ids: readonly string[] | 'all';
  /** Only those about this field. */
  readonly field?: string;
  readonly use?: Crm;
  readonly value?: Value;
}

/** Every open conflict of a sync, or those of one field. */
export async function openConflicts(
  store: Store,
  sync: string,
  field?: string,
): Promise<readonly ConflictRow[]> {
  const found: ConflictRow[] = [];
  for (let after = ''; ; ) {
    const page = await store.listConflicts(sync, after, PAGE);
    found.push(...page.filter((row) => field === undefined || row.conflict.field === field));
    const last = page[page.length - 1];
    if (last === undefined || page.length < PAGE) return found;
    after = last.id;
  }
}

/**
 * Remembers what a person decided; the next run carries it out. It holds for the values shown now: as soon as a side moves
 * again, it is a conflict again.
 *
 * @throws OppsyncError `refuse` for an id that is no open conflict, `fix` for a choice that cannot be made
 */
export async function resolveConflicts(
  deps: { readonly store: Store; readonly clock: Clock },
  settings: SyncSettings,
  request: ResolveRequest,
  by: string,
): Promise<readonly ConflictRow[]> {
  const { store, clock } = deps;
  const { ids, use, value } = request;
  if (use !== undefined && !settings.sides.includes(use))
    throw wrong('conflict.use', { use, sides: settings.sides.join(', ') });
  const open = await openConflicts(store, settings.name, request.field);
  const chosen = ids === 'all' ? open : ids.map((id) => open.find((row) => row.id === id) ?? unknown(id));
  const gone = chosen.find(({ conflict }) => conflict.cause === 'deleted');
  if (gone !== undefined) throw wrong('conflict.deleted', { field: gone.conflict.field, name: gone.name });
  const staged = chosen.find(({ conflict }) => settings.fields[conflict.field]?.kind === 'stage');
  if (use === undefined && staged !== undefined)
    throw wrong('conflict.stage_value', {
      field: staged.conflict.field,
      name: staged.name,
      sides: settings.sides.join(' | --use '),
    });
  const at = clock.now();
  await store.tx(async (tx) => {
    await tx.saveResolutions(
      settings.name,
      chosen.map(({ pair, conflict }) => ({
        subject: `pair:${pair}`,
        field: conflict.field,
        decided: use === undefined ? 'value' : 'use',
        choice: use ?? value ?? null,
        seen: Object.fromEntries(Object.entries(conflict.sides).map(([crm, side]) => [crm, side.value])),
        by,
        at,
        run: null,
      })),
    );
    for (const { id, pair, conflict } of chosen) {
      const decision = use === undefined ? { value: value ?? null } : { use };
      const details = { id, pair, field: conflict.field, ...decision };
      await tx.audit({ at, sync: settings.name, by, action: 'conflict.resolved', details });
    }
  });
  return chosen;
}

function unknown(id: string): never {
  throw new OppsyncError({
    recovery: 'refuse',
    ...faultOf('conflict.unknown', { id }),
  });
}

function wrong(what: FaultName, params: SentenceParams): OppsyncError {
  return new OppsyncError({ recovery: 'fix', ...faultOf(what, params) });
}
