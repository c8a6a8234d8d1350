import type { Pool, PoolClient } from 'pg';

/** Keeps these advisory locks apart from others of the database. */
const LOCK_CLASS = 779_002;

export interface HeldLock {
  /** Aborts when the database session that held it is gone: somebody else may hold it now. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

export interface StreamLocks {
  /** The lock of this name, for as long as the process lives; null while another process holds it. */
  take(name: string): Promise<HeldLock | null>;
  close(): Promise<void>;
}

/** Locks that one process holds at a time, all of this process on one connection. A killed process loses them at once. */
export function streamLocks(pool: Pool): StreamLocks {
  let session: Promise<PoolClient> | null = null;
  const held = new Map<string, AbortController>();

  async function open(): Promise<PoolClient> {
    const client = await pool.connect();
    client.once('error', (error) => {
      session = null;
      client.release(error);
      for (const lost of held.values()) lost.abort(error);
      held.clear();
      // It may complain again while it ends.
      client.on('error', () => undefined);
    });
    return client;
  }

  return {
    async take(name) {
      if (held.has(name)) return null;
      session ??= open();
      const client = await session.catch((error: unknown) => {
        session = null;
        throw error;
      });
      const { rows } = await client.query<{ ok: boolean }>(
        'select pg_try_advisory_lock($1, hashtext($2)) as ok',
        [LOCK_CLASS, name],
      );
      if (rows[0]?.ok !== true) return null;
      const lost = new AbortController();
      held.set(name, lost);
      return {
        lost: lost.signal,
        async release() {
          if (held.get(name) !== lost) return;
          held.delete(name);
          await client
            .query('select pg_advisory_unlock($1, hashtext($2))', [LOCK_CLASS, name])
            .catch(() => undefined);
        },
      };
    },
    async close() {
      const open = session;
      session = null;
      // The session ends, and with it whatever it still held.
      (await open?.catch(() => undefined))?.release(true);
    },
  };
}
