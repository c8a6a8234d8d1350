import { ConfigError } from '../../config/errors.ts';
import { OppsyncError } from '../core/errors.ts';
import type { RunReport } from '../core/report.ts';
import { UsageError } from './usage-error.ts';

/** What the process answers (design: 0 done, 1 attention with --strict, 2 usage, 3 refused, 4 unreachable, 70 ours). */
export const EXIT = {
  done: 0,
  attention: 1,
  usage: 2,
  refused: 3,
  unreachable: 4,
  fault: 70,
  interrupted: 130,
} as const;

/** The exit code that fits a thrown thing. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof ConfigError) return EXIT.usage;
  if (!(error instanceof OppsyncError)) return EXIT.fault;
  const { recovery, unreachable, retryAfterMs, resumesAt } = error.details;
  if (unreachable === true) return EXIT.unreachable;
  // A spent allowance: the run rests until there is more.
  if (resumesAt !== undefined) return EXIT.refused;
  switch (recovery) {
    case 'fix':
      return EXIT.usage;
    case 'refuse':
    case 'skip':
    case 'gone':
      return EXIT.refused;
    case 'stop':
      // Spent quotas come back by themselves; credentials and permissions have to be set right.
      return retryAfterMs === undefined ? EXIT.usage : EXIT.unreachable;
    case 'retry':
    case 'wait':
    case 'unknown':
      return EXIT.unreachable;
  }
}

/** The exit code of a run that ended by itself. */
export function exitCodeOfReport(report: RunReport, strict: boolean): number {
  if (report.mode !== 'plan' && report.brakes.length > 0) return EXIT.refused;
  const refused = Object.values(report.rollups ?? {}).reduce((sum, { failed }) => sum + failed, 0);
  const waiting = report.outcomes.conflict + report.outcomes.quarantined + refused;
  return strict && waiting > 0 ? EXIT.attention : EXIT.done;
}
