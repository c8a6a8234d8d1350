import type { NewAudit } from '../core/audit.ts';
import type { RunRow } from '../core/store-rows.ts';

/** The entry in the audit with which every run begins. */
export function started(run: RunRow): NewAudit {
  const undoes = run.undoes == null ? {} : { undoes: run.undoes };
  return {
    at: run.startedAt,
    sync: run.sync,
    by: run.by,
    action: 'run.started',
    details: { run: run.run, mode: run.mode, ...undoes },
  };
}
