/** Conflicts, quarantine, audit and agreement over the store. */
import type { Kysely } from 'kysely';
import type { SyncName } from './core/ids.ts';
import type { Clock } from './core/ports.ts';
import type { SyncSettings } from './core/settings.ts';
import type { Store } from './core/store-port.ts';
import type { KeptChange } from './core/trust-port.ts';
import type { TrustApp } from './core/trust-requests.ts';
import { openConflicts, resolveConflicts } from './engine/conflicts.ts';
import type { EngineDeps, SyncRuntime } from './engine/deps.ts';
import { quarantined, replay } from './engine/quarantine.ts';
import { verify } from './engine/verify.ts';
import { verifyAudit } from './store/audit.ts';

export interface TrustParts {
  readonly db: Kysely<unknown>;
  readonly store: Store;
  readonly clock: Clock;
  readonly settings: (sync: SyncName) => SyncSettings;
  /** Loads the connectors. */
  readonly runtime: (sync: SyncName) => Promise<{ deps: EngineDeps; runtime: SyncRuntime }>;
  readonly signal: AbortSignal;
}

/** Wires it up. */
export function trust(parts: TrustParts): TrustApp {
  const { db, store, clock, settings } = parts;
  return {
    conflicts: (sync, field) => openConflicts(store, sync, field),
    resolveConflicts: (sync, request, by) => resolveConflicts({ store, clock }, settings(sync), request, by),
    quarantine: (sync) => quarantined(store, sync),
    replayQuarantine: (sync, ids, by) => replay({ store, clock }, sync, ids, by),
    keptByUndo: async (sync, undo, limit) =>
      (await store.keptBy(undo, sync, limit)).filter((kept) => !isKeyInPlace(kept)),
    createdBy: (sync, run) => store.createdBy(sync, run),
    audit: async (limit) => {
      const head = await store.auditHead();
      return store.auditRows(Math.max(0, head.n - limit), limit);
    },
    verifyAudit: () =>
      db
        .transaction()
        .setIsolationLevel('repeatable read')
        .execute((snapshot) => verifyAudit(snapshot)),
    verify: async (sync, signal) => {
      const { deps, runtime } = await parts.runtime(sync);
      return verify(deps, runtime, signal ?? parts.signal);
    },
  };
}

/** The key of a pair that goes on is left where it is; nobody has edited it. */
function isKeyInPlace({ owned, field, after, now }: KeptChange): boolean {
  return owned && field === 'pairKey' && now === after;
}
