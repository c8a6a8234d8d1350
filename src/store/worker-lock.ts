import { setTimeout as delay } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';

/** First half of the advisory lock every living process holds; the second half is its worker key. */
export const WORKER_LOCK_CLASS = 779_001;

const TRY_AGAIN_MS = 250;
/** A sign of life this often; who is silent for long is taken for dead ({@link ./silent-workers.ts}). */
const SIGN_EVERY_MS = 5_000;

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
 * @param signEveryMs how often it gives a sign of life
 */
export async function holdWorkerLock(
  pool: Pool,
  random: () => number,
  signEveryMs = SIGN_EVERY_MS,
): Promise<WorkerLock> {
  let client: PoolClient | null = null;
  let released = false;

  async function take(wanted: number | null): Promise<number> {
    const taken = await pool.connect();
    let lost = false;
    taken.on('error', () => {
      // A client may be let go of only once, and a connection may complain again while it ends.
      if (lost) return;
      lost = true;
      if (client !== taken) return;
      client = null;
      taken.release(true);
      void takeAgain(worker);
    });
    let worker = 0;
    try {
      for (;;) {
        worker = wanted ?? 1 + Math.floor(random() * 2_147_483_646);
        const { rows } = await taken.query<{ ok: boolean }>('select pg_try_advisory_lock($1, $2) as ok', [
          WORKER_LOCK_CLASS,
          worker,
        ]);
        if (rows[0]?.ok === true) break;
        // The session that held it may not have ended yet.
        if (wanted !== null) throw new Error('the lock is still held');
      }
    } catch (error) {
      taken.release(true);
      throw error;
    }
    client = taken;
    return worker;
  }

  /** After a lost connection the same key is taken again, so that work under way keeps its owner. */
  async function takeAgain(worker: number): Promise<void> {
    while (!released) {
      try {
        await take(worker);
        return;
      } catch {
        await delay(TRY_AGAIN_MS);
      }
    }
  }

  const worker = await take(null);
  let asking = false;
  const signs = setInterval(() => {
    if (client === null || asking) return;
    asking = true;
    client
      .query('select 1')
      // A lost connection tells so by itself.
      .catch(() => undefined)
      .finally(() => {
        asking = false;
      });
  }, signEveryMs);
  signs.unref();
  return {
    worker,
    async release() {
      released = true;
      clearInterval(signs);
      const held = client;
      client = null;
      held?.release(true);
    },
  };
}
