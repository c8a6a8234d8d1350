import { OppsyncError } from '../core/errors.ts';
import { faultOf } from '../core/fault-sentences.ts';
import type { Crm, EpochMs, RunId, SyncName } from '../core/ids.ts';
import type { RunMode } from '../core/report.ts';
import type { StoreTx } from '../core/store-port.ts';
import type { RunPhase, RunRow, RunState } from '../core/store-rows.ts';
import { type Executor, json, row, rows, sql } from './sql.ts';

type Runs = Pick<
  StoreTx,
  | 'registerSync'
  | 'plansBefore'
  | 'insertRun'
  | 'runningRun'
  | 'openRuns'
  | 'loadRun'
  | 'updateRun'
  | 'addCalls'
  | 'listRuns'
  | 'recentFacts'
  | 'forgetRun'
>;

interface RunRecord {
  run: RunId;
  sync: SyncName;
  mode: RunMode;
  phase: RunPhase;
  state: RunState;
  by_whom: string;
  owner: number;
  full_read: boolean;
  settings_digest: string;
  facts: RunRow['facts'];
  facts_of: RunId | null;
  facts_at: EpochMs | null;
  plan_digest: string | null;
  undoes: RunId | null;
  problems: RunRow['problems'];
  calls: Record<Crm, number>;
  started_at: EpochMs;
  finished_at: EpochMs | null;
  report: RunRow['report'];
  error: string | null;
}

/** Syncs and runs. */
export function runs(db: Executor): Runs {
  return {
    async registerSync(sync, settingsDigest, now) {
      const before = await row<{ settings_digest: string }>(
        db,
        sql`select settings_digest from syncs where sync = ${sync} for update`,
      );
      await rows(
        db,
        sql`insert into syncs (sync, settings_digest, first_seen) values (${sync}, ${settingsDigest}, ${now})
            on conflict (sync) do update set settings_digest = excluded.settings_digest`,
      );
      const settingsChanged = before !== null && before.settings_digest !== settingsDigest;
      // Other rules may decide differently about every record, also about those that did not change.
      if (settingsChanged)
        await rows(db, sql`update snapshots set dirty = true where sync = ${sync} and not dirty`);
      return { settingsChanged };
    },

    async plansBefore(sync) {
      const found = await row<{ n: number }>(
        db,
        sql`select count(*)::int as n from plans where sync = ${sync}`,
      );
      return found?.n ?? 0;
    },

    async insertRun(run) {
      const insert = rows(
        db,
        sql`insert into runs (run, sync, mode, phase, state, by_whom, owner, full_read, settings_digest, facts,
              facts_of, facts_at, plan_digest, undoes, problems, calls, started_at)
            values (${run.run}, ${run.sync}, ${run.mode}, ${run.phase}, ${run.state}, ${run.by}, ${run.owner},
              ${run.full}, ${run.settingsDigest}, ${json(run.factsOf == null ? run.facts : {})},
              ${run.factsOf ?? null}, ${run.factsAt ?? null}, ${run.planDigest}, ${run.undoes ?? null},
              ${json(run.problems)},
              ${JSON.stringify(run.calls)}::jsonb, ${run.startedAt})`,
      );
      await insert.catch((error: unknown) => {
        throw violates(error, 'runs_one_running') ? goingOn(run.sync, error) : error;
      });
    },

    async runningRun(sync) {
      const found = await row<RunRecord>(db, sql`${RUN} where r.sync = ${sync} and r.state = 'running'`);
      return found === null ? null : toRun(found);
    },

    async openRuns() {
      const found = await rows<{ run: RunId }>(
        db,
        sql`select run from runs where state = 'running' order by run`,
      );
      return found.map(({ run }) => run);
    },

    async loadRun(run, lock = false) {
      const found = await row<RunRecord>(
        db,
        sql`${RUN} where r.run = ${run} ${lock ? sql`for no key update of r` : sql``}`,
      );
      return found === null ? null : toRun(found);
    },

    async updateRun(run, patch) {
      const columns = [
        ...set('phase', patch.phase),
        ...set('state', patch.state),
        ...set('plan_digest', patch.planDigest),
        ...set('finished_at', patch.finishedAt),
        ...set('error', patch.error),
        ...set('owner', patch.owner),
        ...(patch.facts === undefined ? [] : [sql`facts = ${json(patch.facts)}, facts_of = null`]),
        ...set('facts_at', patch.factsAt),
        ...(patch.problems === undefined ? [] : [sql`problems = ${json(patch.problems)}`]),
        ...(patch.report === undefined ? [] : [sql`report = ${json(patch.report)}`]),
      ];
      if (columns.length === 0) return;
      await rows(db, sql`update runs set ${sql.join(columns)} where run = ${run}`);
    },

    async addCalls(run, crm, calls) {
      if (calls === 0) return;
      await rows(
        db,
        sql`update runs set calls = jsonb_set(calls, array[${crm}]::text[],
              to_jsonb(coalesce((calls ->> ${crm}::text)::int, 0) + ${calls}::int)) where run = ${run}`,
      );
    },

    async listRuns(sync, limit) {
      const found = await rows<RunRecord>(
        db,
        sql`${RUN} where r.sync = ${sync} order by r.started_at desc, r.run desc limit ${limit}`,
      );
      return found.map(toRun);
    },

    async recentFacts(sync, settingsDigest, since) {
      const found = await row<{ run: RunId; facts: RunRow['facts']; at: EpochMs }>(
        db,
        sql`select run, facts, coalesce(facts_at, started_at) as at from runs
            where sync = ${sync} and settings_digest = ${settingsDigest} and facts_of is null
              and coalesce(facts_at, started_at) >= ${since} and facts::text <> '{}'
            order by coalesce(facts_at, started_at) desc limit 1`,
      );
      return found;
    },

    async forgetRun(run) {
      await rows(
        db,
        sql`delete from runs r where r.run = ${run} and r.facts_of is not null and r.state <> 'running'
              and not exists (select 1 from plans p where p.sync = r.sync and p.run = r.run)
              and not exists (select 1 from runs o where o.sync = r.sync and o.facts_of = r.run)`,
      );
    },
  };
}

/** A run with what was known of the accounts, whoever found it out. */
const RUN = sql`select r.*, coalesce(f.facts, r.facts) as facts from runs r left join runs f on f.run = r.facts_of`;

function violates(error: unknown, constraint: string): boolean {
  return error instanceof Error && 'constraint' in error && error.constraint === constraint;
}

/** Another process began a run of this sync in the same moment: it was first. */
function goingOn(sync: SyncName, cause: unknown): OppsyncError {
  return new OppsyncError({
    recovery: 'refuse',
    ...faultOf('run.started_elsewhere', { sync }),
    code: 'run.going_on',
    cause,
  });
}

function set(column: string, value: unknown) {
  return value === undefined ? [] : [sql`${sql.ref(column)} = ${value}`];
}

function toRun(record: RunRecord): RunRow {
  return {
    run: record.run,
    sync: record.sync,
    mode: record.mode,
    phase: record.phase,
    state: record.state,
    by: record.by_whom,
    owner: record.owner,
    full: record.full_read,
    settingsDigest: record.settings_digest,
    facts: record.facts,
    factsOf: record.facts_of,
    factsAt: record.facts_at,
    planDigest: record.plan_digest,
    undoes: record.undoes,
    problems: record.problems,
    calls: record.calls,
    startedAt: record.started_at,
    finishedAt: record.finished_at,
    report: record.report,
    error: record.error,
  };
}
