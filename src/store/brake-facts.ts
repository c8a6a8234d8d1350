import type { AmountFacts } from '../core/brakes.ts';
import type { Crm, EpochMs } from '../core/ids.ts';
import type { TrustTx } from '../core/trust-port.ts';
import { named } from './inbox.ts';
import { type Executor, json, row, rows, sql } from './sql.ts';

type BrakeFacts = Pick<TrustTx, 'brakeFacts' | 'acceptedLoss' | 'acceptLoss' | 'forgetLoss'>;

/** Under this field a person's word that records are really gone is kept among the resolutions. */
const LOSS = 'source_shrank';

/** Changes of the teams' fields that a run has planned, one row per field, beside those that `earlier` runs made. */
const planned = (run: string, earlier: readonly string[]) => sql`
  select c.crm, c.record, c.pair, f.field, f.before, f.after, f.reason, c.run = ${run} as own
  from changes c, json_to_recordset(c.fields) as f (field text, owned boolean, before text, after text, reason text)
  where (c.run = ${run} and c.state = 'planned' ${earlier.length === 0 ? sql`` : sql`or c.done_run = any(${[...earlier]}) and c.state = 'applied'`})
    and not f.owned`;

/** What a plan would do, counted over its rows: never in memory, whatever the number of changes. */
export function brakeFacts(db: Executor): BrakeFacts {
  return {
    async brakeFacts(sync, run, rules) {
      const closed = Object.entries(rules.closedStages).flatMap(([crm, keys]) =>
        keys.map((key) => ({ crm, key })),
      );
      const isNamed = rules.eventsSince !== undefined;
      const earlier = isNamed ? await eventRuns(db, sync, run, rules.eventsSince ?? 0) : [];
      const counts = await row<{ changed: number; flips: number; blanks: number; linked: number }>(
        db,
        sql`with planned as materialized (${planned(run, earlier)}),
              closed as materialized (select * from json_to_recordset(${json(closed)}) as c (crm text, key text))
            select (select count(distinct (crm, record)) from planned where pair is not null)::int as changed,
              (select count(distinct (crm, record)) from planned p where field = any(${[...rules.stageFields]})
                and exists (select 1 from closed c where c.crm = p.crm and c.key = p.before)
                 <> exists (select 1 from closed c where c.crm = p.crm and c.key = p.after))::int as flips,
              (select count(*) from planned where own and coalesce(btrim(after), '') = '' and field = any(${[...rules.guarded]})
                and reason not in ('resolved', 'undo'))::int as blanks,
              ${isNamed ? sql`(select 2 * count(*) from pairs where sync = ${sync})` : sql`(select count(*) from snapshots where sync = ${sync} and pair is not null and not deleted)`}::int as linked`,
      );
      const vanished = await rows<{ crm: Crm; gone: number; left: number }>(
        db,
        isNamed
          ? sql`select c.crm, coalesce(c.full_rows, 0)::int as left,
                  (select count(*)::int from ${named(run)} n join snapshots s on s.sync = ${sync} and s.crm = n.crm
                    and s.id = n.record where n.crm = c.crm and s.deleted and s.outcome_run = ${run}) as gone
                from cursors c where c.sync = ${sync}`
          : sql`select s.crm, (count(*) filter (where s.deleted and s.outcome_run = r.run and s.read_at >= r.started_at))::int as gone,
              (count(*) filter (where not s.deleted))::int as left
            from runs r join snapshots s on s.sync = r.sync where r.run = ${run} group by s.crm`,
      );
      const creates = await rows<{ crm: Crm; n: number; first: boolean }>(
        db,
        sql`select c.crm, count(*)::int as n, not exists (select 1 from creations d
              where d.sync = ${sync} and d.crm = c.crm and d.state = 'created') as first
            from creations c where c.run = ${run} and c.state = 'planned' group by c.crm`,
      );
      return {
        linked: counts?.linked ?? 0,
        changed: counts?.changed ?? 0,
        flips: counts?.flips ?? 0,
        amounts: await amounts(
          db,
          { sync, run, since: rules.eventsSince ?? null },
          planned(run, earlier),
          rules.amountsAbove,
        ),
        creates: creates.reduce((sum, { n }) => sum + n, 0),
        firstCreates: Object.fromEntries(creates.flatMap(({ crm, n, first }) => (first ? [[crm, n]] : []))),
        deletes: 0,
        blanks: counts?.blanks ?? 0,
        vanished: Object.fromEntries(vanished.map(({ crm, gone, left }) => [crm, { gone, left }])),
      };
    },

    async acceptedLoss(sync, crm, since) {
      const found = await row<{ choice: string }>(
        db,
        sql`select choice from resolutions where sync = ${sync} and subject = ${`source:${crm}`} and field = ${LOSS}
              and at >= ${since}`,
      );
      return Number(found?.choice ?? 0);
    },

    async forgetLoss(sync, crm) {
      await rows(
        db,
        sql`delete from resolutions where sync = ${sync} and subject = ${`source:${crm}`} and field = ${LOSS}`,
      );
    },

    async acceptLoss(sync, crm, missing, by, at) {
      await rows(
        db,
        sql`insert into resolutions (sync, subject, field, decided, choice, seen, by_whom, at)
            values (${sync}, ${`source:${crm}`}, ${LOSS}, 'value', ${String(missing)}, '{}', ${by}, ${at})
            on conflict (sync, subject, field) do update set choice = excluded.choice, by_whom = excluded.by_whom,
              at = excluded.at`,
      );
    },
  };
}

/** Runs of events that count together with this one: since that moment, and since a person last had a plan carried out. */
async function eventRuns(db: Executor, sync: string, run: string, since: number): Promise<readonly string[]> {
  const found = await rows<{ run: string }>(
    db,
    sql`select run from runs where sync = ${sync} and mode = 'events' and run <> ${run}
          and started_at >= greatest(${since}::bigint, (select coalesce(max(started_at), 0) from runs
            where sync = ${sync} and mode = 'apply' and started_at >= ${since}))`,
  );
  return found.map((one) => one.run);
}

/** Changed amounts per CRM and currency; the pipeline is only added up where there are enough of them to matter. */
async function amounts(
  db: Executor,
  { sync, run, since }: { sync: string; run: string; since: EpochMs | null },
  fields: ReturnType<typeof planned>,
  above: number,
): Promise<AmountFacts[]> {
  const moved = await rows<{ crm: Crm; currency: string; changes: number; moved: string }>(
    db,
    sql`with planned as materialized (${fields} and f.field = 'amount')
        select p.crm, coalesce(s.fields ->> 'currency', '') as currency, count(*)::int as changes,
          sum(abs(coalesce(number_of(p.after), 0) - coalesce(number_of(p.before), 0)))::text as moved
        from planned p join snapshots s on s.sync = ${sync} and s.crm = p.crm and s.id = p.record
        group by 1, 2 having count(*) > ${above}`,
  );
  if (moved.length === 0) return [];
  const covers = (known: readonly Pipeline[]): boolean =>
    moved.every((entry) => known.some((one) => one.crm === entry.crm && one.currency === entry.currency));
  const known = since === null ? null : await knownPipelines(db, sync, since);
  const pipelines = known !== null && covers(known) ? known : await addUp(db, sync, run);
  return moved.map((entry) => {
    const found = pipelines.find(({ crm, currency }) => crm === entry.crm && currency === entry.currency);
    const open = found?.open ?? '0';
    return { ...entry, pipeline: /[1-9]/.test(open) ? open : (found?.whole ?? '0') };
  });
}

interface Pipeline {
  readonly crm: Crm;
  readonly currency: string;
  readonly open: string;
  readonly whole: string;
}

/** What the records added up to for whoever asked last, if that was not before this moment. */
async function knownPipelines(
  db: Executor,
  sync: string,
  since: EpochMs,
): Promise<readonly Pipeline[] | null> {
  const found = await row<{ sums: readonly Pipeline[] }>(
    db,
    sql`select sums from pipelines where sync = ${sync} and at >= ${since}`,
  );
  return found?.sums ?? null;
}

/** Adds up every record of a sync, and remembers the sums: it takes seconds where there are a million of them. */
async function addUp(db: Executor, sync: string, run: string): Promise<readonly Pipeline[]> {
  const sums = await rows<Pipeline>(
    db,
    sql`select crm, coalesce(fields ->> 'currency', '') as currency,
          coalesce(sum(abs(number_of(fields ->> 'amount'))) filter (where verdict ->> 'status' = 'active'), 0)::text as open,
          coalesce(sum(abs(number_of(fields ->> 'amount'))), 0)::text as whole
        from snapshots where sync = ${sync} and not deleted group by 1, 2 order by 1, 2`,
  );
  await rows(
    db,
    sql`insert into pipelines (sync, at, sums) select ${sync}, started_at, ${json(sums)} from runs where run = ${run}
        on conflict (sync) do update set at = excluded.at, sums = excluded.sums`,
  );
  return sums;
}
