/** Plans and the figures of a run in the store in memory: the meaning of src/store/plans.ts and src/store/tally.ts. */
import { type Crm, refKey } from '../../src/core/ids.ts';
import { OUTCOMES, type PlanView, type RecordOutcome } from '../../src/core/report.ts';
import type { StoreTx } from '../../src/core/store-port.ts';
import type { ChangeRow } from '../../src/core/store-rows.ts';
import { reasonsOf } from './memory-store-reasons.ts';
import { byRef, type ChangeRecord, recordKey, type SnapshotRow, type Tables } from './memory-store-tables.ts';

type Plans = Pick<
  StoreTx,
  | 'plannedWrites'
  | 'plannedCounts'
  | 'insertPlan'
  | 'findPlan'
  | 'setPlanState'
  | 'supersedePlans'
  | 'planReasons'
  | 'changeRows'
  | 'markSending'
  | 'tally'
  | 'tallyNamed'
  | 'unsettled'
>;

export function plansInMemory(tables: Tables): Plans {
  const { plans, changes, snapshots, pairs, candidates } = tables;
  const planned = (run: string): ChangeRecord[] =>
    changes.where((row) => row.run === run && row.state === 'planned').sort(byRef);
  const planKey = (plan: Pick<PlanView, 'sync' | 'run'>): string => `${plan.sync}/${plan.run}`;

  return {
    async plannedWrites(run, after, limit) {
      return planned(run)
        .filter((row) => after === null || byRef(row, after) > 0)
        .slice(0, limit)
        .map(toChange);
    },

    async plannedCounts(run) {
      const records: Record<Crm, number> = {};
      const ofTeams: Record<Crm, number> = {};
      let count = 0;
      for (const row of planned(run)) {
        records[row.crm] = (records[row.crm] ?? 0) + 1;
        ofTeams[row.crm] = (ofTeams[row.crm] ?? 0) + (row.changes.some(({ owned }) => !owned) ? 1 : 0);
        count += row.changes.length;
      }
      return { records, ofTeams, changes: count };
    },

    async insertPlan(plan) {
      const before = plans.get(planKey(plan));
      const { digest, records, changes: count, predictedCalls } = plan;
      plans.put(planKey(plan), {
        ...(before ?? plan),
        ...{ digest, records, changes: count, predictedCalls, byReason: [] },
      });
    },

    async findPlan(sync, digest) {
      const own = plans
        .where((plan) => plan.sync === sync)
        .filter((plan) => (digest === null ? plan.state === 'open' : plan.digest.startsWith(digest)));
      return own.sort((x, y) => y.createdAt - x.createdAt)[0] ?? null;
    },

    async setPlanState(sync, run, state) {
      plans.patch(planKey({ sync, run }), { state });
    },

    async supersedePlans(sync, exceptRun) {
      for (const plan of plans.where(
        (one) => one.sync === sync && one.state === 'open' && one.run !== exceptRun,
      ))
        plans.put(planKey(plan), { ...plan, state: 'superseded' });
    },

    async planReasons(run) {
      return reasonsOf(changes.where((row) => row.run === run));
    },

    async changeRows(ids) {
      const found = ids.flatMap((id) => changes.get(String(id)) ?? []);
      return found.sort((x, y) => x.change - y.change).map(toChange);
    },

    async markSending(ids, now) {
      for (const id of ids) {
        const row = changes.get(String(id));
        if (row?.state === 'planned')
          changes.patch(String(id), { state: 'sending', sentAt: now, sent: row.sent ?? row.changes });
      }
    },

    async tally(sync, run) {
      const own = snapshots.where((row) => row.sync === sync);
      const met = own.filter((row) => row.readRun === run);
      const single = own.filter((row) => row.pair === null && !row.deleted);
      const orphans: Record<Crm, number> = {};
      const proposals = candidates.where((row) => row.sync === sync);
      const proposed = new Set(proposals.flatMap(({ refs }) => refs.map(refKey)));
      for (const row of single)
        if (!proposed.has(refKey(row))) orphans[row.crm] = (orphans[row.crm] ?? 0) + 1;
      const inBand = (band: string): number => proposals.filter((row) => row.band === band).length;
      const linked = pairs.where((pair) => pair.sync === sync);
      return {
        ...accounts(met, run),
        pairs: { linked: linked.length, adopted: linked.filter((pair) => pair.how === 'adopted').length },
        orphans,
        ambiguous: single.filter((row) => row.notes?.[0]?.cause === 'ambiguous_link').length,
        proposed: { certain: inBand('certain'), ask: inBand('ask'), ambiguous: inBand('ambiguous') },
        attention: [],
      };
    },

    async tallyNamed(sync, run) {
      const events = tables.inbox.where((event) => event.run === run);
      const own = events.flatMap(({ crm, id }) => snapshots.get(recordKey(sync, crm, id)) ?? []);
      const keys = new Set(own.flatMap((row) => row.pair ?? []));
      const others = snapshots.where((row) => row.sync === sync && row.pair !== null && keys.has(row.pair));
      const met = [...new Map([...own, ...others].map((row) => [refKey(row), row])).values()].filter(
        (row) => row.readRun === run,
      );
      const linked = pairs.where((pair) => pair.sync === sync && met.some((row) => row.pair === pair.pair));
      const single = met.filter((row) => row.pair === null && !row.deleted);
      const orphans: Record<Crm, number> = {};
      for (const row of single) orphans[row.crm] = (orphans[row.crm] ?? 0) + 1;
      return {
        ...accounts(met, run),
        pairs: { linked: linked.length, adopted: linked.filter((pair) => pair.how === 'adopted').length },
        orphans,
        ambiguous: single.filter((row) => row.notes?.[0]?.cause === 'ambiguous_link').length,
        proposed: { certain: 0, ask: 0, ambiguous: 0 },
        attention: [],
      };
    },

    async unsettled(run) {
      const states = ['planned', 'sending', 'moved', 'dropped'];
      const writes = changes.where((row) => row.run === run && states.includes(row.state)).length;
      const { creations } = tables;
      return writes + creations.where((row) => row.run === run && states.includes(row.state)).length;
    },
  };
}

function accounts(met: readonly SnapshotRow[], run: string) {
  const outcomes = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<
    RecordOutcome,
    number
  >;
  const read: Record<Crm, number> = {};
  const verdicts = { active: 0, won: 0, lost: 0, cancelled: 0, unknown: 0 };
  let unaccounted = 0;
  for (const { crm, outcome, outcomeRun, dirty, verdict, pair } of met) {
    read[crm] = (read[crm] ?? 0) + 1;
    const settled = outcome === 'changed' && outcomeRun !== run;
    const now = settled ? (pair === null ? 'unpaired' : 'in_sync') : outcome;
    if (now !== null && (outcomeRun === run || !dirty)) outcomes[now] += 1;
    else unaccounted += 1;
    if (verdict?.status === 'active' || verdict?.status === 'unknown') verdicts[verdict.status] += 1;
    if (verdict?.outcome !== null && verdict?.outcome !== undefined) verdicts[verdict.outcome] += 1;
  }
  return { read, outcomes, unaccounted, verdicts };
}

function toChange(row: ChangeRecord): ChangeRow {
  const { sync: _sync, sentAt: _sentAt, doneRun: _doneRun, sent: _sent, lost: _lost, ...change } = row;
  return change;
}
