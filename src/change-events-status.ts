/** How the following of change events stands, from what its process has stored. */
import type { Kysely } from 'kysely';
import type { Config } from '../config/load.ts';
import type { ChangeEventsStatus } from './app.ts';
import type { StreamRow } from './core/change-stream-port.ts';
import type { Crm, SyncName } from './core/ids.ts';
import type { Clock } from './core/ports.ts';
import { changeStreams } from './store/change-streams.ts';

/** Longer than a CRM ever stays silent. */
const SILENT_MS = 360_000;

/** Of those asked for; a sync whose connections do not ask for change events, or that leaves events alone, is left out. */
export function changeEventsStatus(
  config: Config,
  db: Kysely<unknown>,
  clock: Clock,
): (syncs: readonly SyncName[]) => Promise<ReadonlyMap<SyncName, ChangeEventsStatus>> {
  const streams = changeStreams(db);
  const statusOf = (crm: Crm, row: StreamRow | undefined): ChangeEventsStatus => {
    if (row === undefined)
      return {
        ...{ crm, state: 'starting', trouble: null, heardAt: null },
        ...{ eventAt: null, lagMs: null, missingSince: null },
      };
    const { trouble, fault, heardAt, movedAt, eventAt, lagMs, gapAt: missingSince } = row;
    // Who began to follow a moment ago may not have heard anything yet.
    const lastSign = Math.max(heardAt ?? 0, movedAt);
    const isSilent = row.state === 'following' && clock.now() - lastSign > SILENT_MS;
    return {
      ...{ crm, state: isSilent ? 'silent' : row.state, trouble, fault },
      ...{ heardAt, eventAt, lagMs, missingSince },
    };
  };
  return async (syncs) => {
    const followed = Map.groupBy(syncs, (sync) => followedBy(config, sync));
    const found = new Map<SyncName, ChangeEventsStatus>();
    for (const [crm, names] of followed) {
      if (crm === null) continue;
      const rows = new Map((await streams.load(crm, names)).map((row) => [row.sync, row]));
      for (const sync of names) found.set(sync, statusOf(crm, rows.get(sync)));
    }
    return found;
  };
}

/** The CRM whose changes are followed for a sync. */
function followedBy(config: Config, sync: SyncName): string | null {
  const own = config.syncs[sync];
  if (own === undefined || own.events === null) return null;
  for (const name of own.connections) {
    const connection = config.connections[name];
    if (connection !== undefined && asksForChangeEvents(connection)) return connection.crm;
  }
  return null;
}

/** `changeEvents: true`, or a group that is not switched off. */
export function asksForChangeEvents(connection: Readonly<Record<string, unknown>>): boolean {
  const given = connection['changeEvents'];
  if (typeof given !== 'object' || given === null) return given === true;
  return (given as { enabled?: unknown }).enabled !== false;
}
