import { withFindings } from './findings.ts';
import type { Group, GroupMember, GroupResult, ReconcileContext } from './group.ts';
import { DELETED, excludedPipeline, type Note } from './reconcile-notes.ts';
import { reconcilePair } from './reconcile-pair.ts';
import { reconcileSingle } from './reconcile-single.ts';

/** Decides everything about one group: verdicts, writes, conflicts, and one outcome per record. Pure. */
export function reconcileGroup(given: Group, context: ReconcileContext): GroupResult {
  const group = { ...given, members: given.members.map((member) => completed(member, context.now)) };
  const live = group.members.filter((member) => !member.deleted);
  const excludedBy = group.members.map((member) => exclusion(member, context)).find((note) => note !== null);
  if (excludedBy !== undefined || live.length === 0) return leaveOut(group, excludedBy, context);
  const [first, second] = live;
  if (group.pair !== null && first !== undefined && second !== undefined)
    return reconcilePair(group, group.pair, first, second, context);
  return reconcileSingle(group, context);
}

/** The record with what was found beside it. */
function completed(member: GroupMember, now: number): GroupMember {
  const { findings, crm, evidence } = member;
  if (findings === undefined || findings.length === 0) return member;
  return { ...member, evidence: withFindings(evidence, crm, findings, now) };
}

function leaveOut(group: Group, note: Note | undefined, context: ReconcileContext): GroupResult {
  const records = group.members.map((member) => ({
    ref: { crm: member.crm, id: member.id },
    outcome: 'excluded' as const,
    notes: [member.deleted ? DELETED : (note ?? DELETED)],
    verdict: context.classify(member),
  }));
  return { records, writes: [], agreed: {}, conflicts: [] };
}

function exclusion(member: GroupMember, context: ReconcileContext): Note | null {
  const left = context.settings.excludePipelines[member.crm] ?? [];
  if (left.length === 0) return null;
  const key = member.fields['stage'] ?? '';
  const pipeline = context.stages.get(member.crm)?.get(key)?.pipeline;
  if (pipeline === undefined || pipeline === null || !left.includes(pipeline)) return null;
  return excludedPipeline(member.crm, pipeline);
}
