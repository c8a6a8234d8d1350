/** What each kind of task does. */
import type { TaskRow } from '../core/store-rows.ts';
import { backfill } from './backfill.ts';
import { checkWrites } from './check-writes.ts';
import { create } from './create.ts';
import { readNamed } from './events.ts';
import { readEvidence } from './evidence.ts';
import { finish } from './finish.ts';
import { pair } from './pair.ts';
import { planRollups } from './plan-rollups.ts';
import { pull, sweep } from './pull.ts';
import { push } from './push.ts';
import { pushRollups } from './push-rollups.ts';
import { reconcile } from './reconcile.ts';
import { seal } from './seal.ts';
import type { Save, TaskContext } from './task.ts';
import { undo } from './undo.ts';

/** Every kind of task this version knows. */
const KINDS: Readonly<Record<TaskRow['payload']['kind'], true>> = {
  ...{ pull: true, events: true, evidence: true, backfill: true, sweep: true, pair: true, reconcile: true },
  ...{ undo: true, rollup: true, seal: true, push: true, push_rollups: true, create: true, check: true },
  finish: true,
};

/** Another version may have made tasks of kinds that this one does not know. */
export function isKnown({ payload }: TaskRow): boolean {
  return Object.hasOwn(KINDS, payload.kind);
}

/** Works on a task; what comes back is how to store its result. */
export function step(context: TaskContext): Promise<Save> {
  const { payload } = context.task;
  switch (payload.kind) {
    case 'pull':
      return pull(context, payload);
    case 'events':
      return readNamed(context, payload);
    case 'evidence':
      return readEvidence(context, payload);
    case 'backfill':
      return backfill(context, payload);
    case 'sweep':
      return sweep(context, payload);
    case 'pair':
      return pair(context);
    case 'reconcile':
      return reconcile(context, payload);
    case 'undo':
      return undo(context, payload);
    case 'rollup':
      return planRollups(context, payload);
    case 'seal':
      return seal(context);
    case 'push':
      return push(context, payload);
    case 'push_rollups':
      return pushRollups(context, payload);
    case 'create':
      return create(context, payload);
    case 'check':
      return checkWrites(context, payload);
    case 'finish':
      return finish(context);
  }
}
