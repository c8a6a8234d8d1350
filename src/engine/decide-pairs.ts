/** What people decide about pairs: at once in the state, seen by the CRMs with the next plan. */
import { OppsyncError } from '../core/errors.ts';
import { faultOf } from '../core/fault-sentences.ts';
import type { Crm, PairKey, RecordRef, SyncName } from '../core/ids.ts';
import { refKey } from '../core/ids.ts';
import { pairKeyOf } from '../core/pairing.ts';
import { type DissolvedPair, inOrder, type PairDecision, pairOfRefs } from '../core/pairing-decisions.ts';
import type { DecidedPairs, SkipReason } from '../core/pairing-report.ts';
import type { Clock, Randomness } from '../core/ports.ts';
import type { Store, StoreTx } from '../core/store-port.ts';
import type { NewDecision, PairingState } from '../core/store-rows.ts';

export interface DecideDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Randomness;
}

export interface DecideOn {
  readonly sync: SyncName;
  readonly sides: readonly [Crm, Crm];
  /** Ids two by two, each two from different CRMs in any order; or all proposals of a band. */
  readonly ids: readonly string[] | { readonly band: string };
  readonly by: string;
}

type Pairs = readonly (readonly [PairingState, PairingState])[];
type Skipped = { refs: RecordRef[]; reason: SkipReason }[];
/** Stands where the run would: a person made the pair between runs. */
const NO_RUN = 'person';

/**
 * Accepts, rejects or keeps apart. Decisions that cannot be carried out are left out and named with their reason; the others
 * are made together or not at all. Deciding again replaces what was decided before.
 */
export async function decidePairs(
  deps: DecideDeps,
  decision: 'accepted' | 'rejected' | 'apart',
  on: DecideOn,
): Promise<DecidedPairs> {
  await refuseDuringRun(deps, on.sync);
  const batch = newBatch(deps);
  return deps.store.tx(async (tx) => {
    const skipped: Skipped = [];
    const pairs = await pairsMeant(tx, on, skipped);
    const decided =
      decision === 'accepted'
        ? await accept(deps, tx, on, batch, pairs, skipped)
        : await keepFrom(deps, tx, on, batch, decision, pairs, skipped);
    if (decided > 0) await writeDown(deps, tx, on, { batch, decision, decided });
    return { batch, decided, skipped };
  });
}

/** Takes decisions back: those about these two records each, or all of one batch. */
export async function undoDecisions(
  deps: DecideDeps,
  on: DecideOn & { ids: readonly string[] },
): Promise<DecidedPairs> {
  await refuseDuringRun(deps, on.sync);
  const batch = newBatch(deps);
  return deps.store.tx(async (tx) => {
    const skipped: Skipped = [];
    const standing = await tx.standingDecisions(on.sync, ['accepted', 'rejected', 'apart', 'uncoupled']);
    const [only = ''] = on.ids;
    let meant = standing.filter((one) => one.batch === only);
    if (on.ids.length !== 1 || !only.startsWith('d_')) {
      const pairs = await pairsMeant(tx, on, skipped);
      const wanted = new Set(pairs.map((two) => pairOfRefs(...two)));
      meant = standing.filter((one) => wanted.has(pairOfRefs(...one.refs)));
    }
    if (meant.length === 0) skipped.push({ refs: [], reason: 'nothing' });
    await tx.endDecisions(
      meant.map((one) => one.id),
      on.by,
      deps.clock.now(),
    );
    const accepted = meant.filter((one) => one.decision === 'accepted');
    const states = stateIndex(
      await tx.resolveRecords(
        on.sync,
        accepted.flatMap((one) => one.refs.map((ref) => ref.id)),
      ),
    );
    const ending = accepted.flatMap(({ refs }) => {
      const [x, y] = refs.map((ref) => states.get(refKey(ref)));
      return x?.pair !== null && x?.pair !== undefined && x.pair === y?.pair ? [{ refs, pair: x.pair }] : [];
    });
    const dissolved = await tx.dissolvePairs(
      on.sync,
      ending.map((one) => one.pair),
    );
    // Our key may stand in both records by now; it must not bring back what a person has just taken back.
    await tx.addDecisions(
      on.sync,
      batch,
      on.by,
      deps.clock.now(),
      ending.map(({ refs, pair }) => ({
        refs,
        decision: 'uncoupled',
        dissolved: dissolved.get(pair) ?? null,
      })),
    );
    for (const { decision, dissolved: before, refs } of meant)
      if (decision !== 'accepted' && before !== null)
        await tx.restorePair(on.sync, NO_RUN, before, refs, on.by, deps.clock.now());
    if (meant.length > 0) await writeDown(deps, tx, on, { batch, decision: 'undone', decided: meant.length });
    return { batch, decided: meant.length, skipped };
  });
}

/** Who decided about pairs; the decisions themselves are found by their batch. */
function writeDown(
  deps: DecideDeps,
  tx: StoreTx,
  on: DecideOn,
  details: { readonly batch: string; readonly decision: string; readonly decided: number },
): Promise<void> {
  return tx.audit({ at: deps.clock.now(), sync: on.sync, by: on.by, action: 'pair.decided', details });
}

async function accept(
  deps: DecideDeps,
  tx: StoreTx,
  on: DecideOn,
  batch: string,
  pairs: Pairs,
  skipped: Skipped,
): Promise<number> {
  const now = deps.clock.now();
  const taken = new Set<string>();
  const widowed: PairKey[] = [];
  const made: (readonly [RecordRef, RecordRef])[] = [];
  for (const [x, y] of pairs) {
    const refs = [refOf(x), refOf(y)];
    const paired = [x, y].some((state) => state.counterpart !== null || taken.has(refKey(state)));
    if (x.pair !== null && x.pair === y.pair) skipped.push({ refs, reason: 'already' });
    else if (x.deleted || y.deleted) skipped.push({ refs, reason: 'gone' });
    else if (paired) skipped.push({ refs, reason: 'paired' });
    else {
      taken.add(refKey(x)).add(refKey(y));
      // What is left of a pair whose other record was deleted gives way.
      for (const state of [x, y]) if (state.pair !== null) widowed.push(state.pair);
      made.push(bySide(on.sides, x, y));
    }
  }
  await tx.dissolvePairs(on.sync, widowed);
  await tx.savePairs(
    on.sync,
    NO_RUN,
    made.map((members) => ({ key: pairKeyOf(...members), members, how: 'accepted' })),
    on.by,
    now,
  );
  await tx.dropCandidates(on.sync, made.flat());
  await tx.addDecisions(on.sync, batch, on.by, now, decisionsOf(made, 'accepted', new Map()));
  return made.length;
}

async function keepFrom(
  deps: DecideDeps,
  tx: StoreTx,
  on: DecideOn,
  batch: string,
  decision: 'rejected' | 'apart',
  pairs: Pairs,
  skipped: Skipped,
): Promise<number> {
  const made: (readonly [RecordRef, RecordRef])[] = [];
  const ended = new Map<string, PairKey>();
  for (const [x, y] of pairs) {
    const refs = bySide(on.sides, x, y);
    if (x.pair !== null && x.pair === y.pair) {
      // A pair that stands is ended only by keeping its records apart.
      if (decision === 'rejected') {
        skipped.push({ refs: [...refs], reason: 'paired' });
        continue;
      }
      ended.set(pairOfRefs(...refs), x.pair);
    }
    made.push(refs);
  }
  const dissolved = await tx.dissolvePairs(on.sync, [...ended.values()]);
  const before = new Map(
    [...ended].flatMap(([two, key]) => {
      const found = dissolved.get(key);
      return found === undefined ? [] : [[two, found] as const];
    }),
  );
  await tx.addDecisions(on.sync, batch, on.by, deps.clock.now(), decisionsOf(made, decision, before));
  await tx.dropCandidates(on.sync, made.flat());
  return made.length;
}

function decisionsOf(
  made: readonly (readonly [RecordRef, RecordRef])[],
  decision: PairDecision,
  dissolved: ReadonlyMap<string, DissolvedPair>,
): NewDecision[] {
  return made.map((refs) => ({
    refs: inOrder(...refs),
    decision,
    dissolved: dissolved.get(pairOfRefs(...refs)) ?? null,
  }));
}

/** The records a person named, two by two. */
async function pairsMeant(tx: StoreTx, on: DecideOn, skipped: Skipped): Promise<Pairs> {
  const named =
    'band' in on.ids
      ? (await tx.candidatesOf(on.sync, on.ids.band)).map((two) => two.map((ref) => ref.id))
      : twoByTwo(on.ids);
  const states = await tx.resolveRecords(on.sync, named.flat());
  const byAsked = new Map<string, PairingState[]>();
  for (const state of states) byAsked.set(state.asked, [...(byAsked.get(state.asked) ?? []), state]);
  const pairs: [PairingState, PairingState][] = [];
  for (const two of named) {
    const [x, y] = two.map((id) => byAsked.get(id) ?? []);
    const fits = (x ?? []).flatMap((one) =>
      (y ?? [])
        .filter((other) => other.crm !== one.crm)
        .map((other) => [one, other] as [PairingState, PairingState]),
    );
    const [fit] = fits;
    const named_ = two.map((id) => ({ crm: '', id }));
    if (fit !== undefined && fits.length === 1) pairs.push(fit);
    else skipped.push({ refs: named_, reason: x?.length === 0 || y?.length === 0 ? 'unknown' : 'same_crm' });
  }
  return pairs;
}

function twoByTwo(ids: readonly string[]): string[][] {
  const pairs: string[][] = [];
  for (let i = 0; i + 1 < ids.length; i += 2) pairs.push([ids[i] ?? '', ids[i + 1] ?? '']);
  return pairs;
}

async function refuseDuringRun({ store }: DecideDeps, sync: SyncName): Promise<void> {
  const going = await store.runningRun(sync);
  if (going === null || (going.owner !== store.worker && !(await store.isWorkerAlive(going.owner)))) return;
  throw new OppsyncError({
    recovery: 'refuse',
    ...faultOf('run.pairs_meanwhile', { sync, run: going.run, by: going.by }),
    code: 'run.going_on',
  });
}

function newBatch({ clock, random }: DecideDeps): string {
  const letters = Math.floor(random.next() * 36 ** 4)
    .toString(36)
    .padStart(4, '0');
  return `d_${clock.now()}_${letters}`;
}

function stateIndex(states: readonly PairingState[]): Map<string, PairingState> {
  return new Map(states.map((state) => [refKey(state), state]));
}

function refOf(state: RecordRef): RecordRef {
  return { crm: state.crm, id: state.id };
}

function bySide(sides: readonly [Crm, Crm], x: RecordRef, y: RecordRef): readonly [RecordRef, RecordRef] {
  return x.crm === sides[0] ? [refOf(x), refOf(y)] : [refOf(y), refOf(x)];
}
