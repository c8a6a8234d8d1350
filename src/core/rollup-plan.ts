/** Which fields of an account are to be written, and what takes a run back there. Pure. */
import { sameValue } from './compare.ts';
import type { AccountRollups } from './connector-port.ts';
import type { Crm, RecordId } from './ids.ts';
import type { Fields, Value } from './opportunity.ts';
import type { FieldChange } from './plan.ts';
import { ROLLUP_FIELDS, type RollupField } from './rollup.ts';

/** What a person had taken back: left alone as long as the field holds `held` and the roll-up would be `wanted`. */
export interface UndoneRollup {
  readonly held: Value;
  readonly wanted: Value;
}

/** All changes of one account: written together, or not at all. */
export interface PlannedRollup {
  readonly crm: Crm;
  readonly account: RecordId;
  readonly name: string;
  readonly changes: readonly FieldChange[];
}

/** One field of an account as a run sent it, with the value found right before. */
export interface SentRollup {
  readonly field: string;
  readonly before: Value;
  readonly after: Value;
}

/** Roll-ups are numbers: `10` and `10.00` are the same. */
export function sameRollup(a: Value, b: Value): boolean {
  return sameValue('decimal', a, b);
}

/** Whether a value found in an account is the one meant. */
export function holds(values: Fields, field: string, wanted: Value | undefined): boolean {
  const held = values[field];
  return held !== undefined && wanted !== undefined && sameRollup(held, wanted);
}

/** What differs between an account and its roll-up. A field that was not read, or cannot be written, is left alone. */
export function rollupChanges(
  held: Fields,
  wanted: Readonly<Record<RollupField, Value>>,
  writable: ReadonlySet<string>,
  undone: Readonly<Record<string, UndoneRollup>>,
): FieldChange[] {
  return ROLLUP_FIELDS.flatMap((field): FieldChange[] => {
    const before = held[field];
    const after = wanted[field];
    if (before === undefined || !writable.has(field) || sameRollup(before, after)) return [];
    const left = undone[field];
    if (left !== undefined && sameRollup(left.held, before) && sameRollup(left.wanted, after)) return [];
    return [{ field, owned: true, before, after, reason: 'rolled_up', from: null, was: null }];
  });
}

/** What takes back what a run wrote into an account: every field that holds what was written gets its value from before. */
export function undoRollup(
  sent: readonly SentRollup[],
  now: Fields,
  by: string,
): { readonly changes: readonly FieldChange[]; readonly kept: readonly string[] } {
  const changes: FieldChange[] = [];
  const kept: string[] = [];
  for (const { field, before, after } of sent) {
    const held = now[field];
    if (held !== undefined && sameRollup(held, before)) continue;
    if (held === undefined || !sameRollup(held, after)) kept.push(field);
    else
      changes.push({
        ...{ field, owned: true, before: held, after: before, by },
        ...({ reason: 'undo', from: null, was: null } as const),
      });
  }
  return { changes, kept };
}

/** Accounts of one task: whole read calls, and enough to be worth its cost. */
export function rollupTask({
  readBatch,
  writeBatch,
}: Pick<AccountRollups, 'readBatch' | 'writeBatch'>): number {
  return readBatch * Math.max(1, Math.floor((5 * writeBatch) / readBatch));
}

/** Calls it will take to write this many accounts: each is read again before. */
export function predictRollups(
  accounts: number,
  { readBatch, writeBatch }: Pick<AccountRollups, 'readBatch' | 'writeBatch'>,
): number {
  return Math.ceil(accounts / readBatch) + Math.ceil(accounts / writeBatch);
}

/** One line of text per change, the same for equal plans: its part of the digest. */
export function digestOfRollup({ crm, account, changes }: PlannedRollup): string {
  return changes
    .map(({ field, before, after }) => JSON.stringify(['account', crm, account, field, before, after]))
    .sort()
    .join('\n');
}
