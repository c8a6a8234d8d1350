import { hash } from 'node:crypto';
import type { SafeMark } from '../core/connector-port.ts';
import { type Crm, type RecordId, refKey } from '../core/ids.ts';
import type { Snapshot } from '../core/opportunity.ts';
import type { StoreTx } from '../core/store-port.ts';
import { noteSeen } from './record-history.ts';
import { type Executor, json, row, rows, sql } from './sql.ts';

type Snapshots = Pick<
  StoreTx,
  | 'savePage'
  | 'notMet'
  | 'markDeleted'
  | 'countRecords'
  | 'refreshStatistics'
  | 'dropUnwritten'
  | 'cursor'
  | 'saveCursor'
>;

/** Records that travel in one statement: enough to make its cost small, few enough that its text is no burden. */
const ROWS_PER_STATEMENT = 500;

/** Everything of a snapshot a decision can depend on, as one short text. Versions and raw fields are left out. */
export function contentHash(snapshot: Omit<Snapshot, 'raw'>): string {
  const { deleted, fields, owned, evidence, pairKey, linkedId, absorbedIds } = snapshot;
  return hash(
    'sha1',
    JSON.stringify([deleted, fields, owned, evidence, pairKey, linkedId, absorbedIds]),
    'base64',
  );
}

/** Snapshots of records, and how far each CRM has been read. */
export function snapshots(db: Executor): Snapshots {
  return {
    async savePage(sync, run, list, now, why = 'reading') {
      for (const [crm, page] of byCrm(newestOfEach(list)))
        for (let start = 0; start < page.length; start += ROWS_PER_STATEMENT)
          await saveSome(db, { sync, run, crm, now, why }, page.slice(start, start + ROWS_PER_STATEMENT));
    },

    async notMet(sync, run, crm, limit) {
      const found = await rows<{ id: RecordId }>(
        db,
        sql`select id from snapshots where sync = ${sync} and crm = ${crm} and read_run <> ${run} and not deleted
            order by id limit ${limit}`,
      );
      const known = await row<{ n: number }>(
        db,
        sql`select count(*)::int as n from snapshots where sync = ${sync} and crm = ${crm} and not deleted`,
      );
      return { ids: found.map((entry) => entry.id), known: known?.n ?? 0 };
    },

    async markDeleted(sync, run, crm, ids, now) {
      await rows(
        db,
        sql`update snapshots set deleted = true, dirty = true, hash = 'deleted', read_run = ${run}, read_at = ${now}
            where sync = ${sync} and crm = ${crm} and id = any(${[...ids]}) and not deleted`,
      );
    },

    async refreshStatistics() {
      // A sample of 300 rows per unit has to be read in full, wide as they are: few units tell the order of magnitude just as well.
      await rows(db, sql`select set_config('default_statistics_target', '20', true)`);
      // Only what statements choose rows by: sampling the JSON columns costs a hundred times as much.
      await rows(
        db,
        sql`analyze snapshots (sync, crm, id, pair, dirty, deleted, read_run, outcome_run, linked_id, pair_key), pairs (sync, pair),
              changes (sync, run, crm, record, state, pair)`,
      );
    },

    async countRecords(sync) {
      const found = await rows<{ crm: Crm; n: number }>(
        db,
        sql`select crm, count(*)::int as n from snapshots where sync = ${sync} and not deleted group by crm`,
      );
      return Object.fromEntries(found.map((entry) => [entry.crm, entry.n]));
    },

    async dropUnwritten(sync, run) {
      await rows(
        db,
        sql`with left_over as (
              update changes set state = 'dropped'
              where sync = ${sync} and run <> ${run} and state in ('planned', 'sending', 'moved')
              returning crm, record)
            update snapshots s set dirty = true from left_over l
            where s.sync = ${sync} and s.crm = l.crm and s.id = l.record`,
      );
      // What was sent is not forgotten: it may have come into being.
      await rows(
        db,
        sql`with left_over as (
              update creations set state = 'dropped' where sync = ${sync} and run <> ${run} and state = 'planned'
              returning source_crm, source_id)
            update snapshots s set dirty = true from left_over l
            where s.sync = ${sync} and s.crm = l.source_crm and s.id = l.source_id`,
      );
    },

    async cursor(sync, crm) {
      const found = await row<{ mark: SafeMark; full_at: number | null; full_rows: number | null }>(
        db,
        sql`select mark, full_at, full_rows from cursors where sync = ${sync} and crm = ${crm}`,
      );
      return found === null ? null : { mark: found.mark, fullAt: found.full_at, fullRows: found.full_rows };
    },

    async saveCursor(sync, crm, mark, now, full) {
      await rows(
        db,
        sql`insert into cursors (sync, crm, mark, read_at, full_at, full_rows)
            values (${sync}, ${crm}, ${json(mark)}, ${now}, ${full ? now : null},
              (select count(*) from snapshots where sync = ${sync} and crm = ${crm} and not deleted))
            on conflict (sync, crm) do update set mark = excluded.mark, read_at = excluded.read_at,
              full_at = coalesce(excluded.full_at, cursors.full_at),
              full_rows = case when ${full} then excluded.full_rows else cursors.full_rows end`,
      );
    },
  };
}

interface Page {
  readonly sync: string;
  readonly run: string;
  readonly crm: Crm;
  readonly now: number;
  readonly why: 'reading' | 'look';
}

interface Held {
  readonly id: RecordId;
  readonly hash: string;
  readonly seen: number;
  readonly deleted: boolean;
  readonly met: boolean;
}

async function saveSome(db: Executor, page: Page, list: readonly Snapshot[]): Promise<void> {
  const { sync, run, crm, now } = page;
  const known = await rows<Held>(
    db,
    sql`select id, hash, coalesce(seen_at, changed_at) as seen, deleted, read_run = ${run} as met from snapshots
        where sync = ${sync} and crm = ${crm} and id = any(${list.map((snapshot) => snapshot.id)})`,
  );
  const held = new Map(known.map((entry) => [entry.id, entry]));
  const fresh: ReturnType<typeof toRecord>[] = [];
  const changed: ReturnType<typeof toRecord>[] = [];
  const touched: { id: RecordId; version: string; seen: number }[] = [];
  const met: RecordId[] = [];
  for (const snapshot of list) {
    const content = contentHash(snapshot);
    const before = held.get(snapshot.id);
    if (before !== undefined && before.hash === content) {
      if (before.seen < snapshot.changedAt)
        touched.push({ id: snapshot.id, version: snapshot.version, seen: snapshot.changedAt });
      else if (!before.met) met.push(snapshot.id);
    } else if (before === undefined || before.seen <= snapshot.changedAt || before.deleted) {
      const record = { ...toRecord(snapshot), hash: content };
      fresh.push(record);
      if (before !== undefined && before.seen <= snapshot.changedAt) changed.push(record);
    } else if (!before.met) met.push(snapshot.id);
  }
  await noteSeen(db, sync, run, crm, changed);
  if (met.length > 0 && page.why === 'reading')
    await rows(
      db,
      sql`update snapshots set read_run = ${run}, read_at = ${now}
          where sync = ${sync} and crm = ${crm} and id = any(${met})`,
    );
  if (touched.length > 0) await touch(db, page, touched);
  if (fresh.length > 0) await upsert(db, sync, run, crm, fresh, now);
}

/** Newer versions that say nothing new: kept in mind, so that one from in between is known to be old when it comes late. */
async function touch(db: Executor, page: Page, list: readonly unknown[]): Promise<void> {
  const met = page.why === 'reading' ? sql`, read_run = ${page.run}, read_at = ${page.now}` : sql``;
  await rows(
    db,
    sql`update snapshots s set version = t.version, seen_at = t.seen ${met}
        from json_to_recordset(${json(list)}) as t (id text, version text, seen bigint)
        where s.sync = ${page.sync} and s.crm = ${page.crm} and s.id = t.id`,
  );
}

/** A record never goes back to an older version: a lagging search index must not undo what a consistent read showed. */
async function upsert(
  db: Executor,
  sync: string,
  run: string,
  crm: Crm,
  records: readonly unknown[],
  now: number,
): Promise<void> {
  await rows(
    db,
    sql`insert into snapshots as s (sync, crm, id, version, changed_at, deleted, fields, owned, evidence, raw,
          pair_key, linked_id, absorbed, hash, dirty, read_run, read_at)
        select ${sync}, ${crm}, r.id, r.version, r.changed_at, r.deleted, r.fields, r.owned, r.evidence, r.raw,
          r.pair_key, r.linked_id, r.absorbed, r.hash, true, ${run}, ${now}
        from json_to_recordset(${json(records)}) as r (id text, version text, changed_at bigint, deleted boolean,
          fields json, owned json, evidence json, raw json, pair_key text, linked_id text, absorbed json, hash text)
        on conflict (sync, crm, id) do update set version = excluded.version, seen_at = excluded.changed_at,
          changed_at = case when s.fields::jsonb = excluded.fields::jsonb then s.changed_at
            else excluded.changed_at end,
          deleted = excluded.deleted, fields = excluded.fields, owned = excluded.owned, evidence = excluded.evidence,
          raw = excluded.raw, pair_key = excluded.pair_key, linked_id = excluded.linked_id,
          absorbed = excluded.absorbed, hash = excluded.hash, dirty = true,
          read_run = excluded.read_run, read_at = excluded.read_at
        where excluded.changed_at >= coalesce(s.seen_at, s.changed_at) or s.deleted`,
  );
}

function toRecord(snapshot: Snapshot) {
  return {
    id: snapshot.id,
    version: snapshot.version,
    changed_at: snapshot.changedAt,
    deleted: snapshot.deleted,
    fields: snapshot.fields,
    owned: snapshot.owned,
    evidence: snapshot.evidence,
    raw: snapshot.raw,
    pair_key: snapshot.pairKey,
    linked_id: snapshot.linkedId,
    absorbed: snapshot.absorbedIds,
  };
}

/** The same record may come twice in a page (overlapping windows): its newest version counts, of equal ones the later. */
function newestOfEach(list: readonly Snapshot[]): Snapshot[] {
  const newest = new Map<string, Snapshot>();
  for (const snapshot of list) {
    const other = newest.get(refKey(snapshot));
    if (other === undefined || snapshot.changedAt >= other.changedAt) newest.set(refKey(snapshot), snapshot);
  }
  return [...newest.values()];
}

function byCrm(list: readonly Snapshot[]): Map<Crm, Snapshot[]> {
  const groups = new Map<Crm, Snapshot[]>();
  for (const snapshot of list) {
    const group = groups.get(snapshot.crm) ?? [];
    group.push(snapshot);
    groups.set(snapshot.crm, group);
  }
  return groups;
}
