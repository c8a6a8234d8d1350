import { dayOf } from '../core/calendar.ts';
import type { Crm } from '../core/ids.ts';
import { writesNothing } from '../core/plan.ts';
import type { EvidenceReading, HistoryReading, RunReport } from '../core/report.ts';
import type { StoreTx } from '../core/store-port.ts';
import type { RunRow, RunState, RunTally } from '../core/store-rows.ts';
import { settleCalls } from './calls.ts';
import type { SyncRuntime } from './deps.ts';
import { nameActors } from './name-actors.ts';
import { rollupReport } from './rollup-report.ts';
import type { Save, TaskContext } from './task.ts';

/** Replaced edits a report tells one by one. */
const MOST_LOST = 50;

/**
 * Ends a run: counts everything from the rows themselves, checks that every record read ended in exactly one outcome, and
 * stores the report. A record without an outcome fails the run loudly.
 */
export async function finish(context: TaskContext): Promise<Save> {
  const { deps, run, runtime } = context;
  const actors = await nameActors(context);
  // The report tells all calls of the run, these included.
  await settleCalls(deps, runtime, run.run);
  return async (tx) => {
    if (actors.length > 0) await tx.noteActors(runtime.settings.name, actors);
    const now = deps.clock.now();
    const current = await reload(tx, run);
    const tally = await tallyOf(tx, run);
    const report = await reportOf(tx, runtime, current, tally, now);
    const lost = tally.unaccounted;
    const state: RunState =
      lost > 0 ? 'failed' : report.brakes.length > 0 && !writesNothing(run.mode) ? 'parked' : 'done';
    const applied = state === 'done' && !writesNothing(run.mode);
    if (applied && report.plan !== null)
      await tx.setPlanState(runtime.settings.name, await planRun(tx, run), 'applied');
    if (run.mode === 'events') {
      // The events of a parked run stay with it: its plan is about them, and they are not to be read again and again.
      if (lost === 0) {
        await tx.settleEvents(run.run, now);
        await tx.noteEventTrouble(run.sync, null);
      } else await tx.releaseEvents(run.run);
    } else if (applied) await measure(tx, runtime, run, now);
    await tx.updateRun(run.run, {
      state,
      finishedAt: now,
      report,
      ...(lost > 0 ? { error: `${lost} records read ended without an outcome` } : {}),
    });
    const about = { at: now, sync: run.sync, by: run.by };
    if (applied && report.plan !== null)
      await tx.audit({
        ...about,
        action: 'plan.applied',
        details: { run: run.run, digest: report.plan.digest, writes: report.writes },
      });
    if (run.mode !== 'events' || state !== 'done')
      await tx.audit({ ...about, action: 'run.ended', details: { run: run.run, mode: run.mode, state } });
  };
}

/** The figures of today, in the zone of the sync's first CRM, for the series behind trends. */
async function measure(tx: StoreTx, runtime: SyncRuntime, run: RunRow, now: number): Promise<void> {
  const [first] = runtime.settings.sides;
  const day = dayOf(now, run.facts[first]?.timeZone ?? 'UTC');
  await tx.saveMeasures(run.sync, run.run, first, day, now, run.full);
}

function tallyOf(tx: StoreTx, run: RunRow): Promise<RunTally> {
  return run.mode === 'events' ? tx.tallyNamed(run.sync, run.run) : tx.tally(run.sync, run.run);
}

/** What reading evidence took in this run; nothing in one that reads none. */
async function evidenceOf(
  tx: StoreTx,
  runtime: SyncRuntime,
  run: RunRow,
): Promise<NonNullable<RunReport['evidence']>> {
  const found: Record<Crm, EvidenceReading> = {};
  for (const crm of runtime.settings.sides) {
    const state = await tx.evidenceState(runtime.settings.name, crm);
    if (state?.run !== run.run) continue;
    const refused = state.refused.map(({ field, message, remedy }) => ({
      what: field ?? null,
      message,
      remedy,
    }));
    found[crm] = { calls: state.calls, refused };
  }
  return found;
}

/** What was read of the time before the first run; nothing in a run that did not read it. */
async function historyOf(
  tx: StoreTx,
  { settings }: SyncRuntime,
  run: RunRow,
): Promise<Pick<RunReport, 'history'>> {
  if (settings.history !== 'backfill') return {};
  const found: Record<Crm, HistoryReading> = {};
  for (const crm of settings.sides) {
    const state = await tx.backfillState(settings.name, crm);
    if (state?.run !== run.run) continue;
    const { records, moves, refused } = state;
    found[crm] = { records, moves, refused };
  }
  return Object.keys(found).length === 0 ? {} : { history: found };
}

async function reload(tx: StoreTx, run: RunRow): Promise<RunRow> {
  return (await tx.loadRun(run.run)) ?? run;
}

/** The run whose plan was carried out: this one, or the one that made the plan being applied. */
export async function planRun(tx: StoreTx, run: RunRow): Promise<string> {
  if (run.mode !== 'apply' || run.planDigest === null) return run.run;
  return (await tx.findPlan(run.sync, run.planDigest))?.run ?? run.run;
}

async function reportOf(
  tx: StoreTx,
  runtime: SyncRuntime,
  run: RunRow,
  tally: RunTally,
  now: number,
): Promise<RunReport> {
  const { name, sides } = runtime.settings;
  const pushed = await tx.pushTally(run.run);
  const perSide = <T>(value: (crm: Crm) => T): Record<Crm, T> =>
    Object.fromEntries(sides.map((crm) => [crm, value(crm)]));
  const plan = run.planDigest === null ? null : await tx.findPlan(name, run.planDigest);
  const creates = plan === null ? {} : await tx.creationCounts(plan.run);
  const lostEdits = await tx.lostEdits(name, run.run, MOST_LOST);
  const rollups = await rollupReport(tx, runtime, run, plan?.run ?? run.run);
  const open = Object.values(rollups).reduce((sum, { waiting }) => sum + waiting, 0);
  const waiting = (await tx.unsettled(plan?.run ?? run.run)) + open;
  return {
    run: run.run,
    sync: name,
    mode: run.mode,
    read: perSide((crm) => tally.read[crm] ?? 0),
    pairs: {
      linked: tally.pairs.linked,
      adopted: tally.pairs.adopted,
      certain: tally.proposed.certain,
      ask: tally.proposed.ask,
      ambiguous: tally.ambiguous + tally.proposed.ambiguous,
      orphans: perSide((crm) => tally.orphans[crm] ?? 0),
    },
    verdicts: tally.verdicts,
    outcomes: tally.outcomes,
    writes: perSide((crm) => ({
      update: pushed[crm]?.update ?? 0,
      create: pushed[crm]?.create ?? 0,
      failed: pushed[crm]?.failed ?? 0,
    })),
    calls: perSide((crm) => run.calls[crm] ?? 0),
    brakes: [...run.problems],
    plan:
      plan === null
        ? null
        : {
            ...{ digest: plan.digest, changes: plan.changes, creates: perSide((crm) => creates[crm] ?? 0) },
            ...(Object.keys(rollups).length === 0 ? {} : { rollups: await tx.rollupCounts(plan.run) }),
          },
    duration_ms: now - run.startedAt,
    converged: waiting === 0,
    problems: sides.flatMap((crm) =>
      (run.facts[crm]?.problems ?? []).map(({ field, message, remedy, says, params }) => ({
        crm,
        field: field ?? null,
        message,
        remedy,
        ...(says === undefined ? {} : { says }),
        ...(params === undefined ? {} : { params }),
      })),
    ),
    evidence: await evidenceOf(tx, runtime, run),
    ...(await historyOf(tx, runtime, run)),
    ...(Object.keys(rollups).length === 0 ? {} : { rollups }),
    attention: tally.attention,
    ...(lostEdits.count === 0 ? {} : { lostEdits }),
  };
}
