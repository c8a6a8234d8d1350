import type { Config, FieldSetting, PairingConfig, Schedule, SyncConfig } from './load.ts';
import { STANDARD_FIELD_KINDS } from './schema.ts';

/** One connection of a sync, ready for its connector. */
export interface ConnectionSettings {
  /** The name the configuration gives it. */
  readonly name: string;
  readonly crm: string;
  /** Key path, for the connector's own error texts. */
  readonly path: string;
  /** Everything but `crm`, plus what the sync says for it: for the connector's own parser. */
  readonly options: Readonly<Record<string, unknown>>;
}

type Limit = { readonly share: number; readonly above: number; readonly most: number | null } | false;

export interface Brakes {
  readonly changed: Limit;
  readonly flips: Limit;
  readonly amounts: { readonly share: number; readonly above: number } | false;
  readonly creates: Limit;
  readonly vanished: Limit;
}

/** Limits as the engine takes them: what vanished has a share only. */
function brakesOf(given: SyncConfig['brakes']): Brakes {
  return { ...given, vanished: given.vanished === false ? false : { ...given.vanished, most: null } };
}

/** What one sync's configuration comes to. Plain JSON; `settings` has the shape the engine takes. */
export interface SyncParts {
  readonly settings: {
    readonly name: string;
    readonly sides: readonly [string, string];
    readonly fields: Readonly<
      Record<string, { kind: FieldSetting['kind']; policy: string; blank: 'ignore' | 'propagate' }>
    >;
    readonly initial: string;
    readonly statusAuthority: string;
    readonly stages: readonly Readonly<Record<string, readonly string[]>>[] | null;
    readonly profile: string;
    readonly decisions: SyncConfig['decisions'];
    readonly languages: Readonly<Record<string, string>>;
    readonly excludePipelines: Readonly<Record<string, readonly string[]>>;
    readonly recordTypes: SyncConfig['recordTypes'];
    readonly pipelineRules: SyncConfig['pipelineRules'];
    readonly pairing: PairingConfig;
    readonly checkWrites: boolean;
    readonly history: SyncConfig['history'];
    readonly create?: SyncConfig['create'];
    readonly rollups?: readonly string[];
    readonly tieMarginMs: number;
    readonly brakes: Brakes;
  };
  readonly connections: readonly [ConnectionSettings, ConnectionSettings];
  readonly schedule: Schedule | null;
}

/**
 * The parts of the configuration that one sync needs.
 * @throws RangeError when no sync has that name; callers check `config.syncs` first
 */
export function settingsOf(config: Config, syncName: string): SyncParts {
  const sync = config.syncs[syncName];
  if (sync === undefined) throw new RangeError(`no sync is called ${syncName}`);
  const [first, second] = sync.connections.map((name): ConnectionSettings => {
    const { crm, ...rest } = config.connections[name] ?? { crm: '' };
    const customFields = Object.fromEntries(
      Object.entries(sync.fields).flatMap(([field, { kind, native }]) =>
        native?.[crm] === undefined ? [] : [[field, { native: native[crm], kind }]],
      ),
    );
    const options = {
      ...rest,
      ...(Object.keys(customFields).length === 0 ? {} : { customFields }),
      ...(sync.recordTypes === 'ignore' ? { recordTypes: sync.recordTypes } : {}),
      ...(sync.pipelineRules === 'respect' ? { pipelineRules: sync.pipelineRules } : {}),
    };
    return { name, crm, path: `connections.${name}`, options };
  });
  if (first === undefined || second === undefined) throw new RangeError(`${syncName} lacks a connection`);
  return {
    settings: {
      name: syncName,
      sides: [first.crm, second.crm],
      fields: Object.fromEntries(
        Object.entries(sync.fields).map(([field, { kind, policy, blank }]) => [
          field,
          { kind, policy, blank },
        ]),
      ),
      initial: sync.initial,
      statusAuthority: sync.statusAuthority,
      stages: sync.stages,
      profile: sync.profile,
      decisions: sync.decisions,
      languages: sync.languages,
      excludePipelines: { [first.crm]: [], [second.crm]: [], ...sync.excludePipelines },
      recordTypes: sync.recordTypes,
      pipelineRules: sync.pipelineRules,
      pairing: sync.pairing,
      checkWrites: sync.checkWrites,
      history: sync.history,
      ...(Object.keys(sync.create).length === 0 ? {} : { create: sync.create }),
      ...(sync.rollups.length === 0 ? {} : { rollups: sync.rollups }),
      tieMarginMs: sync.tieMarginMs,
      brakes: brakesOf(sync.brakes),
    },
    connections: [first, second],
    schedule: sync.schedule,
  };
}

/** CRMs in which records may be created; `true` is the short way of saying `active`. */
export function createSettings(
  written: Readonly<Record<string, boolean | 'active' | 'all'>>,
): SyncConfig['create'] {
  return Object.fromEntries(
    Object.entries(written).flatMap(([crm, of]) =>
      of === false ? [] : [[crm, of === true ? ('active' as const) : of]],
    ),
  );
}

/** Standard fields first, then custom ones; a standard field set to false is left out. */
export function fieldSettings(
  written: Readonly<
    Record<
      string,
      | false
      | {
          policy: string;
          blank: 'ignore' | 'propagate';
          kind?: FieldSetting['kind'] | undefined;
          native?: Record<string, string> | undefined;
        }
    >
  >,
): Readonly<Record<string, FieldSetting>> {
  const fields: Record<string, FieldSetting> = {};
  for (const [field, kind] of Object.entries(STANDARD_FIELD_KINDS)) {
    const own = written[field];
    if (own === false) continue;
    fields[field] = { kind, policy: own?.policy ?? 'ask', blank: own?.blank ?? 'ignore', native: null };
  }
  for (const [field, own] of Object.entries(written)) {
    if (own === false || field in STANDARD_FIELD_KINDS) continue;
    fields[field] = {
      kind: own.kind ?? 'text',
      policy: own.policy,
      blank: own.blank,
      native: own.native ?? null,
    };
  }
  return fields;
}
