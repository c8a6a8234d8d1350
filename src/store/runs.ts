import { OppsyncError } from '../core/errors.ts';
import type { Crm, EpochMs, RunId, SyncName } from '../core/ids.ts';
import type { RunMode } from '../core/report.ts';
import type { RunPhase, RunRow, RunState, StoreTx } from '../core/store-port.ts';
import { type Executor, json, row, rows, sql } from './sql.ts';

type Runs = Pick<
  StoreTx,
  | 'registerSync'
  | 'plansBefore'
  | 'insertRun'
  | 'runningRun'
  | 'loadRun'
  | 'updateRun'
  | 'addCalls'
  | 'listRuns'
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
              plan_digest, undoes, problems, calls, started_at)
            values (${run.run}, ${run.sync}, ${run.mode}, ${run.phase}, ${run.state}, ${run.by}, ${run.owner},
              ${run.full}, ${run.settingsDigest}, ${json(run.facts)}, ${run.planDigest}, ${run.undoes ?? null}, ${json(run.problems)},
              ${JSON.stringify(run.calls)}::jsonb, ${run.startedAt})`,
      );
      await insert.catch((error: unknown) => {
        throw violates(error, 'runs_one_running') ? goingOn(run.sync, error) : error;
      });
    },

    async runningRun(sync) {
      const found = await row<RunRecord>(
        db,
        sql`select * from runs where sync = ${sync} and state = 'running'`,
      );
      return found === null ? null : toRun(found);
    },

    async loadRun(run, lock = false) {
      const found = await row<RunRecord>(
        db,
        sql`select * from runs where run = ${run} ${lock ? sql`for no key update` : sql``}`,
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
        sql`select * from runs where sync = ${sync} order by started_at desc, run desc limit ${limit}`,
      );
      return found.map(toRun);
    },
  };
}

function violates(error: unknown, constraint: string): boolean {
  return error instanceof Error && 'constraint' in error && error.constraint === constraint;
}

/** Another process began a run of this sync in the same moment: it was first. */
function goingOn(sync: SyncName, cause: unknown): OppsyncError {
  return new OppsyncError({
    recovery: 'refuse',
    code: 'run.going_on',
    message: `a run of sync ${sync} was started elsewhere at this very moment`,
    remedy: 'wait for it to end; `oppsync runs` shows its progress',
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
