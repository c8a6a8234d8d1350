import type { CommandSpec } from '../context.ts';
import { apply } from './apply.ts';
import { audit } from './audit.ts';
import { classify } from './classify.ts';
import { conflicts } from './conflicts.ts';
import { demo } from './demo.ts';
import { explain } from './explain.ts';
import { metrics } from './metrics.ts';
import { migrate } from './migrate.ts';
import { pair } from './pair.ts';
import { plan } from './plan.ts';
import { provision } from './provision.ts';
import { quarantine } from './quarantine.ts';
import { runs } from './runs.ts';
import { sandbox } from './sandbox.ts';
import { schedule } from './schedule.ts';
import { serve } from './serve.ts';
import { stages } from './stages.ts';
import { status } from './status.ts';
import { sync } from './sync.ts';
import { undo } from './undo.ts';
import { verify } from './verify.ts';

/** Every command, in the order the help lists them. */
export const COMMANDS: readonly CommandSpec[] = [
  ...[demo, sandbox],
  ...[pair, plan, apply, sync, undo, verify],
  ...[classify, stages, provision],
  ...[status, runs, explain, metrics],
  ...[conflicts, quarantine, audit],
  ...[serve, schedule, migrate],
];
