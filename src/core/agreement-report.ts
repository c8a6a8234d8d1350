import type { Group, ReconcileContext } from './group.ts';
import type { Crm, EpochMs, PairKey, RecordId, SyncName } from './ids.ts';
import { compareField } from './merge-sides.ts';
import type { Value } from './opportunity.ts';
import { reconcileGroup } from './reconcile.ts';

/** One field on which the two sides of a pair differ, and why it has not been brought into agreement. */
export interface Difference {
  readonly pair: PairKey;
  readonly name: string;
  readonly field: string;
  readonly sides: Readonly<Record<Crm, { readonly id: RecordId; readonly value: Value }>>;
  /** `planned` (the next run writes it), `conflict`, `blank`, or the stable cause of what holds it up. */
  readonly why: string;
  readonly message: string;
  readonly remedy: string;
  /** Name of the sentence where the cause does not name it. */
  readonly says?: string;
  /** What the sentences of this cause are filled with in other languages. */
  readonly params?: Readonly<Record<string, string>>;
}

/** How far two CRMs agree, by what they hold themselves. */
export interface AgreementReport {
  readonly sync: SyncName;
  readonly at: EpochMs;
  readonly read: Readonly<Record<Crm, number>>;
  /** Pairs with both records there. */
  readonly pairs: number;
  /** Pairs that agree on every field that could be read on both sides. */
  readonly agree: number;
  readonly fields: Readonly<
    Record<string, { readonly agree: number; readonly differ: number; readonly unread: number }>
  >;
  /** Differing fields by why. */
  readonly waiting: Readonly<Record<string, number>>;
  readonly differing: readonly Difference[];
}

/** Per synced field how the two records of a pair compare; `differing` explains those that differ. Pure. */
export function comparePair(
  group: Group,
  context: ReconcileContext,
): {
  readonly fields: Readonly<Record<string, 'agree' | 'differ' | 'unread'>>;
  readonly differing: readonly Difference[];
} {
  const [a, b] = group.members;
  if (group.pair === null || a === undefined || b === undefined) return { fields: {}, differing: [] };
  const result = reconcileGroup(group, context);
  const notes = result.records.flatMap((record) => record.notes);
  const written = new Set(result.writes.flatMap(({ changes }) => changes.map(({ field }) => field)));
  const fields: Record<string, 'agree' | 'differ' | 'unread'> = {};
  const differing: Difference[] = [];
  for (const field of Object.keys(context.settings.fields)) {
    const compared = compareField(field, a, b, context);
    fields[field] = compared;
    if (compared !== 'differ') continue;
    const value = (member: typeof a) => ({ id: member.id, value: member.fields[field] ?? null });
    const note = notes.find((one) => one.field === field) ?? notes.find((one) => one.field === undefined);
    const isConflict = result.conflicts.some((conflict) => conflict.field === field);
    const reason = isConflict
      ? CONFLICT
      : note !== undefined && !written.has(field)
        ? {
            ...{ why: note.cause, message: note.message, remedy: note.remedy },
            ...(note.says === undefined ? {} : { says: note.says }),
            ...(note.params === undefined ? {} : { params: note.params }),
          }
        : written.has(field)
          ? PLANNED
          : BLANK;
    const sides = { [a.crm]: value(a), [b.crm]: value(b) };
    differing.push({ pair: group.pair.key, name: a.fields['name'] ?? a.id, field, sides, ...reason });
  }
  return { fields, differing };
}

const CONFLICT = {
  why: 'conflict',
  message: 'both sides changed it and no policy decides',
  remedy: 'choose a value with `oppsync conflicts resolve`, or set a policy for the field',
};
const PLANNED = {
  why: 'planned',
  message: 'one side moved; the next run brings the other along',
  remedy: 'run `oppsync sync`',
};
const BLANK = {
  why: 'blank',
  message: 'one side was emptied, and the policy of the field ignores blanks',
  remedy: 'fill it in again, or set blank: propagate for the field',
};
