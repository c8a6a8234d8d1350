import type { Pool, PoolClient } from 'pg';

/** First half of the advisory lock every living process holds; the second half is its worker key. */
export const WORKER_LOCK_CLASS = 779_001;

export interface WorkerLock {
  /** Positive 31-bit number, unique among living processes. */
  readonly worker: number;
  release(): Promise<void>;
}

/**
 * Makes this process visible to the others for as long as its database session lives: a killed process loses its session
 * and with it the lock, so that its work can be taken over at once instead of after a time-out.
 *
 * @param random uniform in [0, 1), to draw a key
 */
export async function holdWorkerLock(pool: Pool, random: () => number): Promise<WorkerLock> {
  let client: PoolClient | null = null;
  let released = false;
  const acquire = async (wanted: number | null): Promise<number> => {
    const taken = await pool.connect();
    for (;;) {
      const worker = wanted ?? 1 + Math.floor(random() * 2_147_483_646);
      const { rows } = await taken.query<{ ok: boolean }>('select pg_try_advisory_lock($1, $2) as ok', [
        WORKER_LOCK_CLASS,
        worker,
      ]);
      if (rows[0]?.ok === true || wanted !== null) {
        client = taken;
        // After a database restart the same key is taken again, so that work under way keeps its owner.
        taken.on('error', () => {
          // A client may be let go of only once, and a connection may complain again while it ends.
          if (client !== taken) return;
          client = null;
          taken.release(true);
          if (!released) void acquire(worker).catch(() => undefined);
        });
        return worker;
      }
    }
  };
  const worker = await acquire(null);
  return {
    worker,
    async release() {
      released = true;
      const held = client;
      client = null;
      held?.release(true);
    },
  };
}
