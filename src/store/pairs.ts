import type { Crm, PairKey, RecordId } from '../core/ids.ts';
import { noteOf } from '../core/note-sentences.ts';
import type { LinkRow } from '../core/pairing.ts';
import type { StoreTx } from '../core/store-port.ts';
import { named as namedBy } from './inbox.ts';
import { type Executor, json, rows, sql } from './sql.ts';

type Pairs = Pick<StoreTx, 'linkBatch' | 'savePairs' | 'noteAmbiguous'>;

interface LinkRecord {
  crm: Crm;
  id: RecordId;
  pair_key: string | null;
  linked_id: RecordId | null;
  pair: PairKey | null;
  deleted: boolean;
}

/** Links between records of different CRMs. */
export function pairs(db: Executor): Pairs {
  return {
    async linkBatch(sync, after, limit, named) {
      const at = after.indexOf(':');
      const seeds = await rows<LinkRecord>(
        db,
        sql`select crm, id, pair_key, linked_id, pair, deleted from snapshots
            where sync = ${sync} and pair is null and not deleted
              and (pair_key is not null or linked_id is not null)
              ${named === undefined ? sql`` : await claimsOfNamed(db, sync, named)}
              and (crm, id) > (${after.slice(0, Math.max(0, at))}, ${after.slice(at + 1)})
            order by crm, id limit ${limit}`,
      );
      if (seeds.length === 0) return { rows: [], next: null };
      const keys = seeds.flatMap((seed) => seed.pair_key ?? []);
      const targets = seeds.flatMap((seed) => seed.linked_id ?? []);
      const columns = sql`select crm, id, pair_key, linked_id, pair, deleted from snapshots where sync = ${sync}`;
      const crms = sql`crm = any(array(select crm from cursors where sync = ${sync}))`;
      // Whoever shares a key, is pointed at, or points at the same record takes part in the claim.
      const others = await rows<LinkRecord>(
        db,
        sql`${columns} and pair is null and pair_key = any(${keys})
            union ${columns} and pair = any(${keys})
            union ${columns} and ${crms} and id = any(${targets})
            union ${columns} and ${crms} and linked_id = any(${targets})`,
      );
      const unique = new Map([...seeds, ...others].map((found) => [`${found.crm}:${found.id}`, found]));
      // A link on any of them may contradict their own: without it the answer would depend on where a batch ends.
      const claimants = await rows<LinkRecord>(
        db,
        sql`${columns} and ${crms} and linked_id = any(${[...unique.values()].map((found) => found.id)})`,
      );
      for (const found of claimants) unique.set(`${found.crm}:${found.id}`, found);
      const last = seeds[seeds.length - 1];
      return {
        rows: [...unique.values()].map(toLinkRow),
        next: seeds.length < limit || last === undefined ? null : `${last.crm}:${last.id}`,
      };
    },

    async savePairs(sync, run, list, by, now) {
      const members = list.flatMap((pair) => pair.members.map((member) => ({ ...member, pair: pair.key })));
      // Half a pair would look like one whose other side was deleted: both are free, or nothing is paired.
      const free = await rows<{ pair: PairKey }>(
        db,
        sql`select m.pair from json_to_recordset(${json(members)}) as m (crm text, id text, pair text)
            join snapshots s on s.sync = ${sync} and s.crm = m.crm and s.id = m.id
            where s.pair is null group by m.pair having count(*) = 2`,
      );
      const keys = new Set(free.map((entry) => entry.pair));
      if (keys.size === 0) return;
      await rows(
        db,
        sql`insert into pairs (sync, pair, how, made_by, made_at, run)
            select ${sync}, p.key, p.how, ${by}, ${now}, ${run}
            from json_to_recordset(${json(list.filter((pair) => keys.has(pair.key)))}) as p (key text, how text)
            on conflict (sync, pair) do nothing`,
      );
      await rows(
        db,
        sql`update snapshots s set pair = m.pair, dirty = true
            from json_to_recordset(${json(members.filter((member) => keys.has(member.pair)))})
              as m (crm text, id text, pair text)
            where s.sync = ${sync} and s.crm = m.crm and s.id = m.id and s.pair is null`,
      );
    },

    async noteAmbiguous(sync, run, refs) {
      await rows(
        db,
        sql`update snapshots s set notes = ${json([AMBIGUOUS])}, dirty = true, read_run = ${run}
            from json_to_recordset(${json(refs)}) as m (crm text, id text)
            where s.sync = ${sync} and s.crm = m.crm and s.id = m.id`,
      );
    },
  };
}

/** Condition for the records named by the events of a run, and for those whose link points at one of them. */
async function claimsOfNamed(db: Executor, sync: string, run: string) {
  const found = await rows<{ crm: Crm; id: RecordId }>(
    db,
    sql`select n.crm, n.record as id from ${namedBy(run)} n
        union
        select s.crm, s.id from snapshots s
        where s.sync = ${sync} and s.crm = any(array(select crm from cursors where sync = ${sync}))
          and s.linked_id = any(array(select record from ${namedBy(run)} n)) and s.pair is null`,
  );
  return sql`and (crm, id) in (select crm, id from json_to_recordset(${json(found)}) as c (crm text, id text))`;
}

/** What is noted on a record whose key or link several records claim. */
export const AMBIGUOUS = noteOf('ambiguous_link');

function toLinkRow(found: LinkRecord): LinkRow {
  return {
    crm: found.crm,
    id: found.id,
    pairKey: found.pair_key,
    linkedId: found.linked_id,
    pair: found.pair,
    deleted: found.deleted,
  };
}
