import type { Crm, EpochMs, RecordRef, RunId, SyncName } from '../core/ids.ts';
import type { AgreedValues } from '../core/merge.ts';
import type { Evidence, Fields } from '../core/opportunity.ts';
import type { FieldChange } from '../core/plan.ts';
import type { Note } from '../core/reconcile-notes.ts';
import type { RecordOutcome } from '../core/report.ts';
import type { ChangeRow } from '../core/store-rows.ts';
import type { Verdict } from '../core/verdict.ts';
import { type Executor, row, rows, sql } from './sql.ts';

/** Everything the state knows of one record, for `explain` and the console. */
export interface RecordView {
  readonly ref: RecordRef;
  readonly fields: Fields;
  readonly evidence: Evidence;
  readonly deleted: boolean;
  readonly verdict: Verdict | null;
  readonly outcome: RecordOutcome | null;
  readonly notes: readonly Note[];
  readonly pair: {
    readonly key: string;
    readonly how: string;
    readonly since: EpochMs;
    readonly base: Readonly<Record<string, AgreedValues>>;
    readonly counterpart: RecordRef;
    readonly counterpartFields: Fields;
  } | null;
}

interface ViewRecord {
  crm: Crm;
  id: string;
  fields: Fields;
  evidence: Evidence;
  deleted: boolean;
  verdict: Verdict | null;
  outcome: RecordOutcome | null;
  notes: Note[] | null;
  pair: string | null;
  how: string | null;
  made_at: EpochMs | null;
  base: Record<string, AgreedValues> | null;
  other_crm: Crm | null;
  other_id: string | null;
  other_fields: Fields | null;
}

export interface JournalEntry {
  readonly run: RunId;
  readonly at: EpochMs;
  readonly crm: Crm;
  readonly changes: readonly FieldChange[];
}

export interface VerdictStep {
  readonly at: EpochMs;
  readonly run: RunId;
  readonly before: Verdict;
  readonly after: Verdict;
}

/** Reading the state for people. Changes nothing. */
export interface Views {
  /** Records by id, by the beginning of an id of at least 15 characters, or by pair key. */
  findRecords(sync: SyncName, id: string): Promise<readonly RecordView[]>;
  /** Changes of a record's verdict, earliest first: the last `limit` of them. */
  verdictsOf(sync: SyncName, ref: RecordRef, limit: number): Promise<readonly VerdictStep[]>;
  journalOf(sync: SyncName, ref: RecordRef, limit: number): Promise<readonly JournalEntry[]>;
  outcomeCounts(sync: SyncName): Promise<Readonly<Record<string, number>>>;
  counts(sync: SyncName): Promise<{ pairs: number; conflicts: number; quarantined: number }>;
  /** When the last run began that `by` had started; null = none since that moment. */
  lastBegunBy(sync: SyncName, by: string, since: EpochMs): Promise<EpochMs | null>;
  /** Changes of a plan by reason, CRM and record, `limit` records at a time. */
  changesByReason(run: RunId, reason: string, after: number, limit: number): Promise<readonly ChangeRow[]>;
}

export function views(db: Executor): Views {
  return {
    async findRecords(sync, id) {
      const found = await rows<ViewRecord>(
        db,
        sql`select s.crm, s.id, s.fields, s.evidence, s.deleted, s.verdict, s.outcome, s.notes, s.pair, p.how, p.made_at,
              p.base, o.crm as other_crm, o.id as other_id, o.fields as other_fields
            from snapshots s
            left join pairs p on p.sync = s.sync and p.pair = s.pair
            left join snapshots o on o.sync = s.sync and o.pair = s.pair and o.crm <> s.crm
            where s.sync = ${sync} and (s.id = ${id} or s.pair = ${id}
              or (length(${id}::text) = 15 and starts_with(s.id, ${id}) and length(s.id) = 18))
            order by s.crm, s.id limit 20`,
      );
      return found.map(toView);
    },

    async verdictsOf(sync, ref, limit) {
      const found = await rows<VerdictStep>(
        db,
        sql`select at, run, before, after from verdict_history
            where sync = ${sync} and crm = ${ref.crm} and record = ${ref.id} order by id desc limit ${limit}`,
      );
      return found.toReversed();
    },

    async journalOf(sync, ref, limit) {
      const found = await rows<{ run: RunId; at: EpochMs; crm: Crm; fields: FieldChange[] }>(
        db,
        sql`select done_run as run, done_at as at, crm, fields from changes
            where sync = ${sync} and crm = ${ref.crm} and record = ${ref.id} and state = 'applied'
            order by id desc limit ${limit}`,
      );
      return found.map(({ run, at, crm, fields }) => ({ run, at, crm, changes: fields }));
    },

    async outcomeCounts(sync) {
      const found = await rows<{ outcome: string; n: number }>(
        db,
        // What a run before the last one changed has been found to agree since, or it would have been decided again.
        sql`with last as (select run from runs where sync = ${sync} and report is not null order by started_at desc limit 1)
            select case when outcome is null then 'new'
                when outcome <> 'changed' or outcome_run = (select run from last) then outcome
                when pair is null then 'unpaired' else 'in_sync' end as outcome, count(*)::int as n
            from snapshots where sync = ${sync} group by 1`,
      );
      return Object.fromEntries(found.map(({ outcome, n }) => [outcome, n]));
    },

    async counts(sync) {
      const found = await row<{ pairs: number; conflicts: number; quarantined: number }>(
        db,
        sql`select (select count(*)::int from pairs where sync = ${sync}) as pairs,
              (select count(*)::int from conflicts where sync = ${sync}) as conflicts,
              (select count(*)::int from quarantine where sync = ${sync}) as quarantined`,
      );
      return found ?? { pairs: 0, conflicts: 0, quarantined: 0 };
    },

    async lastBegunBy(sync, by, since) {
      const found = await row<{ at: EpochMs | null }>(
        db,
        sql`select max(started_at) as at from runs where sync = ${sync} and by_whom = ${by} and started_at >= ${since}`,
      );
      return found?.at ?? null;
    },

    async changesByReason(run, reason, after, limit) {
      const found = await rows<{
        id: number;
        crm: Crm;
        record: string;
        pair: string | null;
        name: string;
        fields: FieldChange[];
      }>(
        db,
        sql`select id, crm, record, pair, name,
              (select json_agg(f) from json_array_elements(fields) f where f ->> 'reason' = ${reason}) as fields
            from changes where run = ${run} and id > ${after}
              and exists (select 1 from json_array_elements(fields) f where f ->> 'reason' = ${reason})
            order by id limit ${limit}`,
      );
      return found.map(({ id, crm, record, pair, name, fields }) => ({
        change: Number(id),
        run,
        crm,
        id: record,
        pair,
        name,
        changes: fields,
        agreed: {},
        state: 'planned',
        round: 0,
      }));
    },
  };
}

function toView(record: ViewRecord): RecordView {
  const { pair, other_crm, other_id } = record;
  return {
    ref: { crm: record.crm, id: record.id },
    fields: record.fields,
    evidence: record.evidence,
    deleted: record.deleted,
    verdict: record.verdict,
    outcome: record.outcome,
    notes: record.notes ?? [],
    pair:
      pair === null || other_crm === null || other_id === null
        ? null
        : {
            key: pair,
            how: record.how ?? '',
            since: record.made_at ?? 0,
            base: record.base ?? {},
            counterpart: { crm: other_crm, id: other_id },
            counterpartFields: record.other_fields ?? {},
          },
  };
}
