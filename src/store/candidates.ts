import type { Crm, RecordId } from '../core/ids.ts';
import { inOrder } from '../core/pairing-decisions.ts';
import type { StoreTx } from '../core/store-port.ts';
import type { MatchRow } from '../core/store-rows.ts';
import { ACCOUNT_NAME_OF } from './findings.ts';
import { type Executor, json, row, rows, sql } from './sql.ts';

type Candidates = Pick<
  StoreTx,
  'matchingBasis' | 'matchRows' | 'saveMatching' | 'candidatesOf' | 'dropCandidates'
>;

const ROWS_PER_STATEMENT = 5_000;

interface LightRecord {
  id: RecordId;
  name: string | null;
  amount: string | null;
  currency: string | null;
  close_date: string | null;
  owner: string | null;
  stage: string | null;
  account: string | null;
  created_at: string | null;
  closed: boolean | null;
  won: boolean | null;
  contested: boolean;
}

/** Pairs proposed by score. */
export function candidates(db: Executor): Candidates {
  return {
    async matchingBasis(sync, settings) {
      // Sums of hashes need no order, and no list of a hundred thousand ids in memory.
      const found = await row<{ basis: string; known: string | null }>(
        db,
        sql`select ${settings}::text || ' ' || (select count(*) || ' '
                || coalesce(sum(hashtextextended(crm || id || hash || coalesce(notes #>> '{0,cause}', ''), 0)::numeric), 0)
              from snapshots where sync = ${sync} and pair is null and not deleted)
              || ' ' || (select count(*) || ' ' || coalesce(sum(hashtextextended(crm || account || name, 0)::numeric), 0)
                from accounts where sync = ${sync} and name is not null)
              || ' ' || (select count(*) || ' ' || count(ended_at) from pair_decisions where sync = ${sync}) as basis,
              (select basis from matchings where sync = ${sync}) as known`,
      );
      const basis = found?.basis ?? '';
      return { basis, stands: found?.known === basis };
    },

    async matchRows(sync, crm, after, limit) {
      const found = await rows<LightRecord>(
        db,
        sql`select id, fields ->> 'name' as name, fields ->> 'amount' as amount, fields ->> 'currency' as currency,
              fields ->> 'closeDate' as close_date, fields ->> 'owner' as owner, fields ->> 'stage' as stage,
              ${ACCOUNT_NAME_OF} as account, evidence ->> 'createdAt' as created_at,
              (evidence ->> 'isClosed')::boolean as closed, (evidence ->> 'isWon')::boolean as won,
              coalesce(notes #>> '{0,cause}' = 'ambiguous_link', false) as contested
            from snapshots s
            where sync = ${sync} and crm = ${crm} and id > ${after} and pair is null and not deleted
            order by id limit ${limit}`,
      );
      return found.map(toMatchRow);
    },

    async saveMatching(sync, run, [left, right], matches, duplicates, basis) {
      await rows(
        db,
        sql`insert into matchings (sync, basis, run) values (${sync}, ${basis}, ${run})
            on conflict (sync) do update set basis = excluded.basis, run = excluded.run`,
      );
      await rows(db, sql`delete from candidates where sync = ${sync}`);
      await rows(db, sql`delete from duplicates where sync = ${sync}`);
      for (let start = 0; start < matches.length; start += ROWS_PER_STATEMENT) {
        const portion = matches
          .slice(start, start + ROWS_PER_STATEMENT)
          .map(({ ids, band, score, facts }) => {
            const [first, second] = inOrder({ crm: left, id: ids[0] }, { crm: right, id: ids[1] });
            return { c1: first.crm, i1: first.id, c2: second.crm, i2: second.id, band, score, facts };
          });
        await rows(
          db,
          sql`insert into candidates (sync, first_crm, first_id, second_crm, second_id, band, score, facts, run)
              select ${sync}, m.c1, m.i1, m.c2, m.i2, m.band, m.score, m.facts, ${run}
              from json_to_recordset(${json(portion)}) as m (c1 text, i1 text, c2 text, i2 text, band text,
                score double precision, facts json)`,
        );
      }
      const members = duplicates.flatMap((groups, side) =>
        groups.flatMap((group) =>
          group.map((id) => ({ crm: side === 0 ? left : right, id, leader: group[0] ?? id })),
        ),
      );
      for (let start = 0; start < members.length; start += ROWS_PER_STATEMENT)
        await rows(
          db,
          sql`insert into duplicates (sync, crm, id, leader)
              select ${sync}, d.crm, d.id, d.leader
              from json_to_recordset(${json(members.slice(start, start + ROWS_PER_STATEMENT))})
                as d (crm text, id text, leader text)`,
        );
      // Right after a first matching the planner would take these tables for empty.
      if (matches.length > ROWS_PER_STATEMENT) await rows(db, sql`analyze candidates`);
    },

    async candidatesOf(sync, band) {
      const found = await rows<{ first_crm: Crm; first_id: RecordId; second_crm: Crm; second_id: RecordId }>(
        db,
        sql`select c.first_crm, c.first_id, c.second_crm, c.second_id from candidates c
            join snapshots a on a.sync = c.sync and a.crm = c.first_crm and a.id = c.first_id
            join snapshots b on b.sync = c.sync and b.crm = c.second_crm and b.id = c.second_id
            where c.sync = ${sync} and c.band = ${band} and a.pair is null and b.pair is null
              and not a.deleted and not b.deleted
            order by c.first_id, c.second_id`,
      );
      return found.map(
        (row) =>
          [
            { crm: row.first_crm, id: row.first_id },
            { crm: row.second_crm, id: row.second_id },
          ] as const,
      );
    },

    async dropCandidates(sync, refs) {
      // One end at a time: a condition on either would compare every proposal with every record.
      const named = sql`json_to_recordset(${json(refs)}) as r (crm text, id text)`;
      await rows(
        db,
        sql`delete from candidates c using ${named}
            where c.sync = ${sync} and c.first_crm = r.crm and c.first_id = r.id`,
      );
      await rows(
        db,
        sql`delete from candidates c using ${named}
            where c.sync = ${sync} and c.second_crm = r.crm and c.second_id = r.id`,
      );
    },
  };
}

function toMatchRow(found: LightRecord): MatchRow {
  return {
    id: found.id,
    name: found.name,
    account: found.account,
    amount: found.amount,
    currency: found.currency,
    closeDate: found.close_date,
    createdAt: found.created_at === null ? null : Number(found.created_at),
    owner: found.owner,
    standing: found.closed === null ? null : !found.closed ? 'open' : found.won === true ? 'won' : 'lost',
    stage: found.stage,
    contested: found.contested,
  };
}
