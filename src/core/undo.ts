import { creationKey } from './creation.ts';
import type { Group, GroupMember } from './group.ts';
import type { Crm, RecordRef } from './ids.ts';
import { refKey } from './ids.ts';
import type { AgreedValues } from './merge.ts';
import type { Value } from './opportunity.ts';
import type { FieldChange, PlannedWrite } from './plan.ts';

/** One field of one record as a run sent it, with the value found right before. */
export interface SentChange {
  readonly ref: RecordRef;
  readonly field: string;
  readonly owned: boolean;
  readonly before: Value;
  readonly after: Value;
}

export interface UndoneRecord {
  readonly ref: RecordRef;
  readonly write: PlannedWrite | null;
  /** Fields that somebody edited since: left as they are. */
  readonly kept: readonly string[];
}

type Same = (field: string, owned: boolean, a: Value, b: Value) => boolean;

/**
 * What takes a run back in one group (design section 8): each field it wrote and nobody edited since gets the value it had
 * before. The restored value and the other side's present one become the new base, so that the next run finds both sides
 * unmoved; that they differ is remembered when the write is acknowledged, and left alone until one of them moves. Pure.
 */
export function undoGroup(group: Group, sent: readonly SentChange[], by: string, same: Same): UndoneRecord[] {
  const byRecord = Map.groupBy(merged(sent), (change) => refKey(change.ref));
  const live = group.members.filter((member) => !member.deleted);
  const restores = new Map<string, SentChange[]>();
  const kept = new Map<string, string[]>();
  for (const member of live) {
    const key = refKey(member);
    for (const change of byRecord.get(key) ?? []) {
      if (isKeyOfMade(group, change)) continue;
      const now = (change.owned ? member.owned : member.fields)[change.field];
      if (now !== undefined && same(change.field, change.owned, now, change.before)) continue;
      const untouched = now !== undefined && same(change.field, change.owned, now, change.after);
      if (untouched) restores.set(key, [...(restores.get(key) ?? []), { ...change, after: now }]);
      else kept.set(key, [...(kept.get(key) ?? []), change.field]);
    }
  }
  return live
    .filter((member) => byRecord.has(refKey(member)))
    .map((member) => {
      const list = restores.get(refKey(member)) ?? [];
      const other = live.find((candidate) => candidate.crm !== member.crm);
      return {
        ref: { crm: member.crm, id: member.id },
        write: list.length === 0 ? null : toWrite(group, member, other, list, restores, by),
        kept: kept.get(refKey(member)) ?? [],
      };
    });
}

/** A record that was made is not unmade, so its original keeps the key that ties the two. */
function isKeyOfMade(group: Group, { field, owned, after }: SentChange): boolean {
  if (!owned || field !== 'pairKey' || group.pair?.key !== after) return false;
  return group.members.some((member) => creationKey(member) === after);
}

/** A field written several times in a run goes back to what it held before the first. */
function merged(sent: readonly SentChange[]): SentChange[] {
  const all = new Map<string, SentChange>();
  for (const change of sent) {
    const key = JSON.stringify([refKey(change.ref), change.field, change.owned]);
    const first = all.get(key);
    all.set(key, first === undefined ? change : { ...change, before: first.before });
  }
  return [...all.values()];
}

function toWrite(
  group: Group,
  member: GroupMember,
  other: GroupMember | undefined,
  list: readonly SentChange[],
  restores: ReadonlyMap<string, readonly SentChange[]>,
  by: string,
): PlannedWrite {
  const agreed: Record<string, AgreedValues> = {};
  for (const { field, owned, before } of list) {
    const theirs = other === undefined ? undefined : valueAfter(other, field, restores);
    if (!owned && other !== undefined && theirs !== undefined)
      agreed[field] = { [member.crm]: before, [other.crm]: theirs };
  }
  return {
    crm: member.crm,
    id: member.id,
    pair: group.pair?.key ?? null,
    name: member.fields['name'] ?? member.id,
    changes: list.map((change) => undoing(change, by)),
    agreed,
  };
}

function undoing({ field, owned, before, after }: SentChange, by: string): FieldChange {
  return {
    field,
    owned,
    before: after,
    after: before,
    reason: 'undo',
    from: null as Crm | null,
    was: null,
    by,
  };
}

/** What the other side will hold: its restored value where it is undone as well. */
function valueAfter(
  member: GroupMember,
  field: string,
  restores: ReadonlyMap<string, readonly SentChange[]>,
): Value | undefined {
  const undone = restores.get(refKey(member))?.find((change) => change.field === field && !change.owned);
  return undone === undefined ? member.fields[field] : undone.before;
}
