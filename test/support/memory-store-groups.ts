/** Groups, what was decided about them and what became of the writes: the meaning of src/store/groups.ts and pushed.ts. */

import type { Group, GroupMember, Refusal } from '../../src/core/group.ts';
import { refKey } from '../../src/core/ids.ts';
import { type Note, noteOfError } from '../../src/core/reconcile-notes.ts';
import type { RecordOutcome } from '../../src/core/report.ts';
import type { StoreTx } from '../../src/core/store-port.ts';
import type { ChangeState, PushResult, QuarantineRow, ReconciledBatch } from '../../src/core/store-rows.ts';
import { contentHash } from '../../src/store/snapshots.ts';
import { saveCreationsInMemory } from './memory-store-creations.ts';
import { noteVerdicts, noteWritten, seenOf } from './memory-store-history.ts';
import { reconciledResolutions, rememberUndone, resolutionsAbout } from './memory-store-resolutions.ts';
import { snapshotsInMemory } from './memory-store-snapshots.ts';
import {
  byRef,
  type ChangeRecord,
  pairRowKey,
  recordKey,
  type SnapshotRow,
  type Tables,
} from './memory-store-tables.ts';

type Groups = Pick<StoreTx, 'loadGroups' | 'saveReconciled' | 'savePushed' | 'pushTally' | 'clearQuarantine'>;

const WAITS: readonly (RecordOutcome | null)[] = ['quarantined', 'conflict', 'held'];

export function groupsInMemory(tables: Tables): Groups {
  const { snapshots, pairs, changes, conflicts, quarantine } = tables;
  const groupOf = (row: SnapshotRow): string => (row.pair === null ? refKey(row) : `pair:${row.pair}`);

  const refuse = (sync: string, list: readonly QuarantineRow[]): void => refuseInMemory(tables, sync, list);

  function saveOutcomes(batch: ReconciledBatch): void {
    for (const { ref, outcome, notes, verdict, again = false } of batch.records) {
      const key = recordKey(batch.sync, ref.crm, ref.id);
      const row = snapshots.get(key);
      if (row === undefined) continue;
      const ambiguous = row.pair === null && row.notes?.[0]?.cause === 'ambiguous_link' ? row.notes : null;
      snapshots.put(key, {
        ...row,
        outcome,
        outcomeRun: batch.run,
        readRun: batch.run,
        settledAt: outcome === 'in_sync' ? (row.seenAt ?? row.changedAt) : row.settledAt,
        notes: notes.length > 0 ? notes : ambiguous,
        verdict,
        dirty: again || WAITS.includes(outcome),
      });
      if (outcome !== 'quarantined') quarantine.remove(key);
    }
  }

  function saveConflicts(batch: ReconciledBatch): void {
    for (const [pair, list] of Object.entries(batch.conflicts)) {
      const open = new Set(list.map((conflict) => conflict.field));
      for (const row of conflicts.where((one) => one.sync === batch.sync && one.pair === pair))
        if (!open.has(row.field)) conflicts.remove(`${batch.sync}/${pair}/${row.field}`);
      for (const details of list) {
        const { field } = details;
        conflicts.put(`${batch.sync}/${pair}/${field}`, { sync: batch.sync, pair, field, details });
      }
    }
  }

  function saveWrites(batch: ReconciledBatch): { change: number; crm: string }[] {
    const looked = new Set(batch.records.map((record) => refKey(record.ref)));
    for (const row of changes.where((one) => one.sync === batch.sync && one.run === batch.run))
      if (row.state === 'planned' && looked.has(refKey(row))) changes.remove(String(row.change));
    return batch.writes.map((write) => {
      const change = tables.nextId('change');
      changes.put(String(change), {
        ...write,
        change,
        sync: batch.sync,
        run: batch.run,
        state: 'planned',
        round: batch.round,
        sentAt: null,
        doneRun: null,
      });
      return { change, crm: write.crm };
    });
  }

  function advance(sync: string, pair: string | null, agreed: ChangeRecord['agreed']): void {
    if (pair === null) return;
    const key = pairRowKey(sync, pair);
    const row = pairs.get(key);
    if (row !== undefined) pairs.put(key, { ...row, base: { ...row.base, ...agreed } });
  }

  /** Where both sides of a pair are written, in whichever order, what the other write has brought about stands as well. */
  function agreeWithOtherSide({ sync, run, pair, crm, changes: own }: ChangeRecord): void {
    const fields = new Set(own.flatMap(({ field, owned }) => (owned ? [] : [field])));
    if (pair === null || fields.size === 0) return;
    const others = changes.where(
      (row) =>
        row.run === run &&
        row.sync === sync &&
        row.pair === pair &&
        row.crm !== crm &&
        row.state === 'applied',
    );
    for (const other of others)
      for (const { field, owned, after } of other.changes) {
        const base = pairs.get(pairRowKey(sync, pair))?.base[field];
        if (owned || !fields.has(field) || base === undefined) continue;
        advance(sync, pair, { [field]: { ...base, [other.crm]: after } });
      }
  }

  function journal(change: number, state: ChangeState, run: string): ChangeRecord | undefined {
    const row = changes.get(String(change));
    if (row === undefined) return undefined;
    const done = { ...row, state, doneRun: run };
    changes.put(String(change), done);
    return done;
  }

  function settle(
    sync: string,
    run: string,
    row: ChangeRecord,
    outcome: 'held' | 'quarantined',
    note: Note,
  ): void {
    const key = recordKey(sync, row.crm, row.id);
    const before = snapshots.get(key)?.outcome ?? null;
    const kept = outcome === 'held' && (before === 'quarantined' || before === 'conflict') ? before : outcome;
    snapshots.patch(key, { outcome: kept, outcomeRun: run, readRun: run, notes: [note], dirty: true });
  }

  return {
    async loadGroups(sync, keys) {
      const wanted = new Set(keys);
      const members = snapshots.where((row) => row.sync === sync && wanted.has(groupOf(row))).sort(byRef);
      return [...Map.groupBy(members, groupOf).values()].map((rows): Group => {
        const key = rows[0]?.pair ?? null;
        const refusals = new Map<string, Refusal>();
        for (const row of rows) {
          const refused = quarantine.get(recordKey(sync, row.crm, row.id));
          if (refused === undefined || refused.intent === '') continue;
          const { intent, note } = refused;
          refusals.set(refKey(row), { intent, unchanged: refused.hash === row.hash, note });
        }
        return {
          pair: key === null ? null : { key, base: pairs.get(pairRowKey(sync, key))?.base ?? {} },
          members: rows.map((row) => toMember(row, tables)),
          seen: new Map(rows.map((row) => [refKey(row), seenOf(tables, row)])),
          resolutions: resolutionsAbout(
            tables,
            sync,
            new Set([...(key === null ? [] : [`pair:${key}`]), ...rows.map(refKey)]),
          ),
          refusals,
        };
      });
    },

    async saveReconciled(batch) {
      noteVerdicts(tables, batch);
      saveOutcomes(batch);
      for (const [pair, agreed] of Object.entries(batch.agreed)) advance(batch.sync, pair, agreed);
      saveConflicts(batch);
      reconciledResolutions(tables, batch);
      refuse(batch.sync, batch.quarantined);
      saveCreationsInMemory(tables, batch);
      return saveWrites(batch);
    },

    async savePushed(sync, run, results, now) {
      // Nothing is waited for before all is done: a process that dies meanwhile must not go on with it.
      const saved: Promise<void>[] = [];
      const acknowledged: ChangeRecord[] = [];
      for (const result of results) {
        const state = result.is === 'already' ? 'applied' : result.is;
        const row = journal(result.change, state, run);
        if (row === undefined) continue;
        const key = recordKey(sync, row.crm, row.id);
        if (result.is === 'applied') {
          noteWritten(tables, run, row, result.changedAt ?? now);
          const before = snapshots.get(key);
          if (before !== undefined)
            snapshots.put(key, { ...written(before, result), readRun: run, outcomeRun: run });
        } else if (result.is === 'already') {
          saved.push(snapshotsInMemory(tables).savePage(sync, run, [result.snapshot], now));
          const met = snapshots.get(key);
          const outcome = kept(met?.outcome ?? null);
          if (met !== undefined && !waits(met.outcome))
            snapshots.patch(key, { settledAt: met.seenAt ?? met.changedAt });
          snapshots.patch(key, { outcome, outcomeRun: run, readRun: run });
        } else if (result.is === 'failed') {
          const outcome = result.quarantine === null ? 'held' : 'quarantined';
          settle(sync, run, row, outcome, noteOfError(`refused_${result.error.code}`, result.error));
          if (result.quarantine !== null) refuse(sync, [result.quarantine]);
        } else if (result.is === 'dropped') settle(sync, run, row, 'held', result.note);
        if (state === 'applied') {
          acknowledged.push(row);
          advance(sync, row.pair, row.agreed);
          rememberUndone(tables, run, row.change, now);
        }
      }
      for (const row of acknowledged) agreeWithOtherSide(row);
      await Promise.all(saved);
    },

    async pushTally(run) {
      const counts: Record<string, { update: number; create: number; failed: number }> = {};
      const countOf = (crm: string): { update: number; create: number; failed: number } => {
        const count = counts[crm] ?? { update: 0, create: 0, failed: 0 };
        counts[crm] = count;
        return count;
      };
      for (const row of changes.where((one) => one.doneRun === run)) {
        const count = countOf(row.crm);
        if (row.state === 'applied' && row.sentAt !== null) count.update += 1;
        if (row.state === 'failed') count.failed += 1;
      }
      for (const row of tables.creations.where((one) => one.doneRun === run)) {
        const count = countOf(row.crm);
        if (row.state === 'created' && row.sentAt !== null) count.create += 1;
        if (row.state === 'failed') count.failed += 1;
      }
      return counts;
    },

    async clearQuarantine(sync) {
      const gone = quarantine.where((row) => row.sync === sync);
      for (const { ref } of gone) {
        quarantine.remove(recordKey(sync, ref.crm, ref.id));
        snapshots.patch(recordKey(sync, ref.crm, ref.id), { dirty: true });
      }
      return gone.length;
    },
  };
}

/** Keeps refused records. */
export function refuseInMemory(
  { snapshots, quarantine }: Tables,
  sync: string,
  list: readonly QuarantineRow[],
): void {
  for (const { ref, note, intent } of list) {
    const row = snapshots.get(recordKey(sync, ref.crm, ref.id));
    if (row !== undefined)
      quarantine.put(recordKey(sync, ref.crm, ref.id), { sync, ref, note, intent, hash: row.hash });
  }
}

function written(
  before: SnapshotRow,
  { version, changedAt, after }: Extract<PushResult, { is: 'applied' }>,
): SnapshotRow {
  const seen = [before.seenAt, before.changedAt, changedAt].filter((stamp) => stamp !== null);
  const { fields, owned, pairKey, evidence } = after;
  return {
    ...before,
    ...{ fields, owned, pairKey, evidence },
    version: version ?? before.version,
    seenAt: Math.max(...seen),
    settledAt: waits(before.outcome) ? before.settledAt : Math.max(...seen),
    hash: contentHash(after),
    outcome: kept(before.outcome),
  };
}

/** A record that waits for a person goes on waiting, also when other fields of it were written. */
function kept(outcome: RecordOutcome | null): RecordOutcome {
  return outcome !== null && waits(outcome) ? outcome : 'changed';
}

function waits(outcome: RecordOutcome | null): boolean {
  return WAITS.includes(outcome);
}

function toMember(row: SnapshotRow, { findings }: Tables): GroupMember {
  const found = findings
    .where((one) => one.sync === row.sync && one.crm === row.crm && one.record === row.id)
    .map(({ source, item, what, at, says }) => ({ source, item, what, at, says }));
  const { crm, id, version, changedAt, seenAt, settledAt, deleted } = row;
  const { fields, owned, evidence, pairKey, linkedId, absorbedIds } = row;
  return {
    ...{ crm, id, version, changedAt, seenAt, settledAt, deleted },
    ...{ fields, owned, evidence, pairKey, linkedId, absorbedIds },
    ...(found.length === 0 ? {} : { findings: found }),
  };
}
