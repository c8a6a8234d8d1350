import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { crossCheck } from './check.ts';
import type { ConfigDocument, KeyPath } from './document.ts';
import { parseConfigDocument, pathText } from './document.ts';
import type { Environment } from './environment.ts';
import { overrideFromEnvironment, substituteVariables } from './environment.ts';
import type { ConfigProblem } from './errors.ts';
import { ConfigError } from './errors.ts';
import type { CUSTOM_KINDS, LOG_LEVELS, ParsedConfig } from './schema.ts';
import { configSchema } from './schema.ts';
import type { BareProblem } from './schema-problems.ts';
import { foundText, schemaProblems } from './schema-problems.ts';
import { knownKeys } from './schema-walk.ts';
import { createSettings, fieldSettings } from './settings.ts';

export const DEFAULT_FILE = 'oppsync.yaml';

export interface FieldSetting {
  readonly kind: (typeof CUSTOM_KINDS)[number] | 'stage';
  readonly policy: string;
  readonly blank: 'ignore' | 'propagate';
  /** The field's name per CRM; null for a standard field. */
  readonly native: Readonly<Record<string, string>> | null;
}

export interface PairingConfig {
  readonly accept: 'none' | 'certain';
  readonly certain: number;
  readonly ask: number;
}

/** When the nightly run of a sync starts, and when its absence is worth an alert. */
export interface Schedule {
  readonly cron: string;
  readonly timeZone: string;
  readonly jitterMinutes: number;
  readonly alertAfterHours: number;
}

export interface SyncConfig {
  readonly connections: readonly string[];
  readonly initial: string;
  readonly statusAuthority: string;
  readonly profile: string;
  /** What the operator decided for a stage, per CRM by stage key. */
  readonly decisions: Readonly<
    Record<string, Readonly<Record<string, ParsedConfig['syncs'][string]['decisions'][string][string]>>>
  >;
  /** Language of the stage names, per CRM. */
  readonly languages: Readonly<Record<string, string>>;
  /** Synced fields: standard ones unless switched off, then custom ones. */
  readonly fields: Readonly<Record<string, FieldSetting>>;
  readonly stages: readonly Readonly<Record<string, readonly string[]>>[] | null;
  readonly excludePipelines: Readonly<Record<string, readonly string[]>>;
  readonly recordTypes: 'respect' | 'ignore';
  readonly pipelineRules: 'respect' | 'ignore';
  readonly pairing: PairingConfig;
  /** CRMs in which missing counterparts are created, and of which records. */
  readonly create: Readonly<Record<string, 'active' | 'all'>>;
  /** CRMs in whose accounts the roll-ups of their opportunities are kept. */
  readonly rollups: readonly string[];
  /** What their amounts are converted with; `file` is an absolute path. null: they are not converted. */
  readonly rollupRates: { readonly file: string; readonly currency: string } | null;
  readonly schedule: Schedule | null;
  readonly checkWrites: boolean;
  readonly history: 'from_first_run' | 'backfill';
  /** null: events are left to the nightly run. */
  readonly events: { readonly windowMs: number } | null;
  readonly tieMarginMs: number;
  readonly brakes: ParsedConfig['syncs'][string]['brakes'];
}

/** The whole configuration: checked, defaults filled in, frozen, plain JSON. */
export interface Config {
  /** Absolute path of the file it came from. */
  readonly file: string;
  readonly connections: Readonly<Record<string, { readonly crm: string; readonly [key: string]: unknown }>>;
  readonly syncs: Readonly<Record<string, SyncConfig>>;
  readonly http: { readonly host: string; readonly port: number; readonly publicUrl: string | null };
  readonly database: { readonly url: string | null; readonly dataDir: string | null };
  readonly redis: { readonly url: string | null };
  /** null: `info` for serving, `warn` for a command. */
  readonly log: { readonly level: (typeof LOG_LEVELS)[number] | null };
  /** Where traces go; null = nowhere. */
  readonly tracing: { readonly endpoint: string | null };
}

export interface LoadOptions {
  /** As given by the user; default `oppsync.yaml`. */
  readonly file?: string;
  readonly env: Environment;
  /** Folder that relative paths start from. */
  readonly cwd: string;
}

/** The environment of this process. The only place that reads it. */
export function processEnvironment(): Environment {
  return process.env;
}

/**
 * Reads the configuration: defaults, then the file, then the environment.
 * @throws ConfigError with every problem found, in the order of the file
 */
export function loadConfig(options: LoadOptions): Config {
  const asked = options.file ?? DEFAULT_FILE;
  const file = isAbsolute(asked) ? asked : resolve(options.cwd, asked);
  const parsed = parseConfigDocument(readText(file, asked, options.cwd), asked);
  if (parsed.problems.length > 0) throw new ConfigError(parsed.problems);

  const substituted = substituteVariables(parsed.document, options.env);
  const problems: ConfigProblem[] = substituted.problems.map(({ code, offset, params, path }) =>
    parsed.problemAt(code, offset, params, path),
  );
  const data = plainData(parsed, asked);
  const overridden = overrideFromEnvironment(data, options.env, knownKeys);
  problems.push(
    ...overridden.problems.map(({ code, params }) => ({
      ...{ code, params, file: null, line: null, column: null, path: '', excerpt: null },
    })),
  );
  const sources = new Map([...substituted.sources, ...overridden.sources]);
  const words = (value: unknown, path: KeyPath): string => {
    const variable = sources.get(pathText(path));
    return variable === undefined ? foundText(value, path) : `the value of ${variable}`;
  };
  const placed = (bare: readonly BareProblem[]): ConfigProblem[] =>
    bare.map(({ code, path, params, atKey }) => {
      const variable = overridden.sources.get(pathText(path));
      const found =
        params['found'] === undefined ? {} : { found: maskedFound(path, params['found'], sources) };
      return variable === undefined
        ? parsed.problem(code, path, { ...params, ...found }, atKey)
        : {
            code,
            file: null,
            line: null,
            column: null,
            path: `${variable} (${pathText(path)})`,
            params: { ...params, ...found },
            excerpt: null,
          };
    });

  const checked = configSchema.safeParse(data);
  problems.push(
    ...placed(
      checked.success
        ? crossCheck(checked.data, words)
        : schemaProblems(checked.error.issues, data, (path) => knownKeys(path) ?? []),
    ),
  );
  if (problems.length > 0 || !checked.success) throw new ConfigError(inFileOrder(problems));
  return deepFreeze(shape(file, checked.data));
}

function readText(file: string, asked: string, cwd: string): string {
  const refuse = (
    code: 'missing_file' | 'unreadable_file' | 'not_utf8',
    params: Record<string, string>,
  ): never => {
    throw new ConfigError([{ code, file: asked, line: null, column: null, path: '', params, excerpt: null }]);
  };
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    if (reason === 'ENOENT') return refuse('missing_file', { file: asked, dir: cwd });
    return refuse('unreadable_file', { reason });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse('not_utf8', {});
  }
}

/** The document as plain data. An empty file is an empty group; anything but a group is refused. */
function plainData(parsed: ConfigDocument, file: string): Record<string, unknown> {
  let data: unknown;
  try {
    data = parsed.document.toJS({ maxAliasCount: 100 });
  } catch {
    throw new ConfigError([
      parsed.problem('yaml', [], { detail: 'it repeats itself through aliases too often' }),
    ]);
  }
  if (data === null || data === undefined) return {};
  if (typeof data !== 'object' || Array.isArray(data))
    throw new ConfigError([
      {
        ...parsed.problem('wrong_type', [], { expected: 'a group of keys', found: foundText(data, []) }),
        file,
      },
    ]);
  // A group with nothing but comments under it is as good as absent.
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null));
}

/** A value that came through a variable is named by the variable, never shown. */
function maskedFound(path: KeyPath, found: string, sources: ReadonlyMap<string, string>): string {
  const variable = sources.get(pathText(path));
  return variable === undefined ? found : `the value of ${variable}`;
}

function inFileOrder(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const place = (problem: ConfigProblem): number => (problem.line ?? 1e9) * 10_000 + (problem.column ?? 0);
  return [...problems].sort((a, b) => place(a) - place(b));
}

function shape(file: string, parsed: ParsedConfig): Config {
  return {
    file,
    connections: parsed.connections,
    syncs: Object.fromEntries(
      Object.entries(parsed.syncs).map(([name, sync]): [string, SyncConfig] => [
        name,
        {
          ...sync,
          fields: fieldSettings(sync.fields),
          create: createSettings(sync.create),
          rollups: Object.keys(sync.rollups).filter((crm) => sync.rollups[crm] === true),
          rollupRates:
            sync.rollupRates === undefined
              ? null
              : { ...sync.rollupRates, file: resolve(dirname(file), sync.rollupRates.file) },
          stages:
            sync.stages?.map((row) =>
              Object.fromEntries(Object.entries(row).map(([crm, keys]) => [crm, [keys].flat()])),
            ) ?? null,
          schedule: sync.schedule === false ? null : sync.schedule,
          events: sync.events === false ? null : sync.events,
        },
      ]),
    ),
    http: { ...parsed.http, publicUrl: parsed.http.publicUrl ?? null },
    database: { url: parsed.database.url ?? null, dataDir: parsed.database.dataDir ?? null },
    redis: { url: parsed.redis.url ?? null },
    log: { level: parsed.log.level ?? null },
    tracing: { endpoint: parsed.tracing.endpoint ?? null },
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
