/** Counterparts that are made: the meaning of src/store/creations.ts and created.ts. */
import type { Hurdle, PlannedCreation } from '../../src/core/creation.ts';
import type { CreationResult, CreationRow, CreationTx } from '../../src/core/creation-port.ts';
import { type RecordRef, refKey } from '../../src/core/ids.ts';
import { COUNTERPART_DELETED, type Note, noteOfError } from '../../src/core/reconcile-notes.ts';
import type { QuarantineRow, ReconciledBatch, TaskRow } from '../../src/core/store-rows.ts';
import { snapshotsInMemory } from './memory-store-snapshots.ts';
import {
  ascending,
  type CreationRecord,
  pairRowKey,
  recordKey,
  type SnapshotRow,
  type Tables,
} from './memory-store-tables.ts';

export interface CreationParts {
  readonly addTask: (run: string, crm: string, creations: readonly number[]) => TaskRow;
  readonly decisions: (
    sync: string,
  ) => readonly { readonly refs: readonly [RecordRef, RecordRef]; readonly decision: string }[];
  readonly refuse: (sync: string, list: readonly QuarantineRow[]) => void;
}

export function creationsInMemory(tables: Tables, parts: CreationParts): CreationTx {
  const { creations, snapshots, candidates, duplicates, cursors, pairs } = tables;
  const rowOf = (sync: string, ref: RecordRef): SnapshotRow | undefined =>
    snapshots.get(recordKey(sync, ref.crm, ref.id));
  const listed = (test: (row: CreationRecord) => boolean): CreationRow[] =>
    creations
      .where(test)
      .sort((x, y) => x.creation - y.creation)
      .map(toRow);

  function hurdleOf(sync: string, ref: RecordRef): Hurdle | null {
    const others = (refs: readonly [RecordRef, RecordRef]): string | null => {
      const at = refs.findIndex((one) => refKey(one) === refKey(ref));
      return at < 0 ? null : (refs[1 - at]?.id ?? null);
    };
    const least = (ids: readonly (string | null)[]): string | undefined =>
      ids.filter((id) => id !== null).sort(ascending)[0];
    const proposed = least(candidates.where((row) => row.sync === sync).map(({ refs }) => others(refs)));
    if (proposed !== undefined) return { is: 'proposed', other: proposed };
    if (rowOf(sync, ref)?.notes?.[0]?.cause === 'ambiguous_link') return { is: 'ambiguous', other: '' };
    const apart = least(
      parts
        .decisions(sync)
        .filter(({ decision }) => decision === 'apart' || decision === 'uncoupled')
        .map(({ refs }) => others(refs)),
    );
    if (apart !== undefined) return { is: 'apart', other: apart };
    const linked = least(
      snapshots
        .where((row) => row.sync === sync && row.linkedId === ref.id && row.crm !== ref.crm)
        .filter((row) => cursors.get(`${sync}/${row.crm}`) !== undefined)
        .map((row) => row.id),
    );
    if (linked !== undefined) return { is: 'linked', other: linked };
    const own = duplicates.get(recordKey(sync, ref.crm, ref.id));
    const twin = least(
      duplicates
        .where(
          (row) =>
            row.sync === sync && row.crm === ref.crm && row.leader === own?.leader && row.id !== ref.id,
        )
        .map((row) => row.id),
    );
    return own === undefined || twin === undefined ? null : { is: 'duplicate', other: twin };
  }

  function journal(creation: number, state: CreationRecord['state'], run: string): void {
    const row = creations.get(String(creation));
    if (row !== undefined && (row.state === 'planned' || row.state === 'sending'))
      creations.put(String(creation), { ...row, state, doneRun: run });
  }

  function settle(run: string, creation: number, outcome: 'held' | 'quarantined', note: Note): void {
    const row = creations.get(String(creation));
    const source = row === undefined ? undefined : rowOf(row.sync, row.source);
    if (row === undefined || source === undefined || source.deleted) return;
    const key = recordKey(row.sync, row.source.crm, row.source.id);
    snapshots.patch(key, { outcome, outcomeRun: run, readRun: run, notes: [note], dirty: true });
  }

  async function saveMade(
    sync: string,
    run: string,
    made: readonly Extract<CreationResult, { is: 'created' }>[],
    by: string,
    now: number,
  ): Promise<void> {
    const store = snapshotsInMemory(tables);
    // All of it in one go: a process that dies in the middle of an operation must not go on with it (as its database would not).
    const seen = store.savePage(
      sync,
      run,
      made.map(({ snapshot }) => snapshot),
      now,
    );
    const list = made
      .flatMap(({ creation, snapshot, base }) => {
        const row = creations.get(String(creation));
        return row === undefined ? [] : [{ row, id: snapshot.id, base }];
      })
      .sort((x, y) => x.row.creation - y.row.creation);
    const paired = store.savePairs(
      sync,
      run,
      list.map(({ row, id }) => ({
        key: row.key,
        members: [row.source, { crm: row.crm, id }],
        how: 'created',
      })),
      by,
      now,
    );
    for (const { row, id, base } of list) {
      const pair = pairs.get(pairRowKey(sync, row.key));
      if (pair?.how === 'created' && Object.keys(pair.base).length === 0)
        pairs.put(pairRowKey(sync, row.key), { ...pair, base });
      const isPaired = rowOf(sync, { crm: row.crm, id })?.pair === row.key;
      const isFirst =
        creations.where(
          (one) => one.sync === sync && one.crm === row.crm && one.key === row.key && one.state === 'created',
        ).length === 0;
      if (row.state !== 'created') {
        const state = isPaired && isFirst ? 'created' : 'dropped';
        creations.put(String(row.creation), { ...row, state, record: id, doneRun: row.doneRun ?? run });
      }
      const record = rowOf(sync, { crm: row.crm, id });
      const source = rowOf(sync, row.source);
      const settled = { outcomeRun: run, readRun: run, dirty: true };
      if (source !== undefined && !source.deleted)
        snapshots.put(recordKey(sync, source.crm, source.id), {
          ...{ ...source, ...settled },
          outcome: record?.deleted === true ? 'held' : 'changed',
          notes: record?.deleted === true ? [COUNTERPART_DELETED] : source.notes,
        });
      if (record !== undefined)
        snapshots.put(recordKey(sync, record.crm, record.id), {
          ...{ ...record, ...settled },
          outcome: record.deleted ? 'excluded' : 'changed',
          verdict: record.verdict ?? source?.verdict ?? null,
        });
    }
    await Promise.all([seen, paired]);
  }

  return {
    async creationHurdles(sync, refs) {
      return new Map(
        refs.flatMap((ref) => {
          const hurdle = hurdleOf(sync, ref);
          return hurdle === null ? [] : [[refKey(ref), hurdle] as const];
        }),
      );
    },

    async creationsOf(run, after, limit) {
      return listed((row) => row.run === run)
        .sort((x, y) => ascending(x.crm, y.crm) || ascending(x.key, y.key))
        .filter(
          (row) => after === null || (ascending(row.crm, after.crm) || ascending(row.key, after.key)) > 0,
        )
        .slice(0, limit);
    },

    async creationCounts(run) {
      const counts: Record<string, number> = {};
      for (const { crm } of listed((row) => row.run === run)) counts[crm] = (counts[crm] ?? 0) + 1;
      return counts;
    },

    async addCreateTasks(run, plannedBy, crm, size) {
      const ids = listed((row) => row.run === plannedBy && row.crm === crm && row.state === 'planned').map(
        (row) => row.creation,
      );
      const tasks: TaskRow[] = [];
      for (let start = 0; start < ids.length; start += size)
        tasks.push(parts.addTask(run, crm, ids.slice(start, start + size)));
      return tasks;
    },

    async creationRows(ids) {
      const wanted = new Set(ids);
      return listed((row) => wanted.has(row.creation));
    },

    async sentCreations(sync, keys) {
      return listed((row) => row.sync === sync && keys.includes(row.key) && row.sentAt !== null);
    },

    async openCreations(sync) {
      return listed((row) => row.sync === sync && row.sentAt !== null && row.state === 'sending');
    },

    async markCreating(run, ids, now) {
      for (const id of ids) {
        const row = creations.get(String(id));
        if (row === undefined || (row.state !== 'planned' && row.state !== 'sending')) continue;
        const sent = { sentAt: row.sentAt ?? now, doneRun: row.doneRun ?? run };
        creations.put(String(id), { ...row, ...sent, state: 'sending' });
      }
    },

    async saveCreated(sync, run, results, by, now) {
      const made = results.filter((result) => result.is === 'created');
      if (made.length > 0) await saveMade(sync, run, made, by, now);
      for (const result of results) {
        if (result.is === 'failed') {
          journal(result.creation, 'failed', run);
          const outcome = result.quarantine === null ? 'held' : 'quarantined';
          settle(run, result.creation, outcome, noteOfError(`refused_${result.error.code}`, result.error));
          if (result.quarantine !== null) parts.refuse(sync, [result.quarantine]);
        } else if (result.is === 'dropped') {
          journal(result.creation, 'dropped', run);
          settle(run, result.creation, 'held', result.note);
        } else if (result.is === 'unknown') settle(run, result.creation, 'held', result.note);
      }
    },

    async createdBy(sync, run) {
      const carriedOut = creations.where((row) => row.doneRun === run).length > 0;
      return creations
        .where(
          (row) =>
            row.sync === sync &&
            row.state === 'created' &&
            row.sentAt !== null &&
            (carriedOut ? row.doneRun === run : row.run === run),
        )
        .map((row) => {
          const ref = { crm: row.crm, id: row.record ?? '' };
          return { ref, name: row.name, source: row.source, deleted: rowOf(sync, ref)?.deleted ?? false };
        })
        .sort((x, y) => ascending(x.ref.crm, y.ref.crm) || ascending(x.ref.id, y.ref.id));
    },
  };
}

/** Replaces what this run had planned to make of these records. */
export function saveCreationsInMemory(tables: Tables, batch: ReconciledBatch): void {
  const { creations } = tables;
  const looked = new Set(batch.records.map((record) => refKey(record.ref)));
  for (const row of creations.where((one) => one.sync === batch.sync && one.run === batch.run))
    if (row.state === 'planned' && looked.has(refKey(row.source))) creations.remove(String(row.creation));
  for (const planned of batch.creations ?? []) {
    const creation = tables.nextId('creation');
    creations.put(String(creation), {
      ...(planned satisfies PlannedCreation),
      ...{ creation, sync: batch.sync, run: batch.run, state: 'planned' },
      ...{ record: null, sentAt: null, doneRun: null },
    });
  }
}

function toRow({ sync: _sync, record: _record, doneRun: _doneRun, ...row }: CreationRecord): CreationRow {
  return row;
}
