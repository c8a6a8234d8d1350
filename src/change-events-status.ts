/** How the following of change events stands, from what its process has stored. */
import type { Kysely } from 'kysely';
import type { Config } from '../config/load.ts';
import type { ChangeEventsStatus } from './app.ts';
import type { SyncName } from './core/ids.ts';
import type { Clock } from './core/ports.ts';
import { changeStreams } from './store/change-streams.ts';

/** Longer than a CRM ever stays silent. */
const SILENT_MS = 360_000;

/** Null for a sync whose connections do not ask for change events, or that leaves events alone. */
export function changeEventsStatus(
  config: Config,
  db: Kysely<unknown>,
  clock: Clock,
): (sync: SyncName) => Promise<ChangeEventsStatus | null> {
  const streams = changeStreams(db);
  return async (sync) => {
    const crm = followedBy(config, sync);
    if (crm === null) return null;
    const [row] = await streams.load(crm, [sync]);
    if (row === undefined)
      return {
        ...{ crm, state: 'starting', trouble: null, heardAt: null },
        ...{ eventAt: null, lagMs: null, missingSince: null },
      };
    const { trouble, heardAt, movedAt, eventAt, lagMs, gapAt: missingSince } = row;
    // Who began to follow a moment ago may not have heard anything yet.
    const lastSign = Math.max(heardAt ?? 0, movedAt);
    const isSilent = row.state === 'following' && clock.now() - lastSign > SILENT_MS;
    return {
      ...{ crm, state: isSilent ? 'silent' : row.state, trouble },
      ...{ heardAt, eventAt, lagMs, missingSince },
    };
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
