/** Proposals by score and what people decided about pairs: the meaning of src/store/candidates.ts and pair-decisions.ts. */
import { type RecordRef, refKey } from '../../src/core/ids.ts';
import { inOrder, pairOfRefs } from '../../src/core/pairing-decisions.ts';
import type { StoreTx } from '../../src/core/store-port.ts';
import type { MatchRow } from '../../src/core/store-rows.ts';
import {
  ascending,
  type DecisionRow,
  pairRowKey,
  recordKey,
  type SnapshotRow,
  Table,
  type Tables,
} from './memory-store-tables.ts';

type Pairing = Pick<
  StoreTx,
  | 'matchingBasis'
  | 'matchRows'
  | 'saveMatching'
  | 'candidatesOf'
  | 'dropCandidates'
  | 'standingDecisions'
  | 'addDecisions'
  | 'endDecisions'
  | 'resolveRecords'
  | 'dissolvePairs'
  | 'restorePair'
  | 'absorbing'
  | 'namedAbsorbs'
  | 'redirectRecords'
  | 'saveMeasures'
>;

export function pairingInMemory(tables: Tables): Pairing {
  const { snapshots, pairs, conflicts, cursors, candidates, duplicates, decisions } = tables;
  /** What the proposals of a sync were made from. */
  const matchings = new Table<string>(tables.undo);
  const put = (row: SnapshotRow): void => snapshots.put(recordKey(row.sync, row.crm, row.id), row);
  const isFree = (sync: string, ref: RecordRef): boolean => {
    const row = snapshots.get(recordKey(sync, ref.crm, ref.id));
    return row !== undefined && row.pair === null && !row.deleted;
  };
  const standing = (sync: string): DecisionRow[] =>
    decisions.where((row) => row.sync === sync && !row.ended).sort((x, y) => Number(x.id) - Number(y.id));

  return {
    async matchingBasis(sync, settings) {
      const single = snapshots.where((row) => row.sync === sync && row.pair === null && !row.deleted);
      const content = single.map(({ crm, id, hash, notes }) => [crm, id, hash, notes?.[0]?.cause ?? '']);
      const said = decisions.where((row) => row.sync === sync);
      const counts = [said.length, said.filter((row) => row.ended).length];
      const basis = JSON.stringify([settings, content.map((one) => one.join(' ')).sort(ascending), counts]);
      return { basis, stands: matchings.get(sync) === basis };
    },

    async matchRows(sync, crm, after, limit) {
      return snapshots
        .where(
          (row) =>
            row.sync === sync && row.crm === crm && row.pair === null && !row.deleted && row.id > after,
        )
        .sort((x, y) => ascending(x.id, y.id))
        .slice(0, limit)
        .map(toMatchRow);
    },

    async saveMatching(sync, _run, [left, right], matches, twins, basis) {
      matchings.put(sync, basis);
      for (const row of candidates.where((one) => one.sync === sync))
        candidates.remove(keyOf(sync, row.refs));
      for (const row of duplicates.where((one) => one.sync === sync))
        duplicates.remove(recordKey(sync, row.crm, row.id));
      for (const [side, groups] of twins.entries())
        for (const group of groups)
          for (const id of group) {
            const crm = side === 0 ? left : right;
            duplicates.put(recordKey(sync, crm, id), { sync, crm, id, leader: group[0] ?? id });
          }
      for (const { ids, band } of matches) {
        const refs = inOrder({ crm: left, id: ids[0] }, { crm: right, id: ids[1] });
        candidates.put(keyOf(sync, refs), { sync, refs, band });
      }
    },

    async candidatesOf(sync, band) {
      return candidates
        .where((row) => row.sync === sync && row.band === band && row.refs.every((ref) => isFree(sync, ref)))
        .map((row) => row.refs)
        .sort(([a, b], [c, d]) => ascending(a.id, c.id) || ascending(b.id, d.id));
    },

    async dropCandidates(sync, refs) {
      const named = new Set(refs.map(refKey));
      for (const row of candidates.where((one) => one.sync === sync))
        if (row.refs.some((ref) => named.has(refKey(ref)))) candidates.remove(keyOf(sync, row.refs));
    },

    async standingDecisions(sync, kinds) {
      return standing(sync)
        .filter(({ decision }) => kinds.includes(decision))
        .map(({ sync: _sync, ended: _ended, ...decision }) => decision);
    },

    async addDecisions(sync, batch, by, now, list) {
      for (const decision of list) {
        for (const row of standing(sync))
          if (pairOfRefs(...row.refs) === pairOfRefs(...decision.refs))
            decisions.put(row.id, { ...row, ended: true });
        const id = String(tables.nextId('decision'));
        decisions.put(id, { ...decision, id, sync, batch, by, at: now, ended: false });
      }
    },

    async endDecisions(ids) {
      for (const id of ids) decisions.patch(id, { ended: true });
    },

    async resolveRecords(sync, ids) {
      const known = snapshots.where(
        (row) => row.sync === sync && cursors.get(`${sync}/${row.crm}`) !== undefined,
      );
      return [...new Set(ids)].flatMap((asked) =>
        known
          .filter(
            ({ id }) => id === asked || (asked.length === 15 && id.length === 18 && id.startsWith(asked)),
          )
          .map(({ crm, id, deleted, pair }) => {
            const other =
              pair === null
                ? undefined
                : known.find((row) => row.pair === pair && row.crm !== crm && !row.deleted);
            const counterpart = other === undefined ? null : { crm: other.crm, id: other.id };
            return { asked, crm, id, deleted, pair, counterpart };
          }),
      );
    },

    async dissolvePairs(sync, keys) {
      const gone = keys.flatMap((key) => pairs.get(pairRowKey(sync, key)) ?? []);
      for (const { pair } of gone) pairs.remove(pairRowKey(sync, pair));
      for (const row of snapshots.where(
        (one) => one.sync === sync && one.pair !== null && keys.includes(one.pair),
      ))
        put({ ...row, pair: null, dirty: true });
      for (const row of conflicts.where((one) => one.sync === sync && keys.includes(one.pair)))
        conflicts.remove(`${sync}/${row.pair}/${row.field}`);
      return new Map(gone.map(({ pair, how, base }) => [pair, { key: pair, how, base }]));
    },

    async restorePair(sync, _run, { key, how, base }, refs) {
      if (pairs.get(pairRowKey(sync, key)) === undefined)
        pairs.put(pairRowKey(sync, key), { sync, pair: key, how, base });
      for (const ref of refs) {
        const row = snapshots.get(recordKey(sync, ref.crm, ref.id));
        if (row !== undefined && row.pair === null) put({ ...row, pair: key, dirty: true });
      }
    },

    async absorbing(sync, crm) {
      return snapshots
        .where((row) => row.sync === sync && row.crm === crm && row.absorbedIds.length > 0)
        .map(({ id, absorbedIds, deleted }) => ({ id, absorbed: absorbedIds, deleted }));
    },

    async namedAbsorbs(sync, run, crm) {
      return tables.inbox
        .where((event) => event.run === run && event.crm === crm)
        .some(({ id }) => (snapshots.get(recordKey(sync, crm, id))?.absorbedIds.length ?? 0) > 0);
    },

    async redirectRecords(sync, _run, crm, ends) {
      const find = (id: string): SnapshotRow | undefined => snapshots.get(recordKey(sync, crm, id));
      let moved = 0;
      for (const [survivor, olds] of Map.groupBy(ends.keys(), (old) => ends.get(old) ?? '')) {
        const asking = new Set(olds.flatMap((old) => find(old)?.pair ?? []));
        const [pair] = asking;
        const to = find(survivor);
        if (asking.size !== 1 || pair === undefined || to === undefined || to.pair !== null || to.deleted)
          continue;
        for (const row of snapshots.where((one) => one.sync === sync && one.pair === pair))
          put({ ...row, pair: row.crm === crm ? null : pair, dirty: true });
        put({ ...to, pair, dirty: true });
        moved += 1;
      }
      return moved;
    },

    /** The series is read by reports only. */
    async saveMeasures() {},
  };
}

function keyOf(sync: string, refs: readonly [RecordRef, RecordRef]): string {
  return `${sync}/${pairOfRefs(...refs)}`;
}

function toMatchRow({ id, fields, evidence, notes }: SnapshotRow): MatchRow {
  const text = (field: string): string | null => fields[field] ?? null;
  const account = evidence.custom?.['accountName'];
  return {
    id,
    name: text('name'),
    account: typeof account === 'string' ? account : null,
    amount: text('amount'),
    currency: text('currency'),
    closeDate: text('closeDate'),
    createdAt: evidence.createdAt ?? null,
    owner: text('owner'),
    standing: standingOf(evidence.isClosed ?? null, evidence.isWon ?? null),
    stage: text('stage'),
    contested: notes?.[0]?.cause === 'ambiguous_link',
  };
}

function standingOf(closed: boolean | null, won: boolean | null): MatchRow['standing'] {
  if (closed === null) return null;
  return !closed ? 'open' : won === true ? 'won' : 'lost';
}
