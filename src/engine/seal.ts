import { createHash } from 'node:crypto';
import type { Crm, RecordRef } from '../core/ids.ts';
import { checkPlan, digestLines, predictCalls, pushBatch } from '../core/plan.ts';
import type { PlanView } from '../core/report.ts';
import type { Save, TaskContext } from './task.ts';

const PAGE = 2_000;
const PLAN_LIFE_MS = 24 * 3_600_000;

/**
 * Closes a plan: its digest, its totals, its predicted calls, and every reason not to apply it by itself. A `plan` run ends
 * here; a `sync` run goes on to push when nothing speaks against it, and is parked otherwise.
 */
export async function seal(context: TaskContext): Promise<Save> {
  const { deps, run, runtime } = context;
  const sync = runtime.settings.name;
  const digest = await digestOf(context);
  const { records, changes } = await deps.store.plannedCounts(run.run);
  const predictedCalls: Record<Crm, number> = {};
  for (const crm of runtime.settings.sides)
    predictedCalls[crm] = predictCalls(records[crm] ?? 0, context.connector(crm).capabilities);
  const total = Object.values(records).reduce((sum, count) => sum + count, 0);
  const plansBefore = await deps.store.plansBefore(sync);
  const found = checkPlan({ plansBefore, records: total });
  // Only a run that would write by itself can be stopped; a plan is there to be looked at.
  const problems = run.mode === 'plan' ? run.problems : [...run.problems, ...found];
  const now = deps.clock.now();
  const plan: PlanView = {
    digest,
    sync,
    run: run.run,
    state: 'open',
    createdAt: now,
    expiresAt: now + PLAN_LIFE_MS,
    records,
    changes,
    predictedCalls,
    byReason: [],
  };
  const applies = run.mode !== 'plan' && problems.length === 0;
  return async (tx) => {
    await tx.insertPlan(plan);
    await tx.supersedePlans(sync, run.run);
    await tx.updateRun(run.run, { planDigest: digest, problems, ...(applies ? { phase: 'push' } : {}) });
    if (!applies) return;
    for (const crm of runtime.settings.sides)
      await tx.addPushTasks(run.run, run.run, crm, pushBatch(context.connector(crm).capabilities));
  };
}

/** The same changes give the same digest, whoever planned them and whenever. 16 hexadecimal digits. */
async function digestOf(context: TaskContext): Promise<string> {
  const sha = createHash('sha256');
  let after: RecordRef | null = null;
  for (;;) {
    const page = await context.deps.store.plannedWrites(context.run.run, after, PAGE);
    for (const write of page) sha.update(`${digestLines(write)}\n`);
    const last = page[page.length - 1];
    if (last === undefined || page.length < PAGE) break;
    after = { crm: last.crm, id: last.id };
  }
  return sha.digest('hex').slice(0, 16);
}
