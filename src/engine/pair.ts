import type { RecordRef, RunId } from '../core/ids.ts';
import { MATCH_VERSION, matchRecords, THRESHOLDS } from '../core/match.ts';
import { corpusBuilder } from '../core/match-corpus.ts';
import type { NewPair } from '../core/pairing.ts';
import { pairByLinks, pairKeyOf } from '../core/pairing.ts';
import { DecisionBook, inOrder } from '../core/pairing-decisions.ts';
import { survivors } from '../core/pairing-redirects.ts';
import type { StoreTx } from '../core/store-port.ts';
import { recoverCreations } from './recover-creations.ts';
import type { Save, TaskContext } from './task.ts';

const BATCH = 2_000;
const MATCH_BATCH = 5_000;
/** Decisions made by the setting `pairing.accept` and not by a person carry this name. */
export const BY_SETTING = 'pairing.accept';

/**
 * Pairs records: merged ones follow their survivors, then our own keys and links of other connectors count, then what is
 * left is compared and proposed. A proposal makes no pair unless the setting `pairing.accept` says so. Running it again
 * pairs nothing twice.
 */
export async function pair(context: TaskContext): Promise<Save> {
  const { store } = context.deps;
  const sync = context.runtime.settings.name;
  await recoverCreations(context);
  await followMerges(context);
  // Comparing everything with everything is for the runs that read everything.
  if (context.run.mode === 'events') return pairNamed(context);
  const book = new DecisionBook(await store.standingDecisions(sync, ['rejected', 'apart', 'uncoupled']));
  await pairLinked(context, book);
  return proposePairs(context, book);
}

/** Pairs and decisions of records that were merged into others go on with those. */
async function followMerges(context: TaskContext): Promise<void> {
  const { deps, run, runtime } = context;
  const { name, sides } = runtime.settings;
  for (const crm of sides) {
    if (run.mode === 'events' && !(await deps.store.namedAbsorbs(name, run.run, crm))) continue;
    const ends = survivors(await deps.store.absorbing(name, crm));
    if (ends.size > 0)
      await deps.store.tx((tx) => tx.redirectRecords(name, run.run, crm, ends, deps.clock.now()));
  }
}

/** The records that events name, by our own keys and by links only. */
async function pairNamed(context: TaskContext): Promise<Save> {
  const { deps, run, runtime } = context;
  const { rows } = await deps.store.linkBatch(runtime.settings.name, '', 1, run.run);
  if (rows.length > 0) {
    const kinds = ['rejected', 'apart', 'uncoupled'] as const;
    const book = new DecisionBook(await deps.store.standingDecisions(runtime.settings.name, kinds));
    await pairLinked(context, book, run.run);
  }
  return async () => {};
}

async function pairLinked(context: TaskContext, book: DecisionBook, named?: RunId): Promise<void> {
  const { deps, run, runtime } = context;
  const sync = runtime.settings.name;
  let after: string | null = '';
  while (after !== null) {
    const batch = await deps.store.linkBatch(sync, after, BATCH, named);
    const { pairs, ambiguous } = pairByLinks(batch.rows, runtime.settings.sides, (x, y, how) =>
      book.bars(x, y, how),
    );
    await deps.store.tx(async (tx) => {
      await tx.savePairs(sync, run.run, pairs, 'oppsync', deps.clock.now());
      if (ambiguous.length > 0) await tx.noteAmbiguous(sync, run.run, ambiguous);
    });
    after = batch.next;
  }
}

/** Compares what is still without a counterpart. Only what comparing needs is loaded, and other work goes on meanwhile. */
async function proposePairs(context: TaskContext, book: DecisionBook): Promise<Save> {
  const { deps, run, runtime, signal } = context;
  const { name: sync, sides, pairing } = runtime.settings;
  const thresholds = pairing ?? THRESHOLDS;
  const settings = JSON.stringify([MATCH_VERSION, sides, pairing, runtime.settings.excludePipelines]);
  const { basis, stands } = await deps.store.matchingBasis(sync, settings);
  if (stands) return async (tx) => endIfPairing(tx, context);
  const builder = corpusBuilder(sides);
  const contested = new Set<string>();
  for (const side of [0, 1] as const) {
    const crm = sides[side];
    const isLeftOut = exclusionOf(context, crm);
    for (let after = ''; ; ) {
      const page = await deps.store.matchRows(sync, crm, after, MATCH_BATCH);
      for (const row of page) {
        if (isLeftOut(row.stage)) continue;
        if (row.contested) contested.add(`${side}${row.id}`);
        builder.add(side, row);
      }
      const last = page[page.length - 1];
      if (last === undefined || page.length < MATCH_BATCH) break;
      after = last.id;
    }
  }
  const refs = (ids: readonly [string, string]): readonly [RecordRef, RecordRef] => [
    { crm: sides[0], id: ids[0] },
    { crm: sides[1], id: ids[1] },
  ];
  const steps = matchRecords(builder.finish(), {
    thresholds,
    decided: (first, second) =>
      book.forScore(...refs([first, second])) ??
      (contested.has(`0${first}`) || contested.has(`1${second}`) ? 'ask' : null),
  });
  let step = steps.next();
  while (step.done !== true) {
    await deps.sleep(0, signal);
    step = steps.next();
  }
  const { matches, duplicates } = step.value;
  const certain = pairing?.accept === 'certain' ? matches.filter(({ band }) => band === 'certain') : [];
  return async (tx) => {
    const now = deps.clock.now();
    const made = certain.map(({ ids }): NewPair => {
      const members = refs(ids);
      return { key: pairKeyOf(...members), members, how: 'accepted' };
    });
    await tx.savePairs(sync, run.run, made, BY_SETTING, now);
    await tx.addDecisions(
      sync,
      `d_${run.run.slice(2)}`,
      BY_SETTING,
      now,
      made.map(({ members }) => ({ refs: inOrder(...members), decision: 'accepted', dissolved: null })),
    );
    const left = certain.length === 0 ? matches : matches.filter(({ band }) => band !== 'certain');
    await tx.saveMatching(sync, run.run, sides, left, duplicates, basis);
    await endIfPairing(tx, context);
  };
}

/** A run that was only to read and pair is over; what it read waits, marked, for the next plan. */
async function endIfPairing(tx: StoreTx, { run, deps }: TaskContext): Promise<void> {
  if (run.mode === 'pair') await tx.updateRun(run.run, { state: 'done', finishedAt: deps.clock.now() });
}

/** Records of these stages are left out of the sync, and so of pairing. */
function exclusionOf(context: TaskContext, crm: string): (stage: string | null) => boolean {
  const left = context.runtime.settings.excludePipelines[crm] ?? [];
  if (left.length === 0) return () => false;
  const pipelines = new Map(context.facts(crm).stages.map((stage) => [stage.key, stage.pipeline]));
  return (stage) => {
    const pipeline = stage === null ? null : (pipelines.get(stage) ?? null);
    return pipeline !== null && left.includes(pipeline);
  };
}
