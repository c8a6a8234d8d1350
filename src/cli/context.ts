import type { Environment } from '../../config/environment.ts';
import type { Config } from '../../config/load.ts';
import { loadConfig } from '../../config/load.ts';
import type { App } from '../app.ts';
import type { Log } from '../core/ports.ts';
import { createLog, type LogLevel } from '../observability/log.ts';
import type { RunningSandbox, SandboxOptions } from '../sandbox/start.ts';
import type { Colours } from './colours.ts';
import type { Io } from './io.ts';
import type { Words } from './locale/index.ts';
import { UsageError } from './usage-error.ts';

/** What the process gives to every command. Tests give their own. */
export interface Runtime {
  readonly io: Io;
  /** Standard input; can be read once. */
  input(): AsyncIterable<Uint8Array>;
  /** A person can be asked. */
  readonly inputIsTerminal: boolean;
  readonly env: Environment;
  readonly cwd: string;
  /** Name of the person, for the run's `by`. */
  readonly user: string;
  now(): number;
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  openApp(config: Config, log: Log): Promise<App>;
  startSandbox(options: SandboxOptions): Promise<RunningSandbox>;
}

/** Options every command takes. */
export interface GlobalOptions {
  readonly config: string | null;
  readonly sync: string | null;
  readonly json: boolean;
  readonly progress: boolean;
}

export interface Context extends Runtime {
  readonly options: GlobalOptions;
  readonly words: Words;
  readonly colours: Colours;
  readonly errColours: Colours;
}

/** One command, as data: main.ts turns it into the command-line parser's own form. */
export interface CommandSpec {
  /** `apply <digest>` */
  readonly usage: string;
  readonly summary: (words: Words) => string;
  readonly options: readonly {
    readonly flags: string;
    readonly help: (words: Words) => string;
    readonly parse?: (text: string) => unknown;
  }[];
  /** With `--json` its standard error is a log of JSON lines, an error that ends it included. */
  readonly logs?: true;
  /** Answers the exit code. */
  readonly run: (
    context: Context,
    args: readonly string[],
    options: Record<string, unknown>,
  ) => Promise<number>;
}

/** Reads the configuration the command line names. */
export function readConfig(context: Context): Config {
  const { config } = context.options;
  return loadConfig({ env: context.env, cwd: context.cwd, ...(config === null ? {} : { file: config }) });
}

/** Opens oppsync, hands it to `use`, and closes it whatever happens. */
export async function withApp<T>(
  context: Context,
  use: (app: App, config: Config) => Promise<T>,
  level: LogLevel = 'warn',
): Promise<T> {
  const config = readConfig(context);
  const log = createLog({ level: config.log.level ?? level, write: (line) => context.io.err(line) });
  const app = await context.openApp(config, log);
  try {
    return await use(app, config);
  } finally {
    await app.close();
  }
}

/**
 * The sync a command is about: the one asked for, or the only one.
 * @throws UsageError when it does not exist, or when several do and none is named
 */
export function oneSync(context: Context, app: App): string {
  const names = app.syncs.map((sync) => sync.name);
  const { sync } = context.options;
  if (sync !== null) {
    if (!names.includes(sync)) throw new UsageError('usage.unknown_sync', { sync, known: names.join(', ') });
    return sync;
  }
  const [only, ...others] = names;
  if (only === undefined) throw new UsageError('usage.no_sync');
  if (others.length > 0) throw new UsageError('usage.which_sync', { known: names.join(', ') });
  return only;
}

/** The syncs a reading command is about: the one asked for, or all. */
export function chosenSyncs(context: Context, app: App): readonly string[] {
  return context.options.sync === null ? app.syncs.map((sync) => sync.name) : [oneSync(context, app)];
}

/** Prints the one JSON document of this command. */
export function printJson(context: Context, document: unknown): void {
  context.io.out(`${JSON.stringify(document)}\n`);
}
