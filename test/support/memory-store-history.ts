/** What was seen to change on records: the meaning of src/store/record-history.ts, for what pushed counts are made of. */
import type { Seen } from '../../src/core/group.ts';
import type { EpochMs, RunId } from '../../src/core/ids.ts';
import { standingOf } from '../../src/core/measure-record.ts';
import type { Snapshot } from '../../src/core/opportunity.ts';
import type { ReconciledBatch } from '../../src/core/store-rows.ts';
import {
  ascending,
  type ChangeRecord,
  type HistoryRow,
  recordKey,
  type SnapshotRow,
  type Tables,
} from './memory-store-tables.ts';

const FIELDS = ['stage', 'closeDate'] as const;

export function noteSeen(tables: Tables, run: RunId, before: SnapshotRow, now: Snapshot): void {
  for (const field of FIELDS) {
    const from = before.fields[field];
    const to = now.fields[field];
    if (from === undefined || to === undefined || from === to) continue;
    note(tables, before, { at: now.changedAt, field, from, to, run });
  }
}

export function noteWritten(tables: Tables, run: RunId, row: ChangeRecord, at: EpochMs): void {
  for (const { field, owned, before, after } of row.changes)
    if (!owned && isNoted(field)) note(tables, row, { at, field, from: before, to: after, run });
}

export function noteVerdicts(tables: Tables, batch: ReconciledBatch): void {
  for (const { ref, verdict } of batch.records) {
    const row = tables.snapshots.get(recordKey(batch.sync, ref.crm, ref.id));
    if (row?.verdict == null) continue;
    const [from, to] = [standingOf(row.verdict), standingOf(verdict)];
    if (from !== to) note(tables, row, { at: batch.at, field: 'status', from, to, run: batch.run });
  }
}

export function seenOf(tables: Tables, row: SnapshotRow): Seen {
  const all = tables.history.get(recordKey(row.sync, row.crm, row.id)) ?? [];
  const history = all
    .toSorted((x, y) => x.at - y.at || ascending(x.field, y.field))
    .map(({ at, field, from, to, run, told, own }) => {
      const entry = { at, field, from, to };
      if (told === true) return { ...entry, ...(own === true ? { own } : {}), told };
      return field !== 'status' && isOwn(tables, row, { ...entry, run }) ? { ...entry, own: true } : entry;
    });
  return { standing: row.verdict === null ? null : standingOf(row.verdict), history };
}

/** Did that run write this value? */
function isOwn(tables: Tables, { sync, crm, id }: SnapshotRow, { field, to, run }: HistoryRow): boolean {
  return tables.changes
    .where((one) => one.sync === sync && one.crm === crm && one.id === id && one.doneRun === run)
    .some(({ changes }) =>
      changes.some((change) => !change.owned && change.field === field && change.after === to),
    );
}

function note(
  tables: Tables,
  { sync, crm, id }: { readonly sync: string; readonly crm: string; readonly id: string },
  entry: HistoryRow,
): void {
  const key = recordKey(sync, crm, id);
  tables.history.put(key, [...(tables.history.get(key) ?? []), entry]);
}

function isNoted(field: string): field is (typeof FIELDS)[number] {
  return (FIELDS as readonly string[]).includes(field);
}
