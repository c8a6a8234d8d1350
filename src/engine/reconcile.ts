import { OppsyncError } from '../core/errors.ts';
import type { Group, GroupResult, LeftField } from '../core/group.ts';
import { type PairKey, refKey } from '../core/ids.ts';
import { reconcileGroup } from '../core/reconcile.ts';
import { type Note, noteOfError } from '../core/reconcile-notes.ts';
import type { QuarantineRow, ReconciledBatch, TaskPayload } from '../core/store-rows.ts';
import type { Verdict } from '../core/verdict.ts';
import { askHistory } from './ask-history.ts';
import { creationRules, withHurdles } from './creation-rules.ts';
import { circlingGroups } from './own-circles.ts';
import { pushTasks } from './push-tasks.ts';
import { reconcileContext } from './reconcile-context.ts';
import type { Save, TaskContext } from './task.ts';

/** Groups decided without letting other work of this process go on: some milliseconds. */
const DECIDED_AT_ONCE = 100;

type Reconcile = Extract<TaskPayload, { kind: 'reconcile' }>;

/** Decides a batch of groups and stores the decisions. In a later round of a running push it also queues the new writes. */
export async function reconcile(context: TaskContext, payload: Reconcile): Promise<Save> {
  const { deps, run, runtime } = context;
  const creation = await creationRules(context);
  const loaded = await deps.store.loadGroups(runtime.settings.name, payload.groups);
  const rules = { ...reconcileContext(runtime, run), ...(creation === undefined ? {} : { creation }) };
  const groups = await askHistory(context, await withHurdles(context, creation, loaded), rules);
  const results: Decided[] = [];
  for (const [at, group] of groups.entries()) {
    // Whoever sends events, and asks whether we live, is answered meanwhile.
    if (at > 0 && at % DECIDED_AT_ONCE === 0) await deps.sleep(0, context.signal);
    results.push({ group, result: decide(group, rules, run.startedAt) });
  }
  const circling = await circlingGroups(context, results);
  const decided = results.map(({ group, result }): Decided => {
    const known = circling.get(group);
    return known === undefined ? { group, result } : { group, result: decide(known, rules, run.startedAt) };
  });
  const batch = toBatch(context, payload.round, decided);
  return async (tx) => {
    const made = await tx.saveReconciled(batch);
    if (payload.round > 0) await tx.addTasks(run.run, pushTasks(runtime, made));
  };
}

interface Decided {
  readonly group: Group;
  readonly result: GroupResult;
}

/** A rule that fails never decides: its records are quarantined with the rule's own words. */
function decide(group: Group, rules: ReturnType<typeof reconcileContext>, now: number): GroupResult {
  try {
    return reconcileGroup(group, rules);
  } catch (error) {
    if (!(error instanceof OppsyncError) || error.recovery !== 'skip') throw error;
    const { code } = error.details;
    const note: Note = noteOfError(`rule_${code}`, error.details);
    return {
      records: group.members.map((member) => ({
        ref: { crm: member.crm, id: member.id },
        outcome: 'quarantined',
        notes: [note],
        verdict: undecided(now, code),
      })),
      writes: [],
      agreed: {},
      conflicts: [],
    };
  }
}

function undecided(_now: number, code: string): Verdict {
  return {
    status: 'unknown',
    outcome: null,
    phase: null,
    engagement: { state: 'unknown', last: null, days: null },
    completeness: { accepted: null, contract: null, finance: null },
    flags: ['rule_failed'],
    because: [{ evidence: 'rule', rule: code, decided: 'unknown' }],
  };
}

function toBatch(context: TaskContext, round: number, decided: readonly Decided[]): ReconciledBatch {
  const agreed: Record<string, GroupResult['agreed']> = {};
  const conflicts: Record<string, GroupResult['conflicts']> = {};
  const left: (LeftField & { pair: PairKey })[] = [];
  const quarantined: QuarantineRow[] = [];
  const outdated: { subject: string; field: string }[] = [];
  for (const { group, result } of decided) {
    for (const key of group.resolutions?.keys() ?? []) {
      if (result.used === undefined || result.used.has(key)) continue;
      const at = key.indexOf(' ');
      outdated.push({ subject: key.slice(0, at), field: key.slice(at + 1) });
    }
    if (group.pair !== null) {
      conflicts[group.pair.key] = result.conflicts;
      for (const field of result.left ?? []) left.push({ ...field, pair: group.pair.key });
      if (Object.keys(result.agreed).length > 0) agreed[group.pair.key] = result.agreed;
    }
    for (const record of result.records) {
      // A refusal that still stands has its row already; its count of attempts must not grow by looking at it.
      if (record.outcome !== 'quarantined' || group.refusals.has(refKey(record.ref))) continue;
      const note = record.notes[record.notes.length - 1];
      if (note !== undefined) quarantined.push({ ref: record.ref, note, intent: '' });
    }
  }
  return {
    sync: context.runtime.settings.name,
    run: context.run.run,
    round,
    at: context.deps.clock.now(),
    records: decided.flatMap(({ result }) => result.records),
    writes: decided.flatMap(({ result }) => result.writes),
    creations: decided.flatMap(({ result }) => result.creations ?? []),
    agreed,
    conflicts,
    left,
    quarantined,
    outdated,
  };
}
