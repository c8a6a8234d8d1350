import { OppsyncError } from '../core/errors.ts';
import { type FaultName, faultOf } from '../core/fault-sentences.ts';
import type { RunId } from '../core/ids.ts';
import { pushTask } from '../core/plan.ts';
import type { StoreTx } from '../core/store-port.ts';
import type { RunRow } from '../core/store-rows.ts';
import type { SentenceParams } from '../core/told.ts';
import type { EngineDeps, SyncRuntime } from './deps.ts';
import { advance } from './handle-task.ts';
import { started } from './run-started.ts';

/** As many characters of a digest have to be given. */
export const SHORTEST_DIGEST = 8;

/** A run that carries out a plan made before. */
export async function beginApply(deps: EngineDeps, runtime: SyncRuntime, run: RunRow): Promise<void> {
  const { store, clock } = deps;
  await store.tx(async (tx) => {
    const digest = run.planDigest ?? '';
    if (digest.length < SHORTEST_DIGEST)
      throw noPlan('plan.digest_too_short', { digest, least: String(SHORTEST_DIGEST) });
    const plan = await tx.findPlan(run.sync, digest);
    if (plan === null) throw noPlan('plan.none', { digest, sync: run.sync });
    if (plan.state !== 'open') throw noPlan(`plan.${plan.state}`, { digest: plan.digest });
    if (plan.expiresAt < clock.now()) throw noPlan('plan.expired', { digest: plan.digest });
    const full: RunRow = { ...run, planDigest: plan.digest };
    await tx.insertRun(full);
    for (const crm of runtime.settings.sides) {
      const connector = runtime.connectors[crm];
      if (connector !== undefined)
        await tx.addPushTasks(run.run, plan.run, crm, pushTask(connector.capabilities));
    }
    if ((await tx.openTasks(run.run)) === 0) await advance(tx, runtime, full);
    await release(tx, full, plan.run);
  });
}

/** A person approves a plan: written down with every brake that had stopped it. */
async function release(tx: StoreTx, run: RunRow, planned: RunId): Promise<void> {
  const problems = (await tx.loadRun(planned))?.problems ?? [];
  for (const { brake, params } of problems) {
    if (brake !== 'source_shrank') continue;
    const missing = Number(params?.['known']) - Number(params?.['seen']);
    if (missing > 0) await tx.acceptLoss(run.sync, String(params?.['crm']), missing, run.by, run.startedAt);
  }
  const brakes = problems.map(({ brake, message }) => ({ brake, message }));
  const about = { at: run.startedAt, sync: run.sync, by: run.by };
  await tx.audit({
    ...about,
    action: 'plan.released',
    details: { digest: run.planDigest, planned, run: run.run, brakes },
  });
  await tx.audit(started(run));
}

function noPlan(why: FaultName, params: SentenceParams): OppsyncError {
  return new OppsyncError({ recovery: 'refuse', ...faultOf(why, params), code: 'plan.not_open' });
}
