/** Follows the change events of every connection that asks for them, each in one process at a time. */
import type { Pool } from 'pg';
import type { Config } from '../config/load.ts';
import { settingsOf } from '../config/settings.ts';
import { asksForChangeEvents } from './change-events-status.ts';
import type { ChangeStream } from './core/change-stream-port.ts';
import type { SyncName } from './core/ids.ts';
import { closeGaps } from './engine/close-gaps.ts';
import type { EngineDeps } from './engine/deps.ts';
import { followStream } from './engine/follow-stream.ts';
import { changeStreams } from './store/change-streams.ts';
import type { Database } from './store/open.ts';
import { type StreamLocks, streamLocks } from './store/stream-locks.ts';
import { syncsByConnection } from './syncs-by-connection.ts';

export interface FollowOptions {
  readonly config: Config;
  readonly deps: EngineDeps;
  readonly database: Database<unknown>;
  readonly signal: AbortSignal;
}

/** How often a process that does not follow a stream looks whether it is free; with very many of them less often. */
const LOOK_EVERY_MS = 1_000;
const LOOK_MS_PER_STREAM = 5;

interface Followed {
  readonly name: string;
  readonly stream: ChangeStream;
  readonly syncs: readonly SyncName[];
}

/** Resolves after the signal has aborted and everything has let go. */
export async function followChanges(options: FollowOptions): Promise<void> {
  const asked = Object.entries(options.config.connections).filter(([, connection]) =>
    asksForChangeEvents(connection),
  );
  if (asked.length === 0) return;
  const locks = streamLocks(options.database.pool as Pool);
  try {
    const followed = await openStreams(
      options,
      asked.map(([name]) => name),
    );
    const lookEveryMs = Math.max(LOOK_EVERY_MS, LOOK_MS_PER_STREAM * followed.length);
    await Promise.all(followed.map((one) => followAlone(options, locks, one, lookEveryMs)));
  } finally {
    await locks.close();
  }
}

async function openStreams({ config, deps }: FollowOptions, names: readonly string[]): Promise<Followed[]> {
  const { STREAMS } = await import('./connectors/index.ts');
  const opened: Followed[] = [];
  // Whoever leaves events alone is told nothing: they would only pile up.
  const readers = syncsByConnection(config.syncs, ({ events }) => events !== null);
  for (const name of names) {
    const syncs = readers.get(name) ?? [];
    const [first] = syncs;
    if (first === undefined) continue;
    const part = settingsOf(config, first).connections.find((one) => one.name === name);
    if (part === undefined) continue;
    const { crm, options, path } = part;
    const { clock, sleep, random } = deps;
    const log = deps.log.child({ crm });
    const stream = await STREAMS[crm]?.(options, path, { clock, sleep, random, log });
    if (stream != null) opened.push({ name, stream, syncs });
  }
  return opened;
}

async function followAlone(
  options: FollowOptions,
  locks: StreamLocks,
  followed: Followed,
  lookEveryMs: number,
): Promise<void> {
  const { deps, database, signal } = options;
  const { name, stream, syncs } = followed;
  const streams = changeStreams(database.db);
  try {
    while (!signal.aborted) {
      const held = await locks.take(name).catch(() => null);
      if (held === null)
        deps.log.debug('change events are followed by another process', { connection: name });
      if (held !== null) {
        const both = AbortSignal.any([signal, held.lost]);
        await Promise.all([
          followStream({ ...deps, streams, inbox: deps.store }, stream, syncs, both),
          closeGaps(deps, streams, stream.crm, syncs, both, lookEveryMs / 2),
        ]);
        await held.release();
      }
      const wait = lookEveryMs * (0.75 + deps.random.next() / 2);
      await deps.sleep(wait, signal).catch(() => undefined);
    }
  } finally {
    stream.close();
  }
}
