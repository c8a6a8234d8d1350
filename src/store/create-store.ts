import type { Kysely } from 'kysely';
import type { Store, StoreTx } from '../core/store-port.ts';
import { accountLocks } from './account-locks.ts';
import { audit } from './audit.ts';
import { backfills } from './backfills.ts';
import { brakeFacts } from './brake-facts.ts';
import { candidates } from './candidates.ts';
import { checks } from './checks.ts';
import { conflicts } from './conflicts.ts';
import { creations } from './creations.ts';
import { findings } from './findings.ts';
import { groups } from './groups.ts';
import { inbox } from './inbox.ts';
import { journal } from './journal.ts';
import { saveDay } from './measures.ts';
import { pairDecisions } from './pair-decisions.ts';
import { pairs } from './pairs.ts';
import { patiently } from './patience.ts';
import { plans } from './plans.ts';
import { pushed } from './pushed.ts';
import { clearQuarantine, quarantine } from './quarantine.ts';
import { rollups } from './rollups.ts';
import { runs } from './runs.ts';
import { snapshots } from './snapshots.ts';
import type { Executor } from './sql.ts';
import { tally } from './tally.ts';
import { tasks } from './tasks.ts';

/**
 * The Store port over PostgreSQL.
 *
 * @param worker the key this process holds a lock on ({@link ./worker-lock.ts})
 */
export function createStore(db: Kysely<unknown>, worker: number): Store {
  return {
    ...patient(operations(db)),
    worker,
    tx: (work) => repeated(() => db.transaction().execute((transaction) => work(operations(transaction)))),
  };
}

/** Deadlocks and serialization failures: PostgreSQL undid the statement or transaction, which may simply be done again. */
const UNDONE = new Set(['40P01', '40001']);
const MOST_TRIES = 5;

/** The same operations, each of which waits for a database that is away, and is done again after a deadlock. */
function patient(found: StoreTx): StoreTx {
  const entries = Object.entries(found).map(([name, operation]: [string, (...given: never[]) => unknown]) => [
    name,
    (...given: never[]) => repeated(async () => operation(...given)),
  ]);
  return Object.fromEntries(entries) as StoreTx;
}

async function repeated<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await patiently(work);
    } catch (error) {
      const undone = error instanceof Error && 'code' in error && UNDONE.has(String(error.code));
      if (!undone || attempt >= MOST_TRIES) throw error;
    }
  }
}

function operations(db: Executor): StoreTx {
  return {
    ...runs(db),
    ...tasks(db),
    ...snapshots(db),
    ...pairs(db),
    ...creations(db),
    ...rollups(db),
    ...candidates(db),
    ...pairDecisions(db),
    ...groups(db),
    ...plans(db),
    ...pushed(db),
    ...tally(db),
    ...brakeFacts(db),
    ...audit(db),
    ...conflicts(db),
    ...quarantine(db),
    ...journal(db),
    ...checks(db),
    ...inbox(db),
    ...findings(db),
    ...backfills(db),
    ...accountLocks(db),
    saveMeasures: (sync, run, first, day, now, always) => saveDay(db, sync, run, first, day, now, always),
    clearQuarantine: (sync) => clearQuarantine(db, sync),
  };
}
