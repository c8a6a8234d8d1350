/** Stored records as metrics read them, and the daily series. */
import type { Finding } from '../core/findings.ts';
import type { Crm, EpochMs, PlainDate, RecordId, RunId, SyncName } from '../core/ids.ts';
import type { Evidence, Fields } from '../core/opportunity.ts';
import type { Verdict } from '../core/verdict.ts';
import { ACCOUNT_NAME_OF, FINDINGS_OF } from './findings.ts';
import { historyOf, type RecordHistory } from './record-history.ts';
import { type Executor, row, rows, sql } from './sql.ts';

export interface StoredMeasured {
  readonly crm: Crm;
  readonly id: RecordId;
  readonly fields: Fields;
  readonly evidence: Evidence;
  readonly verdict: Verdict;
  readonly pair: string | null;
  /** Name of its account. */
  readonly account: string | null;
  readonly findings: readonly Finding[] | null;
  readonly history: readonly RecordHistory[];
}

/** One scope of one day. Amounts are decimal text. */
export interface DailyMeasures {
  readonly day: PlainDate;
  /** Empty = all pipelines. */
  readonly pipeline: string;
  /** Empty = none given. */
  readonly currency: string;
  readonly metrics: Readonly<Record<string, number | string>>;
}

const PAGE = 2_000;

/** Live records with a verdict and what was seen to change on them, page by page in order of CRM and id. */
export async function* measuredRows(db: Executor, sync: SyncName): AsyncGenerator<StoredMeasured> {
  let after: { crm: Crm; id: RecordId } = { crm: '', id: '' };
  for (;;) {
    const page = await rows<Omit<StoredMeasured, 'history'>>(
      db,
      sql`select s.crm, s.id, s.fields, s.evidence, s.verdict, s.pair, ${FINDINGS_OF} as findings,
            ${ACCOUNT_NAME_OF} as account
          from snapshots s
          where s.sync = ${sync} and (s.crm, s.id) > (${after.crm}, ${after.id}) and not s.deleted
            and s.verdict is not null
          order by s.crm, s.id limit ${PAGE}`,
    );
    const history = new Map<string, RecordHistory[]>();
    for (const crm of new Set(page.map((found) => found.crm))) {
      const ids = page.filter((found) => found.crm === crm).map((found) => found.id);
      for (const entry of await historyOf(db, sync, crm, ids)) {
        const key = `${entry.crm}:${entry.record}`;
        const list = history.get(key) ?? [];
        list.push(entry);
        history.set(key, list);
      }
    }
    for (const found of page) yield { ...found, history: history.get(`${found.crm}:${found.id}`) ?? [] };
    const last = page[page.length - 1];
    if (last === undefined || page.length < PAGE) return;
    after = { crm: last.crm, id: last.id };
  }
}

/** From when on changes of a sync's records were watched; null when it never ran. */
export async function watchedSince(db: Executor, sync: SyncName): Promise<EpochMs | null> {
  const found = await row<{ first_seen: EpochMs }>(
    db,
    sql`select first_seen from syncs where sync = ${sync}`,
  );
  return found?.first_seen ?? null;
}

/** A figure this fresh is not computed again for a small run: it takes a look at every record. */
const FRESH_MS = 3_600_000;

/**
 * Stores the figures of a day: one row per currency for everything, and one per pipeline and currency. One pass over the
 * records in the database. Each pair is counted once, as `first` has it. A later run of the same day replaces them,
 * unless they are less than an hour old and `always` is false.
 */
export async function saveDay(
  db: Executor,
  sync: SyncName,
  run: RunId,
  first: Crm,
  day: PlainDate,
  now: EpochMs,
  always: boolean,
): Promise<void> {
  const stored = await row<{ at: EpochMs | null }>(
    db,
    sql`select max(at) as at from measures where sync = ${sync} and day = ${day}::date`,
  );
  if (!always && stored?.at != null && now - stored.at < FRESH_MS) return;
  await rows(
    db,
    sql`with counted as (
          -- One reading of each JSON column: taking values out one by one would parse the text anew for each.
          select coalesce(e."pipelineLabel", '') as pipeline, coalesce(f.currency, '') as currency, v.status, v.outcome,
            case when f.amount ~ '^[+-]?([0-9]{1,30}([.][0-9]{0,30})?|[.][0-9]{1,30})$' then f.amount::numeric end as amount,
            coalesce(e.probability, e."stageProbability") as share,
            f."closeDate" < ${day} as is_past
          from (
            select s.fields, s.evidence, s.verdict from snapshots s
            where s.sync = ${sync} and not s.deleted and s.verdict is not null
              and (s.pair is null or s.crm = ${first} or not exists (
                select from snapshots o
                where o.sync = s.sync and o.pair = s.pair and o.crm = ${first} and not o.deleted))
            offset 0) s
          cross join lateral json_to_record(s.fields) as f (currency text, "closeDate" text, amount text)
          cross join lateral json_to_record(s.evidence) as e ("pipelineLabel" text, probability numeric, "stageProbability" numeric)
          cross join lateral json_to_record(s.verdict) as v (status text, outcome text)),
        figures as (
          select case when grouping(pipeline) = 1 then null else pipeline end as pipeline, currency,
            json_build_object(
              'open_count', count(*) filter (where status = 'active'),
              'open_amount', coalesce(sum(amount) filter (where status = 'active'), 0)::text,
              'weighted_amount', coalesce(sum(amount * share) filter (where status = 'active' and share between 0 and 1), 0)::text,
              'overdue_count', count(*) filter (where status = 'active' and is_past),
              'won_count', count(*) filter (where outcome = 'won'),
              'won_amount', coalesce(sum(amount) filter (where outcome = 'won'), 0)::text,
              'lost_count', count(*) filter (where outcome = 'lost'),
              'lost_amount', coalesce(sum(amount) filter (where outcome = 'lost'), 0)::text,
              'cancelled_count', count(*) filter (where outcome = 'cancelled'),
              'unknown_count', count(*) filter (where status = 'unknown')) as metrics
          from counted group by grouping sets ((currency), (pipeline, currency)))
        insert into measures (sync, day, pipeline, currency, metrics, run, at)
        select ${sync}, ${day}::date, coalesce(pipeline, ''), currency, metrics, ${run}, ${now} from figures
        where pipeline is distinct from ''
        on conflict (sync, day, pipeline, currency) do update
          set metrics = excluded.metrics, run = excluded.run, at = excluded.at`,
  );
}

/** The stored series of a sync, earliest day first. */
export async function series(
  db: Executor,
  sync: SyncName,
  from: PlainDate,
  to: PlainDate,
): Promise<readonly DailyMeasures[]> {
  return rows<DailyMeasures>(
    db,
    sql`select to_char(day, 'YYYY-MM-DD') as day, pipeline, currency, metrics from measures
        where sync = ${sync} and day between ${from}::date and ${to}::date order by day, pipeline, currency`,
  );
}
