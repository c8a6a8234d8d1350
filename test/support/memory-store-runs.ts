/** Syncs, runs and tasks of the store in memory: the meaning of src/store/runs.ts and src/store/tasks.ts. */
import { OppsyncError } from '../../src/core/errors.ts';
import type { StoreTx } from '../../src/core/store-port.ts';
import type { NewTask, RunRow, TaskRow } from '../../src/core/store-rows.ts';
import {
  ascending,
  recordKey,
  type SnapshotRow,
  type Tables,
  type TaskRecord,
} from './memory-store-tables.ts';

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
  | 'addTasks'
  | 'claimTask'
  | 'finishTask'
  | 'checkpointTask'
  | 'unqueuedTasks'
  | 'markQueued'
  | 'openTasks'
  | 'reviveTasks'
  | 'releaseTask'
  | 'holdsTask'
  | 'reclaimTasks'
  | 'waitingTasks'
  | 'progress'
  | 'isWorkerAlive'
  | 'addReconcileTasks'
  | 'addNamedTasks'
  | 'addMovedTasks'
  | 'addPushTasks'
>;

/** Adds open tasks of a run. */
export function addTasksInMemory(tables: Tables, run: string, list: readonly NewTask[]): TaskRow[] {
  return list.map((task) => {
    const id = tables.nextId('task');
    const row = { ...task, id, run, done: false, epoch: 1, worker: null, queued: false };
    tables.tasks.put(String(id), row);
    return toTask(row);
  });
}

export function runsInMemory(tables: Tables): Runs {
  const { runs, tasks, snapshots, changes, plans, syncs, alive, inbox } = tables;
  const isFree = (task: TaskRecord): boolean => task.worker === null || !alive.has(task.worker);
  const open = (run: string): TaskRecord[] =>
    tasks.where((task) => task.run === run && !task.done).sort((x, y) => x.id - y.id);

  const add = (run: string, list: readonly NewTask[]): TaskRow[] => addTasksInMemory(tables, run, list);

  return {
    async registerSync(sync, settingsDigest) {
      const before = syncs.get(sync);
      syncs.put(sync, settingsDigest);
      const settingsChanged = before !== undefined && before !== settingsDigest;
      if (settingsChanged)
        for (const row of snapshots.where((one) => one.sync === sync && !one.dirty))
          snapshots.put(`${sync}/${row.crm}/${row.id}`, { ...row, dirty: true });
      return { settingsChanged };
    },

    async plansBefore(sync) {
      return plans.where((plan) => plan.sync === sync).length;
    },

    async insertRun(run) {
      if (runs.get(run.run) !== undefined) throw new Error(`run ${run.run} is there already`);
      if (run.state === 'running' && runningOf(run.sync) !== null)
        throw new OppsyncError({
          recovery: 'refuse',
          code: 'run.going_on',
          message: `a run of sync ${run.sync} was started elsewhere at this very moment`,
          remedy: 'wait for it to end',
        });
      runs.put(run.run, run);
    },

    async runningRun(sync) {
      return runningOf(sync);
    },

    async loadRun(run) {
      return runs.get(run) ?? null;
    },

    async updateRun(run, patch) {
      const own = patch.facts === undefined ? {} : { factsOf: null };
      const set = Object.entries(patch).filter(([, value]) => value !== undefined);
      runs.patch(run, { ...Object.fromEntries(set), ...own });
    },

    async addCalls(run, crm, calls) {
      const row = runs.get(run);
      if (row === undefined || calls === 0) return;
      runs.put(run, { ...row, calls: { ...row.calls, [crm]: (row.calls[crm] ?? 0) + calls } });
    },

    async listRuns(sync, limit) {
      return runs
        .where((run) => run.sync === sync)
        .sort((x, y) => y.startedAt - x.startedAt || ascending(y.run, x.run))
        .slice(0, limit);
    },

    async recentFacts(sync, settingsDigest, since) {
      const own = runs
        .where((run) => run.sync === sync && run.settingsDigest === settingsDigest && run.factsOf == null)
        .map(({ run, facts, factsAt, startedAt }) => ({ run, facts, at: factsAt ?? startedAt }))
        .filter(({ facts, at }) => at >= since && Object.keys(facts).length > 0);
      return own.sort((x, y) => y.at - x.at)[0] ?? null;
    },

    async forgetRun(run) {
      const row = runs.get(run);
      if (row === undefined || row.factsOf == null || row.state === 'running') return;
      if (plans.where((plan) => plan.run === run).length > 0) return;
      if (runs.where((other) => other.factsOf === run).length === 0) runs.remove(run);
    },

    async addTasks(run, list) {
      return add(run, list);
    },

    async claimTask(id, epoch, worker) {
      const task = tasks.get(id);
      if (task === undefined || task.done || task.epoch !== epoch) return null;
      if (task.worker !== worker && !isFree(task)) return null;
      const taken = { ...task, worker };
      tasks.put(id, taken);
      return toTask(taken);
    },

    async finishTask(id, epoch) {
      const task = tasks.get(id);
      if (task === undefined || task.done || task.epoch !== epoch) return false;
      tasks.put(id, { ...task, done: true });
      return true;
    },

    async checkpointTask(id, epoch, payload) {
      const task = tasks.get(id);
      if (task === undefined || task.done || task.epoch !== epoch) return false;
      if (runs.get(task.run)?.state !== 'running') return false;
      tasks.put(id, { ...task, payload });
      return true;
    },

    async unqueuedTasks(run) {
      return open(run)
        .filter((task) => !task.queued)
        .map(toTask);
    },

    async markQueued(list) {
      for (const { id, epoch } of list) if (tasks.get(id)?.epoch === epoch) tasks.patch(id, { queued: true });
    },

    async openTasks(run) {
      return open(run).length;
    },

    async reviveTasks(run) {
      return open(run)
        .filter(isFree)
        .map((task) => {
          const revived = { ...task, worker: null, epoch: task.epoch + 1, queued: false };
          tasks.put(String(task.id), revived);
          return toTask(revived);
        });
    },

    async openRuns() {
      return runs
        .where((row) => row.state === 'running')
        .map(({ run }) => run)
        .sort(ascending);
    },

    async releaseTask(id, epoch) {
      const task = tasks.get(id);
      if (task !== undefined && !task.done && task.epoch === epoch) tasks.put(id, { ...task, worker: null });
    },

    async holdsTask(id, epoch, worker) {
      const task = tasks.get(id);
      if (task === undefined || task.done || task.epoch !== epoch || task.worker !== worker) return false;
      return runs.get(task.run)?.state === 'running';
    },

    async reclaimTasks() {
      return tasks
        .where((task) => !task.done && task.worker !== null && isFree(task))
        .filter((task) => runs.get(task.run)?.state === 'running')
        .sort((x, y) => x.id - y.id)
        .map((task) => {
          const revived = { ...task, worker: null, epoch: task.epoch + 1, queued: false };
          tasks.put(String(task.id), revived);
          return toTask(revived);
        });
    },

    async waitingTasks(limit) {
      const waiting = tasks
        .where((task) => !task.done && task.queued && task.worker === null)
        .filter((task) => runs.get(task.run)?.state === 'running')
        .sort((x, y) => x.id - y.id);
      return { count: waiting.length, oldest: waiting.slice(0, limit).map(toTask) };
    },

    async progress(run) {
      const row = runs.get(run);
      if (row === undefined) return { phase: 'finish', done: 0, total: null };
      const own = tasks.where((task) => task.run === run && task.payload.kind === row.phase);
      let done = 0;
      let total: number | null = 0;
      for (const { payload, size, done: isDone } of own) {
        const ended = payload.kind === 'pull' ? (payload.expected ?? payload.seen) : size;
        done += isDone ? ended : payload.kind === 'pull' ? payload.seen : 0;
        const open = payload.kind === 'pull' && payload.expected === null && !isDone;
        total = total === null || open ? null : total + ended;
      }
      return { phase: row.phase, done, total };
    },

    async isWorkerAlive(worker) {
      return alive.has(worker);
    },

    async addReconcileTasks(sync, run, size) {
      return reconcile(
        run,
        size,
        snapshots.where((row) => row.sync === sync && row.dirty),
      );
    },

    async addNamedTasks(sync, run, size) {
      const named = inbox.where((event) => event.run === run);
      const dirty = named.flatMap(({ crm, id }) => snapshots.get(recordKey(sync, crm, id)) ?? []);
      return reconcile(
        run,
        size,
        dirty.filter((row) => row.dirty),
      );
    },

    async addMovedTasks(run, size) {
      const moved = changes.where((row) => row.run === run && row.state === 'moved');
      for (const row of moved) changes.put(String(row.change), { ...row, state: 'replanned' });
      const again = [...Map.groupBy(moved, (row) => `pair:${row.pair}`)].sort(([x], [y]) => ascending(x, y));
      return add(
        run,
        slices(again, size).map((part) => ({
          queue: 'reconcile',
          payload: {
            kind: 'reconcile',
            round: 1 + Math.max(...part.flatMap(([, rows]) => rows.map((row) => row.round))),
            groups: part.map(([key]) => key),
          },
          size: part.length,
        })),
      );
    },

    async addPushTasks(run, changesOf, crm, size) {
      const planned = changes.where(
        (row) => row.run === changesOf && row.crm === crm && row.state === 'planned',
      );
      const ids = planned.map((row) => row.change).sort((x, y) => x - y);
      return add(
        run,
        slices(ids, size).map((list) => ({
          queue: 'push',
          payload: { kind: 'push', crm, changes: list },
          size: list.length,
        })),
      );
    },
  };

  function reconcile(run: string, size: number, dirty: readonly SnapshotRow[]): TaskRow[] {
    const keys = new Set(
      dirty.map((row) => (row.pair === null ? `${row.crm}:${row.id}` : `pair:${row.pair}`)),
    );
    return add(
      run,
      slices([...keys].sort(ascending), size).map((groups) => ({
        queue: 'reconcile',
        payload: { kind: 'reconcile', round: 0, groups },
        size: groups.length,
      })),
    );
  }

  function runningOf(sync: string): RunRow | null {
    return runs.where((run) => run.sync === sync && run.state === 'running')[0] ?? null;
  }
}

function slices<T>(list: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let start = 0; start < list.length; start += size) parts.push(list.slice(start, start + size));
  return parts;
}

function toTask({ id, run, queue, payload, epoch }: TaskRecord): TaskRow {
  return { id: String(id), run, queue, payload, epoch };
}
