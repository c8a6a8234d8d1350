import { createHash, type Hash } from 'node:crypto';
import {
  type BrakeSettings,
  checkPlan,
  DEFAULT_BRAKES,
  type PlanFacts,
  type PlanProblem,
} from '../core/brakes.ts';
import type { Crm, EpochMs, RecordRef } from '../core/ids.ts';
import {
  digestLines,
  digestOfCreation,
  predictCalls,
  predictCreating,
  pushTask,
  writesNothing,
} from '../core/plan.ts';
import type { PlanView } from '../core/report.ts';
import { digestOfRollup, predictRollups } from '../core/rollup-plan.ts';
import type { RollupRow } from '../core/rollup-port.ts';
import { predictChecks } from './check-writes.ts';
import { LOSS_ACCEPTED_MS } from './pull.ts';
import type { Save, TaskContext } from './task.ts';

const PAGE = 2_000;
const PLAN_LIFE_MS = 24 * 3_600_000;
const EVENTS_COUNT_MS = 3_600_000;

/**
 * Closes a plan: its digest, its totals, its predicted calls, and every reason not to apply it by itself. A `plan` run ends
 * here; a `sync` run goes on to push when nothing speaks against it, and is parked otherwise.
 */
export async function seal(context: TaskContext): Promise<Save> {
  const { deps, run, runtime } = context;
  const sync = runtime.settings.name;
  const digest = await digestOf(context);
  const { records, ofTeams, changes } = await deps.store.plannedCounts(run.run);
  const creates = await deps.store.creationCounts(run.run);
  const rollups = await rollupCounts(context);
  const predictedCalls: Record<Crm, number> = {};
  for (const crm of runtime.settings.sides) {
    const { capabilities, creator, rollups: accounts } = context.connector(crm);
    // Each new record costs a look at its original as well, and the writing of the key into it.
    const originals = Object.entries(creates).reduce((sum, [into, n]) => sum + (into === crm ? 0 : n), 0);
    predictedCalls[crm] =
      predictCalls(records[crm] ?? 0, ofTeams[crm] ?? 0, capabilities) +
      predictCalls(originals, 0, capabilities) +
      Math.ceil(originals / capabilities.readBatch) +
      (creator === undefined ? 0 : predictCreating(creates[crm] ?? 0, creator, capabilities)) +
      predictChecks(context, crm, ofTeams[crm] ?? 0) +
      (accounts === undefined ? 0 : predictRollups(rollups[crm] ?? 0, accounts));
  }
  const total = [records, creates, rollups]
    .flatMap((counts) => Object.values(counts))
    .reduce((sum, n) => sum + n, 0);
  // Only a run that would write by itself can be stopped; a plan is there to be looked at.
  const found = writesNothing(run.mode) ? [] : await brakes(context, total);
  const shown = new Set(run.problems.map(({ message }) => message));
  const problems = [...run.problems, ...found.filter(({ message }) => !shown.has(message))];
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
  const applies = !writesNothing(run.mode) && problems.length === 0;
  const isEvents = run.mode === 'events';
  // Most events turn out to have changed nothing that matters here: there is no plan to keep.
  if (isEvents && total === 0 && problems.length === 0) return async () => {};
  return async (tx) => {
    await tx.insertPlan(plan);
    // A plan somebody is looking at stays open: what was written meanwhile is found out when it is carried out.
    if (!isEvents) await tx.supersedePlans(sync, run.run);
    await tx.updateRun(run.run, { planDigest: digest, problems, ...(applies ? { phase: 'push' } : {}) });
    if (!isEvents || !applies)
      await tx.audit({
        at: now,
        sync,
        by: run.by,
        action: run.mode === 'undo' ? 'undo.planned' : 'plan.sealed',
        details: {
          ...{ run: run.run, digest, records: total, changes },
          ...(Object.keys(creates).length === 0 ? {} : { creates }),
          ...(Object.keys(rollups).length === 0 ? {} : { rollups }),
          ...(run.mode === 'undo' ? { undoes: run.undoes } : {}),
          brakes: problems.map(({ brake }) => brake),
        },
      });
    if (!applies) return;
    for (const crm of runtime.settings.sides)
      await tx.addPushTasks(run.run, run.run, crm, pushTask(context.connector(crm).capabilities));
  };
}

/** Accounts to be written, per CRM; asked only where there can be any. */
async function rollupCounts({ deps, run, runtime }: TaskContext): Promise<Readonly<Record<Crm, number>>> {
  const isKept = runtime.settings.rollups !== undefined && run.mode !== 'events';
  return isKept || run.mode === 'undo' ? deps.store.rollupCounts(run.run) : {};
}

/** What speaks against applying the plan by itself. */
async function brakes(context: TaskContext, records: number): Promise<PlanProblem[]> {
  const { deps, run, runtime } = context;
  const { name, sides, fields, brakes: limits = DEFAULT_BRAKES } = runtime.settings;
  const named = Object.entries(fields);
  const facts = await deps.store.brakeFacts(name, run.run, {
    stageFields: named.filter(([, { kind }]) => kind === 'stage').map(([field]) => field),
    closedStages: Object.fromEntries(
      sides.map((crm) => [
        crm,
        context.facts(crm).stages.flatMap(({ key, closed }) => (closed === true ? [key] : [])),
      ]),
    ),
    guarded: named.filter(([, { blank }]) => blank !== 'propagate').map(([field]) => field),
    amountsAbove: limits.amounts === false ? Number.MAX_SAFE_INTEGER : limits.amounts.above,
    ...(run.mode === 'events' ? { eventsSince: eventsSince(limits, run.startedAt) } : {}),
  });
  const vanished = await unaccepted(context, facts.vanished);
  return checkPlan({ ...facts, vanished, plansBefore: await deps.store.plansBefore(name), records }, limits);
}

/** Many small runs must not do together what one may not: those of the last hour count as one. */
function eventsSince(limits: BrakeSettings, startedAt: EpochMs): EpochMs {
  const counts = limits.changed !== false || limits.flips !== false || limits.amounts !== false;
  return counts ? startedAt - EVENTS_COUNT_MS : startedAt;
}

/** Records that vanished, without those of which a person said so by approving a plan. That word is good for once. */
async function unaccepted(
  context: TaskContext,
  vanished: PlanFacts['vanished'],
): Promise<PlanFacts['vanished']> {
  const { store, clock } = context.deps;
  const sync = context.runtime.settings.name;
  const left: Record<Crm, PlanFacts['vanished'][Crm]> = {};
  for (const [crm, counts] of Object.entries(vanished)) {
    if (counts.gone === 0) continue;
    const accepted = await store.acceptedLoss(sync, crm, clock.now() - LOSS_ACCEPTED_MS);
    if (counts.gone > accepted) left[crm] = counts;
    else await store.forgetLoss(sync, crm);
  }
  return left;
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
  let key: { crm: Crm; key: string } | null = null;
  for (;;) {
    const page = await context.deps.store.creationsOf(context.run.run, key, PAGE);
    for (const creation of page) sha.update(`${digestOfCreation(creation)}\n`);
    const last = page[page.length - 1];
    if (last === undefined || page.length < PAGE) break;
    key = { crm: last.crm, key: last.key };
  }
  if (Object.keys(await rollupCounts(context)).length > 0) await addRollupLines(context, sha);
  return sha.digest('hex').slice(0, 16);
}

async function addRollupLines({ deps, run }: TaskContext, sha: Hash): Promise<void> {
  let after: { crm: Crm; account: string } | null = null;
  for (;;) {
    const page: readonly RollupRow[] = await deps.store.plannedRollups(run.run, after, PAGE);
    for (const planned of page) sha.update(`${digestOfRollup(planned)}\n`);
    const last = page[page.length - 1];
    if (last === undefined || page.length < PAGE) return;
    after = { crm: last.crm, account: last.account };
  }
}
