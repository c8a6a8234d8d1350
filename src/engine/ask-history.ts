import { isLoop, type PastWrite } from '../core/automation-loop.ts';
import { sameValue } from '../core/compare.ts';
import { changesIn, type FieldEntry, type Histories, isHuman } from '../core/field-history.ts';
import type { Group, GroupMember, ReconcileContext } from '../core/group.ts';
import { type Crm, type RecordId, refKey } from '../core/ids.ts';
import { mergeFields } from '../core/merge-sides.ts';
import type { Value } from '../core/opportunity.ts';
import { toldKey } from '../core/told-by-history.ts';
import { readHistories } from './read-histories.ts';
import type { TaskContext } from './task.ts';

/** A field of which the values alone do not tell enough. */
interface Doubt {
  /** `edited_back`: may have been edited and edited back. `loop`: what stands there may come again and again. */
  readonly is: 'edited_back' | 'loop';
  readonly group: Group;
  readonly crm: Crm;
  readonly id: RecordId;
  readonly field: string;
  /** By the CRM's clock: edits up to here are known already. Of no meaning for a loop. */
  readonly since: number;
}

/**
 * Adds to groups what only the history of fields tells. It is asked for few: where one side's value is about to be carried over
 * and the other side's record was touched since both last agreed, somebody may have edited that field and edited it back; and
 * where what a CRM put in the place of our value has been there before. Where no history is kept, nothing is added.
 */
export async function askHistory(
  context: TaskContext,
  groups: readonly Group[],
  rules: ReconcileContext,
): Promise<readonly Group[]> {
  const carried = groups.flatMap((group) => carriedIn(group, rules));
  if (carried.length === 0) return groups;
  const doubts = [
    ...carried.flatMap(({ group, field, to }) => editedBackDoubt(context, group, field, to)),
    ...(await loopDoubts(context, carried, rules)),
  ];
  if (doubts.length === 0) return groups;
  const told = new Map<Group, { editedBack: Set<string>; loops: Set<string> }>();
  for (const [crm, list] of Map.groupBy(doubts, (doubt) => doubt.crm)) {
    const histories = await readHistories(context, crm, list, null);
    for (const doubt of list) {
      const own = told.get(doubt.group) ?? { editedBack: new Set<string>(), loops: new Set<string>() };
      const newest = newestChange(doubt, histories, rules);
      const human = newest !== undefined && isHuman(newest.actor);
      const key = toldKey(crm, doubt.field);
      // A person who insists is no loop; whoever it may be otherwise, a person has to look.
      if (doubt.is === 'loop' && !human) own.loops.add(key);
      if (doubt.is === 'edited_back' && human && newest.at > doubt.since) own.editedBack.add(key);
      told.set(doubt.group, own);
    }
  }
  return groups.map((group) => {
    const found = told.get(group);
    return found === undefined ? group : { ...group, told: found };
  });
}

interface Carried {
  readonly group: Group;
  readonly field: string;
  readonly from: GroupMember;
  readonly to: GroupMember;
}

/** Fields of a pair of which one side is about to be copied to the other, which seems not to have moved. */
function carriedIn(group: Group, rules: ReconcileContext): Carried[] {
  const [a, b, ...others] = group.members.filter((member) => !member.deleted);
  const { pair } = group;
  if (pair === null || a === undefined || b === undefined || others.length > 0) return [];
  if (Object.keys(pair.base).length === 0) return [];
  return [...mergeFields(pair.base, a, b, rules)].flatMap(([field, decision]): Carried[] => {
    if (decision.is !== 'copy' || decision.reason !== 'copied') return [];
    const [from, to] = decision.from === a.crm ? [a, b] : [b, a];
    return [{ group, field, from, to }];
  });
}

function editedBackDoubt(context: TaskContext, group: Group, field: string, to: GroupMember): Doubt[] {
  const { crm, id, settledAt, seenAt, changedAt } = to;
  if (context.connector(crm).history === undefined || settledAt === null || settledAt === undefined)
    return [];
  if ((seenAt ?? changedAt) <= settledAt) return [];
  return [{ is: 'edited_back', group, crm, id, field, since: settledAt }];
}

async function loopDoubts(
  context: TaskContext,
  carried: readonly Carried[],
  rules: ReconcileContext,
): Promise<Doubt[]> {
  const refs = [
    ...new Map(carried.map(({ from }) => [refKey(from), { crm: from.crm, id: from.id }])).values(),
  ];
  const past = await context.deps.store.pastWrites(context.runtime.settings.name, refs);
  return carried.flatMap(({ group, field, from }): Doubt[] => {
    const writes: readonly PastWrite[] = past.get(refKey(from))?.[field] ?? [];
    const base = group.pair?.base[field]?.[from.crm] ?? null;
    const now = from.fields[field] ?? null;
    if (!isLoop(writes, base, now, sameIn(rules, field))) return [];
    return [{ is: 'loop', group, crm: from.crm, id: from.id, field, since: 0 }];
  });
}

/** Who last changed the field; undefined when it is not known, or the history is of a later moment than what was read. */
function newestChange(doubt: Doubt, histories: Histories, rules: ReconcileContext): FieldEntry | undefined {
  const same = sameIn(rules, doubt.field);
  const member = doubt.group.members.find((one) => one.crm === doubt.crm && one.id === doubt.id);
  const [newest] = changesIn(histories.get(doubt.id)?.[doubt.field] ?? [], same);
  return newest !== undefined && same(newest.value, member?.fields[doubt.field] ?? null) ? newest : undefined;
}

function sameIn(rules: ReconcileContext, field: string): (a: Value, b: Value) => boolean {
  const kind = rules.settings.fields[field]?.kind ?? 'text';
  return (a, b) => sameValue(kind, a, b);
}
