import type { Crm, EpochMs, RecordRef, RunId, SyncName } from '../core/ids.ts';
import type { AgreedValues } from '../core/merge.ts';
import type { FieldChange } from '../core/plan.ts';
import type { PlanView } from '../core/report.ts';
import type { StoreTx } from '../core/store-port.ts';
import type { ChangeRow, ChangeState } from '../core/store-rows.ts';
import { type Executor, json, row, rows, sql } from './sql.ts';

type Plans = Pick<
  StoreTx,
  | 'plannedWrites'
  | 'plannedCounts'
  | 'insertPlan'
  | 'findPlan'
  | 'setPlanState'
  | 'supersedePlans'
  | 'planReasons'
  | 'changeRows'
  | 'markSending'
>;

interface ChangeRecord {
  id: number;
  run: RunId;
  crm: Crm;
  record: string;
  pair: string | null;
  name: string;
  fields: FieldChange[];
  agreed: Record<string, AgreedValues>;
  state: ChangeState;
  round: number;
}

interface PlanRecord {
  digest: string;
  sync: SyncName;
  run: RunId;
  state: PlanView['state'];
  created_at: EpochMs;
  expires_at: EpochMs;
  records: PlanView['records'];
  changes: number;
  predicted: PlanView['predictedCalls'];
}

const CHANGE = sql`select id, run, crm, record, pair, name, fields, agreed, state, round from changes`;

/** Plans and the writes they consist of. */
export function plans(db: Executor): Plans {
  return {
    async plannedWrites(run, after: RecordRef | null, limit) {
      const found = await rows<ChangeRecord>(
        db,
        sql`${CHANGE} where run = ${run} and state = 'planned'
              and (crm, record) > (${after?.crm ?? ''}, ${after?.id ?? ''})
            order by crm, record limit ${limit}`,
      );
      return found.map(toChange);
    },

    async plannedCounts(run) {
      const found = await rows<{ crm: Crm; records: number; teams: number; changes: number }>(
        db,
        sql`select crm, count(*)::int as records, sum(json_array_length(fields))::int as changes,
              (count(*) filter (where exists (select 1 from json_array_elements(fields) f
                where not (f ->> 'owned')::boolean)))::int as teams
            from changes where run = ${run} and state = 'planned' group by crm`,
      );
      return {
        records: Object.fromEntries(found.map((entry) => [entry.crm, entry.records])),
        ofTeams: Object.fromEntries(found.map((entry) => [entry.crm, entry.teams])),
        changes: found.reduce((sum, entry) => sum + entry.changes, 0),
      };
    },

    async insertPlan(plan) {
      await rows(
        db,
        sql`insert into plans (sync, digest, run, state, created_at, expires_at, records, changes, predicted)
            values (${plan.sync}, ${plan.digest}, ${plan.run}, ${plan.state}, ${plan.createdAt}, ${plan.expiresAt},
              ${json(plan.records)}, ${plan.changes}, ${json(plan.predictedCalls)})
            on conflict (sync, run) do update set digest = excluded.digest, records = excluded.records,
              changes = excluded.changes, predicted = excluded.predicted`,
      );
    },

    async findPlan(sync, digest) {
      const found = await row<PlanRecord>(
        db,
        sql`select * from plans where sync = ${sync}
              ${digest === null ? sql`and state = 'open'` : sql`and starts_with(digest, ${digest})`}
            order by created_at desc limit 1`,
      );
      if (found === null) return null;
      return {
        digest: found.digest,
        sync: found.sync,
        run: found.run,
        state: found.state,
        createdAt: found.created_at,
        expiresAt: found.expires_at,
        records: found.records,
        changes: found.changes,
        predictedCalls: found.predicted,
        byReason: [],
      };
    },

    async setPlanState(sync, run, state) {
      await rows(db, sql`update plans set state = ${state} where sync = ${sync} and run = ${run}`);
    },

    async supersedePlans(sync, exceptRun) {
      await rows(
        db,
        sql`update plans set state = 'superseded' where sync = ${sync} and state = 'open' and run <> ${exceptRun}`,
      );
    },

    async planReasons(run) {
      return rows<PlanView['byReason'][number]>(
        db,
        sql`select f ->> 'reason' as reason, f ->> 'field' as field, crm, count(*)::int as count
            from changes, json_array_elements(fields) f where run = ${run}
            group by 1, 2, 3 order by 4 desc, 1, 2, 3`,
      );
    },

    async changeRows(ids) {
      const found = await rows<ChangeRecord>(db, sql`${CHANGE} where id = any(${[...ids]}) order by id`);
      return found.map(toChange);
    },

    async markSending(ids, now) {
      await rows(
        db,
        sql`update changes set state = 'sending', sent_at = ${now}, sent = coalesce(sent, fields)
            where id = any(${[...ids]}) and state = 'planned'`,
      );
    },
  };
}

function toChange(record: ChangeRecord): ChangeRow {
  return {
    change: Number(record.id),
    run: record.run,
    crm: record.crm,
    id: record.record,
    pair: record.pair,
    name: record.name,
    changes: record.fields,
    agreed: record.agreed,
    state: record.state,
    round: record.round,
  };
}
