/** Snapshots, cursors and pairs of the store in memory: the meaning of src/store/snapshots.ts and src/store/pairs.ts. */
import { type Crm, type RecordRef, refKey } from '../../src/core/ids.ts';
import type { Snapshot } from '../../src/core/opportunity.ts';
import type { LinkRow } from '../../src/core/pairing.ts';
import type { StoreTx } from '../../src/core/store-port.ts';
import { AMBIGUOUS } from '../../src/store/pairs.ts';
import { contentHash } from '../../src/store/snapshots.ts';
import { noteSeen } from './memory-store-history.ts';
import {
  ascending,
  byRef,
  pairRowKey,
  recordKey,
  type SnapshotRow,
  type Tables,
} from './memory-store-tables.ts';

type Snapshots = Pick<
  StoreTx,
  | 'savePage'
  | 'notMet'
  | 'markDeleted'
  | 'dropUnwritten'
  | 'refreshStatistics'
  | 'countRecords'
  | 'cursor'
  | 'saveCursor'
  | 'linkBatch'
  | 'savePairs'
  | 'noteAmbiguous'
>;

export function snapshotsInMemory(tables: Tables): Snapshots {
  const { snapshots, pairs, cursors, changes } = tables;
  const put = (row: SnapshotRow): void => snapshots.put(recordKey(row.sync, row.crm, row.id), row);
  const find = (sync: string, ref: RecordRef): SnapshotRow | undefined =>
    snapshots.get(recordKey(sync, ref.crm, ref.id));
  const living = (sync: string, crm: Crm): SnapshotRow[] =>
    snapshots.where((row) => row.sync === sync && row.crm === crm && !row.deleted);

  return {
    async savePage(sync, run, list, now, why = 'reading') {
      for (const snapshot of newestOfEach(list)) {
        const hash = contentHash(snapshot);
        const before = find(sync, snapshot);
        if (before === undefined) {
          put({ ...NEW, ...withoutRaw(snapshot), sync, hash, readRun: run, readAt: now });
          continue;
        }
        const met = why === 'reading' ? { ...before, readRun: run, readAt: now } : before;
        const seen = before.seenAt ?? before.changedAt;
        if (before.hash === hash) {
          const { version, changedAt } = snapshot;
          put(seen < changedAt ? { ...met, version, seenAt: changedAt } : met);
        } else if (snapshot.changedAt >= seen || before.deleted) {
          if (snapshot.changedAt >= seen) noteSeen(tables, run, before, snapshot);
          const sameFields = canonical(before.fields) === canonical(snapshot.fields);
          const changedAt = sameFields ? before.changedAt : snapshot.changedAt;
          put({
            ...{ ...before, ...withoutRaw(snapshot), readRun: run, readAt: now },
            ...{ changedAt, seenAt: snapshot.changedAt, hash, dirty: true },
          });
        } else put(met);
      }
    },

    async notMet(sync, run, crm, limit) {
      const known = living(sync, crm);
      const missed = known.filter((row) => row.readRun !== run).map((row) => row.id);
      return { ids: missed.sort(ascending).slice(0, limit), known: known.length };
    },

    async markDeleted(sync, run, crm, ids, now) {
      for (const row of living(sync, crm))
        if (ids.includes(row.id))
          put({ ...row, deleted: true, dirty: true, hash: 'deleted', readRun: run, readAt: now });
    },

    async dropUnwritten(sync, run) {
      for (const row of changes.where((one) => one.sync === sync && one.run !== run)) {
        if (row.state !== 'planned' && row.state !== 'sending' && row.state !== 'moved') continue;
        changes.put(String(row.change), { ...row, state: 'dropped' });
        snapshots.patch(recordKey(sync, row.crm, row.id), { dirty: true });
      }
      for (const row of tables.creations.where((one) => one.sync === sync && one.run !== run)) {
        if (row.state !== 'planned') continue;
        tables.creations.put(String(row.creation), { ...row, state: 'dropped' });
        snapshots.patch(recordKey(sync, row.source.crm, row.source.id), { dirty: true });
      }
    },

    async refreshStatistics() {},

    async countRecords(sync) {
      const counts: Record<Crm, number> = {};
      for (const row of snapshots.where((one) => one.sync === sync && !one.deleted))
        counts[row.crm] = (counts[row.crm] ?? 0) + 1;
      return counts;
    },

    async cursor(sync, crm) {
      return cursors.get(`${sync}/${crm}`) ?? null;
    },

    async saveCursor(sync, crm, mark, now, full) {
      const before = cursors.get(`${sync}/${crm}`);
      const first = before === undefined;
      cursors.put(`${sync}/${crm}`, {
        mark,
        fullAt: full ? now : (before?.fullAt ?? null),
        fullRows: full || first ? living(sync, crm).length : before.fullRows,
      });
    },

    async linkBatch(sync, after, limit, named) {
      const at = after.indexOf(':');
      const from = { crm: after.slice(0, Math.max(0, at)), id: after.slice(at + 1) };
      const all = snapshots.where((row) => row.sync === sync);
      const events = tables.inbox.where((event) => event.run === named);
      const own = new Set(events.map(refKey));
      const pointed = new Set(events.map((event) => event.id));
      const takesPart = (row: SnapshotRow): boolean =>
        named === undefined ||
        own.has(refKey(row)) ||
        (row.linkedId !== null &&
          pointed.has(row.linkedId) &&
          cursors.get(`${sync}/${row.crm}`) !== undefined);
      const seeds = all
        .filter(takesPart)
        .filter((row) => row.pair === null && !row.deleted && (row.pairKey !== null || row.linkedId !== null))
        .filter((row) => byRef(row, from) > 0)
        .sort(byRef)
        .slice(0, limit);
      if (seeds.length === 0) return { rows: [], next: null };
      const keys = new Set(seeds.flatMap((seed) => seed.pairKey ?? []));
      const targets = new Set(seeds.flatMap((seed) => seed.linkedId ?? []));
      const known = (row: SnapshotRow): boolean => cursors.get(`${sync}/${row.crm}`) !== undefined;
      const others = all.filter(
        (row) =>
          (row.pair === null && row.pairKey !== null && keys.has(row.pairKey)) ||
          (row.pair !== null && keys.has(row.pair)) ||
          (known(row) && (targets.has(row.id) || (row.linkedId !== null && targets.has(row.linkedId)))),
      );
      const found = new Map([...seeds, ...others].map((row) => [refKey(row), row]));
      const ids = new Set([...found.values()].map((row) => row.id));
      for (const row of all)
        if (known(row) && row.linkedId !== null && ids.has(row.linkedId)) found.set(refKey(row), row);
      const last = seeds[seeds.length - 1];
      const next = seeds.length < limit || last === undefined ? null : `${last.crm}:${last.id}`;
      return { rows: [...found.values()].map(toLinkRow), next };
    },

    async savePairs(sync, _run, list) {
      const free = list.filter((pair) =>
        pair.members.every((member) => {
          const row = find(sync, member);
          return row !== undefined && row.pair === null;
        }),
      );
      for (const { key, how, members } of free) {
        if (pairs.get(pairRowKey(sync, key)) === undefined)
          pairs.put(pairRowKey(sync, key), { sync, pair: key, how, base: {} });
        for (const member of members) {
          const row = find(sync, member);
          if (row === undefined || row.pair !== null) continue;
          const bearers = living(sync, member.crm).filter((other) => other.pair === key);
          if (!row.deleted && bearers.length > 0)
            throw new Error('duplicate key value violates unique constraint "snapshots_one_per_side"');
          put({ ...row, pair: key, dirty: true });
        }
      }
    },

    async noteAmbiguous(sync, run, refs) {
      for (const ref of refs)
        snapshots.patch(recordKey(sync, ref.crm, ref.id), { notes: [AMBIGUOUS], dirty: true, readRun: run });
    },
  };
}

const NEW = {
  seenAt: null,
  settledAt: null,
  pair: null,
  dirty: true,
  outcome: null,
  outcomeRun: null,
  notes: null,
  verdict: null,
} as const;

function withoutRaw(snapshot: Snapshot): Omit<Snapshot, 'raw'> {
  const { raw: _raw, ...rest } = snapshot;
  return rest;
}

/** Equal whatever the order of keys, as jsonb compares. */
function canonical(fields: Snapshot['fields']): string {
  return JSON.stringify(Object.entries(fields).sort(([x], [y]) => ascending(x, y)));
}

/** The same record may come twice in a page: its newest version counts, of equal ones the later. */
function newestOfEach(list: readonly Snapshot[]): Snapshot[] {
  const newest = new Map<string, Snapshot>();
  for (const snapshot of list) {
    const other = newest.get(refKey(snapshot));
    if (other === undefined || snapshot.changedAt >= other.changedAt) newest.set(refKey(snapshot), snapshot);
  }
  return [...newest.values()];
}

function toLinkRow({ crm, id, pairKey, linkedId, pair, deleted }: SnapshotRow): LinkRow {
  return { crm, id, pairKey, linkedId, pair, deleted };
}
