import type { Crm, EpochMs, PairKey, RecordId } from '../core/ids.ts';
import type { DissolvedPair, PairDecision } from '../core/pairing-decisions.ts';
import type { Absorbing } from '../core/pairing-redirects.ts';
import type { StoreTx } from '../core/store-port.ts';
import type { PairingState } from '../core/store-rows.ts';
import { named } from './inbox.ts';
import { type Executor, json, rows, sql } from './sql.ts';

type Decisions = Pick<
  StoreTx,
  | 'standingDecisions'
  | 'addDecisions'
  | 'endDecisions'
  | 'resolveRecords'
  | 'dissolvePairs'
  | 'restorePair'
  | 'absorbing'
  | 'namedAbsorbs'
  | 'redirectRecords'
>;

interface DecisionRecord {
  id: string | number;
  batch: string;
  first_crm: Crm;
  first_id: RecordId;
  second_crm: Crm;
  second_id: RecordId;
  decision: PairDecision;
  dissolved: DissolvedPair | null;
  by_whom: string;
  at: EpochMs;
}

interface StateRecord {
  asked: string;
  crm: Crm;
  id: RecordId;
  deleted: boolean;
  pair: PairKey | null;
  other_crm: Crm | null;
  other_id: RecordId | null;
}

/** What people decided about pairs, and what follows from merges inside a CRM. */
export function pairDecisions(db: Executor): Decisions {
  return {
    async standingDecisions(sync, kinds) {
      const found = await rows<DecisionRecord>(
        db,
        sql`select id, batch, first_crm, first_id, second_crm, second_id, decision, dissolved, by_whom, at
            from pair_decisions where sync = ${sync} and ended_at is null and decision = any(${[...kinds]}) order by id`,
      );
      return found.map((row) => ({
        id: String(row.id),
        batch: row.batch,
        refs: [
          { crm: row.first_crm, id: row.first_id },
          { crm: row.second_crm, id: row.second_id },
        ] as const,
        decision: row.decision,
        dissolved: row.dissolved,
        by: row.by_whom,
        at: row.at,
      }));
    },

    async addDecisions(sync, batch, by, now, decisions) {
      if (decisions.length === 0) return;
      const list = decisions.map(({ refs: [first, second], decision, dissolved }) => ({
        ...{ c1: first.crm, i1: first.id, c2: second.crm, i2: second.id },
        ...{ decision, dissolved },
      }));
      // The latest word counts; what was said before stays in the record.
      await rows(
        db,
        sql`update pair_decisions d set ended_by = ${by}, ended_at = ${now}
            from json_to_recordset(${json(list)}) as n (c1 text, i1 text, c2 text, i2 text)
            where d.sync = ${sync} and d.ended_at is null and d.first_crm = n.c1 and d.first_id = n.i1
              and d.second_crm = n.c2 and d.second_id = n.i2`,
      );
      await rows(
        db,
        sql`insert into pair_decisions (sync, batch, first_crm, first_id, second_crm, second_id, decision, dissolved,
              by_whom, at)
            select ${sync}, ${batch}, n.c1, n.i1, n.c2, n.i2, n.decision, n.dissolved, ${by}, ${now}
            from json_to_recordset(${json(list)}) as n (c1 text, i1 text, c2 text, i2 text, decision text,
              dissolved json)`,
      );
    },

    async endDecisions(ids, by, now) {
      await rows(
        db,
        sql`update pair_decisions set ended_by = ${by}, ended_at = ${now}
            where id = any(${ids.map(Number)}::bigint[]) and ended_at is null`,
      );
    },

    async resolveRecords(sync, ids) {
      const found = await rows<StateRecord>(
        db,
        sql`select s.asked, s.crm, s.id, s.deleted, s.pair, o.crm as other_crm, o.id as other_id
            from (select a.asked, s.* from unnest(${[...new Set(ids)]}::text[]) as a (asked)
                  join snapshots s on s.sync = ${sync} and s.id = a.asked
                  where s.crm = any(array(select crm from cursors where sync = ${sync}))
                  union all
                  select a.asked, s.* from unnest(${[...new Set(ids)].filter((id) => id.length === 15)}::text[]) as a (asked)
                  join snapshots s on s.sync = ${sync} and starts_with(s.id, a.asked) and length(s.id) = 18) s
            left join snapshots o on o.sync = s.sync and o.pair = s.pair and o.crm <> s.crm and not o.deleted
            order by s.crm, s.id`,
      );
      return found.map(toState);
    },

    async dissolvePairs(sync, keys) {
      const found = await rows<{ pair: PairKey; how: string; base: DissolvedPair['base'] }>(
        db,
        sql`delete from pairs where sync = ${sync} and pair = any(${[...keys]}) returning pair, how, base`,
      );
      await rows(
        db,
        sql`update snapshots set pair = null, dirty = true where sync = ${sync} and pair = any(${[...keys]})`,
      );
      await rows(db, sql`delete from conflicts where sync = ${sync} and pair = any(${[...keys]})`);
      return new Map(found.map(({ pair, how, base }) => [pair, { key: pair, how, base }]));
    },

    async restorePair(sync, run, pair, refs, by, now) {
      await rows(
        db,
        sql`insert into pairs (sync, pair, how, made_by, made_at, run, base)
            values (${sync}, ${pair.key}, ${pair.how}, ${by}, ${now}, ${run}, ${JSON.stringify(pair.base)}::jsonb)
            on conflict (sync, pair) do nothing`,
      );
      await rows(
        db,
        sql`update snapshots s set pair = ${pair.key}, dirty = true
            from json_to_recordset(${json(refs)}) as r (crm text, id text)
            where s.sync = ${sync} and s.crm = r.crm and s.id = r.id and s.pair is null`,
      );
    },

    async absorbing(sync, crm) {
      const found = await rows<Absorbing>(
        db,
        sql`select id, absorbed, deleted from snapshots
            where sync = ${sync} and crm = ${crm} and absorbed::text <> '[]' order by id`,
      );
      return found;
    },

    async namedAbsorbs(sync, run, crm) {
      const found = await rows(
        db,
        sql`select 1 from ${named(run)} n join snapshots s on s.sync = ${sync} and s.crm = n.crm and s.id = n.record
            where n.crm = ${crm} and s.absorbed::text <> '[]' limit 1`,
      );
      return found.length > 0;
    },

    async redirectRecords(sync, run, crm, ends, now) {
      const list = [...ends].map(([old, survivor]) => ({ old, survivor }));
      if (list.length === 0) return 0;
      const redirects = sql`json_to_recordset(${json(list)}) as r (old text, survivor text)`;
      await rows(
        db,
        sql`insert into redirects (sync, crm, old_id, new_id, run, at)
            select ${sync}, ${crm}, r.old, r.survivor, ${run}, ${now} from ${redirects}
            on conflict (sync, crm, old_id) do update set new_id = excluded.new_id
              where redirects.new_id <> excluded.new_id`,
      );
      // Only where one pair asks for the survivor, and the survivor has none: anything else is for a person.
      const moved = await rows<{ old: RecordId; survivor: RecordId; pair: PairKey }>(
        db,
        sql`select min(r.old) as old, r.survivor, min(o.pair) as pair from ${redirects}
            join snapshots o on o.sync = ${sync} and o.crm = ${crm} and o.id = r.old and o.pair is not null
            join snapshots s on s.sync = ${sync} and s.crm = ${crm} and s.id = r.survivor and s.pair is null
              and not s.deleted
            group by r.survivor having count(distinct o.pair) = 1`,
      );
      const pairs = json(moved);
      await rows(
        db,
        sql`update snapshots s set pair = null, dirty = true
            from json_to_recordset(${pairs}) as m (old text, survivor text, pair text)
            where s.sync = ${sync} and s.crm = ${crm} and s.pair = m.pair`,
      );
      await rows(
        db,
        sql`update snapshots s set pair = m.pair, dirty = true
            from json_to_recordset(${pairs}) as m (old text, survivor text, pair text)
            where s.sync = ${sync} and s.crm = ${crm} and s.id = m.survivor`,
      );
      await rows(
        db,
        sql`update snapshots s set dirty = true
            from json_to_recordset(${pairs}) as m (old text, survivor text, pair text)
            where s.sync = ${sync} and s.pair = m.pair`,
      );
      await followDecisions(db, sync, crm, list, now);
      return moved.length;
    },
  };
}

/** What was decided about a record that was merged away holds for the one it became, unless that one has a word of its own. */
async function followDecisions(
  db: Executor,
  sync: string,
  crm: Crm,
  list: readonly { readonly old: RecordId; readonly survivor: RecordId }[],
  now: EpochMs,
): Promise<void> {
  await rows(
    db,
    sql`insert into pair_decisions (sync, batch, first_crm, first_id, second_crm, second_id, decision, by_whom, at)
        select d.sync, min(d.batch), d.first_crm, f.id, d.second_crm, g.id, min(d.decision), min(d.by_whom), ${now}
        from pair_decisions d
        join json_to_recordset(${json(list)}) as r (old text, survivor text)
          on (d.first_crm = ${crm} and d.first_id = r.old) or (d.second_crm = ${crm} and d.second_id = r.old)
        cross join lateral (select case when d.first_crm = ${crm} then r.survivor else d.first_id end) as f (id)
        cross join lateral (select case when d.second_crm = ${crm} then r.survivor else d.second_id end) as g (id)
        where d.sync = ${sync} and d.ended_at is null and d.decision in ('apart', 'rejected')
        group by d.sync, d.first_crm, f.id, d.second_crm, g.id
        on conflict do nothing`,
  );
}

function toState(found: StateRecord): PairingState {
  const { other_crm, other_id } = found;
  return {
    asked: found.asked,
    crm: found.crm,
    id: found.id,
    deleted: found.deleted,
    pair: found.pair,
    counterpart: other_crm === null || other_id === null ? null : { crm: other_crm, id: other_id },
  };
}
