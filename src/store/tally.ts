import type { RawBuilder } from 'kysely';
import type { Crm } from '../core/ids.ts';
import { type Attention, OUTCOMES, type RecordOutcome } from '../core/report.ts';
import type { StoreTx } from '../core/store-port.ts';
import { named } from './inbox.ts';
import { type Executor, json, row, rows, sql } from './sql.ts';

type Tally = Pick<StoreTx, 'tally' | 'tallyNamed' | 'unsettled'>;

/** Counts for the report, always from the rows themselves, never from counters kept on the way. */
export function tally(db: Executor): Tally {
  return {
    async tally(sync, run) {
      // What an earlier run changed and nothing has moved since is as it should be.
      const counts = await rows<OutcomeCount>(
        db,
        sql`select crm, case when outcome <> 'changed' or outcome_run = ${run} then outcome
                when pair is null then 'unpaired' else 'in_sync' end as outcome,
              (outcome_run = ${run} or not dirty) as fresh, count(*)::int as n
            from snapshots where sync = ${sync} and read_run = ${run} group by 1, 2, 3`,
      );
      // Each verdict is parsed once; the few kinds there are get counted.
      const verdicts = await row<Record<'active' | 'won' | 'lost' | 'cancelled' | 'unknown', number>>(
        db,
        sql`with kinds as materialized (
              select v.status, v.outcome, count(*)::int as n
              from snapshots, json_to_record(verdict) as v (status text, outcome text)
              where sync = ${sync} and read_run = ${run} group by 1, 2)
            select coalesce(sum(n) filter (where status = 'active'), 0)::int as active,
              coalesce(sum(n) filter (where outcome = 'won'), 0)::int as won,
              coalesce(sum(n) filter (where outcome = 'lost'), 0)::int as lost,
              coalesce(sum(n) filter (where outcome = 'cancelled'), 0)::int as cancelled,
              coalesce(sum(n) filter (where status = 'unknown'), 0)::int as unknown
            from kinds`,
      );
      const pairs = await row<{ linked: number; adopted: number; ambiguous: number }>(
        db,
        sql`select (count(*))::int as linked, (count(*) filter (where how = 'adopted'))::int as adopted,
              (select count(*)::int from snapshots where sync = ${sync} and pair is null and not deleted
                and notes #>> '{0,cause}' = 'ambiguous_link') as ambiguous
            from pairs where sync = ${sync}`,
      );
      // A record has one proposal at most, and only a record without a pair has one.
      const orphans = await rows<{ crm: Crm; n: number }>(
        db,
        sql`select crm, sum(n)::int as n from (
              select crm, count(*) as n from snapshots
                where sync = ${sync} and pair is null and not deleted group by crm
              union all select first_crm, -count(*) from candidates where sync = ${sync} group by first_crm
              union all select second_crm, -count(*) from candidates where sync = ${sync} group by second_crm) c
            group by crm having sum(n) > 0`,
      );
      const proposed = await row<{ certain: number; ask: number; ambiguous: number }>(
        db,
        sql`select (count(*) filter (where band = 'certain'))::int as certain,
              (count(*) filter (where band = 'ask'))::int as ask,
              (count(*) filter (where band = 'ambiguous'))::int as ambiguous
            from candidates where sync = ${sync}`,
      );
      return {
        ...accounts(counts),
        verdicts: verdicts ?? { active: 0, won: 0, lost: 0, cancelled: 0, unknown: 0 },
        pairs: { linked: pairs?.linked ?? 0, adopted: pairs?.adopted ?? 0 },
        orphans: Object.fromEntries(orphans.map(({ crm, n }) => [crm, n])),
        ambiguous: pairs?.ambiguous ?? 0,
        proposed: proposed ?? { certain: 0, ask: 0, ambiguous: 0 },
        attention: await attention(db, sync, sql`s.read_run = ${run}`),
      };
    },

    async tallyNamed(sync, run) {
      const met = await rows<{ crm: Crm; id: string }>(
        db,
        sql`with own as (
              select s.crm, s.id, s.pair, s.read_run from ${named(run)} n
              join snapshots s on s.sync = ${sync} and s.crm = n.crm and s.id = n.record)
            select crm, id from own where read_run = ${run}
            union select o.crm, o.id from own join snapshots o on o.sync = ${sync} and o.pair = own.pair
              where o.read_run = ${run}`,
      );
      const touched = sql`json_to_recordset(${json(met)}) as t (crm text, id text)
        join snapshots s on s.sync = ${sync} and s.crm = t.crm and s.id = t.id`;
      const counts = await rows<
        OutcomeCount & { status: string | null; closed: string | null; alone: number }
      >(
        db,
        sql`select s.crm, case when s.outcome <> 'changed' or s.outcome_run = ${run} then s.outcome
                when s.pair is null then 'unpaired' else 'in_sync' end as outcome,
              (s.outcome_run = ${run} or not s.dirty) as fresh, s.verdict ->> 'status' as status,
              s.verdict ->> 'outcome' as closed, count(*)::int as n,
              (count(*) filter (where s.pair is null and not s.deleted))::int as alone
            from ${touched} group by 1, 2, 3, 4, 5`,
      );
      const pairs = await row<{ linked: number; adopted: number; ambiguous: number }>(
        db,
        sql`select count(distinct p.pair)::int as linked,
              (count(distinct p.pair) filter (where p.how = 'adopted'))::int as adopted,
              (count(*) filter (where s.pair is null and not s.deleted
                and s.notes #>> '{0,cause}' = 'ambiguous_link'))::int as ambiguous
            from ${touched} left join pairs p on p.sync = s.sync and p.pair = s.pair`,
      );
      const verdicts = { active: 0, won: 0, lost: 0, cancelled: 0, unknown: 0 };
      const orphans: Record<Crm, number> = {};
      for (const { crm, status, closed, n, alone } of counts) {
        if (status === 'active' || status === 'unknown') verdicts[status] += n;
        if (closed === 'won' || closed === 'lost' || closed === 'cancelled') verdicts[closed] += n;
        if (alone > 0) orphans[crm] = (orphans[crm] ?? 0) + alone;
      }
      const about = sql`exists (select 1 from json_to_recordset(${json(met)}) as t (crm text, id text)
        where t.crm = s.crm and t.id = s.id)`;
      return {
        ...accounts(counts),
        verdicts,
        pairs: { linked: pairs?.linked ?? 0, adopted: pairs?.adopted ?? 0 },
        orphans,
        ambiguous: pairs?.ambiguous ?? 0,
        proposed: { certain: 0, ask: 0, ambiguous: 0 },
        attention: counts.every(({ outcome }) => outcome === 'in_sync' || outcome === 'changed')
          ? []
          : await attention(db, sync, about),
      };
    },

    async unsettled(run) {
      const found = await row<{ n: number }>(
        db,
        sql`select (select count(*) from changes where run = ${run} and state in ('planned', 'sending', 'moved', 'dropped'))::int
              + (select count(*) from creations where run = ${run} and state in ('planned', 'sending', 'dropped'))::int as n`,
      );
      return found?.n ?? 0;
    },
  };
}

interface OutcomeCount {
  readonly crm: Crm;
  readonly outcome: RecordOutcome | null;
  /** The outcome is one of this run, or still holds. */
  readonly fresh: boolean;
  readonly n: number;
}

function accounts(counts: readonly OutcomeCount[]) {
  const outcomes = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<
    RecordOutcome,
    number
  >;
  const read: Record<Crm, number> = {};
  let unaccounted = 0;
  for (const { crm, outcome, fresh, n } of counts) {
    read[crm] = (read[crm] ?? 0) + n;
    if (outcome !== null && fresh) outcomes[outcome] += n;
    else unaccounted += n;
  }
  return { read, outcomes, unaccounted };
}

async function attention(db: Executor, sync: string, about: RawBuilder<unknown>): Promise<Attention[]> {
  const found = await rows<Attention & { crm: Crm; id: string }>(
    db,
    sql`select s.outcome, n ->> 'message' as cause, n ->> 'remedy' as remedy, min(n ->> 'cause') as code,
          min(n ->> 'says') as says,
          min((n -> 'params')::text)::json as params, count(*)::int as count,
          min(s.crm) as crm, (array_agg(s.id order by s.crm, s.id))[1] as id
        from snapshots s, json_array_elements(s.notes) n
        where s.sync = ${sync} and ${about} and not s.deleted
          -- Told below, once for each edited field.
          and n ->> 'cause' is distinct from 'edited_and_deleted'
        group by 1, 2, 3
        union all
        select 'conflict',
          case c.details ->> 'cause'
            when 'deleted' then c.field || ' was edited on one side and the record deleted on the other'
            when 'loop' then c.field || ' is changed again each time it was written, and goes round in a circle'
            else 'both sides changed ' || c.field || ' and no policy decides' end,
          case c.details ->> 'cause'
            when 'deleted' then 'restore the deleted record to carry the edit over, or delete the other one too'
            when 'loop' then 'switch off the automation that changes it, or do not sync the field'
            else 'choose a value, or set a policy for the field' end,
          concat_ws('_', 'conflict', c.details ->> 'cause'), null, json_build_object('field', c.field),
          count(*)::int, min(m.crm), (array_agg(m.id order by m.crm, m.id))[1]
        from conflicts c
        join lateral (select crm, id from snapshots s where s.sync = c.sync and s.pair = c.pair and not s.deleted
          order by crm limit 1) m on true
        where c.sync = ${sync} group by c.field, c.details ->> 'cause'
        order by 7 desc, 2 limit 50`,
  );
  return found.map(({ outcome, cause, remedy, code, says, params, count, crm, id }) => ({
    outcome,
    cause,
    remedy,
    ...(code ? { code } : {}),
    ...(says ? { says } : {}),
    ...(params ? { params } : {}),
    count,
    example: { crm, id },
  }));
}
