import type { AccountFacts } from '../core/account-facts.ts';
import type { Connector } from '../core/connector-port.ts';
import type { Crm } from '../core/ids.ts';
import type { StoreTx } from '../core/store-port.ts';
import type { RunRow, TaskRow } from '../core/store-rows.ts';
import type { EngineDeps, SyncRuntime } from './deps.ts';

/** What a step is handed: its task, the run it belongs to, and the doors it may use. */
export interface TaskContext {
  readonly task: TaskRow;
  readonly run: RunRow;
  readonly runtime: SyncRuntime;
  readonly deps: EngineDeps;
  readonly signal: AbortSignal;
  connector(crm: Crm): Connector;
  facts(crm: Crm): AccountFacts;
  /**
   * To be asked right before each call that writes to a CRM: a stalled worker that was taken for dead must not write late,
   * because another one has its work.
   */
  requireHold(): Promise<void>;
  /** The error to throw when another worker has taken the task over. */
  stale(): StaleTask;
}

/** Stores what a step decided, new tasks included: in one transaction with the end of its task, or not at all. */
export type Save = (tx: StoreTx) => Promise<void>;

/** Another worker has taken the task over: nothing of this attempt may be stored. */
export class StaleTask extends Error {
  override readonly name = 'StaleTask';
}

/** Makes the context of a task. Throws when the run lacks what the task needs: a fault of ours. */
export function taskContext(
  deps: EngineDeps,
  runtime: SyncRuntime,
  run: RunRow,
  task: TaskRow,
  signal: AbortSignal,
): TaskContext {
  const stale = (): StaleTask => new StaleTask(`task ${task.id} was taken over`);
  return {
    deps,
    runtime,
    run,
    task,
    signal,
    connector: (crm) => required(runtime.connectors[crm], `no connector for ${crm}`),
    facts: (crm) => required(run.facts[crm], `no facts about ${crm}`),
    stale,
    async requireHold() {
      if (!(await deps.store.holdsTask(task.id, task.epoch, deps.store.worker))) throw stale();
    },
  };
}

function required<T>(value: T | undefined, message: string): T {
  if (value === undefined) throw new Error(message);
  return value;
}
