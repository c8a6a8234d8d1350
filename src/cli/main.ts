import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { processEnvironment } from '../../config/load.ts';
import { keepHeapSmall } from '../observability/heap.ts';
import { createLog } from '../observability/log.ts';
import { coloursFor } from './colours.ts';
import { COMMANDS } from './commands/index.ts';
import type { CommandSpec, Context, Runtime } from './context.ts';
import { EXIT, exitCodeOf } from './exit-code.ts';
import { processIo } from './io.ts';
import { wordsFor } from './locale/index.ts';
import { errorText, presentError } from './present/error.ts';
import { localeOf, parseCommandLine, wordsForErrors } from './program.ts';

/**
 * Runs one command line and answers the exit code. Never throws: every error becomes one sentence on standard error
 * and, with `--json`, one document on standard output.
 */
export async function main(
  argv: readonly string[],
  runtime: Runtime,
  commands: readonly CommandSpec[] = COMMANDS,
): Promise<number> {
  let intoLog = false;
  try {
    const words = wordsFor(localeOf(argv));
    const invocation = parseCommandLine(argv, commands, packageVersion(), words);
    if (invocation.is === 'text') {
      (invocation.failed ? runtime.io.err : runtime.io.out)(invocation.text);
      return invocation.failed ? EXIT.usage : EXIT.done;
    }
    const { command, args, options } = invocation;
    intoLog = command.logs === true && options['json'] === true;
    const context: Context = {
      ...runtime,
      words,
      colours: coloursFor(runtime.io.outIsTerminal, runtime.env),
      errColours: coloursFor(runtime.io.errIsTerminal, runtime.env),
      options: {
        config: typeof options['config'] === 'string' ? options['config'] : null,
        sync: typeof options['sync'] === 'string' ? options['sync'] : null,
        json: options['json'] === true,
        progress: options['progress'] !== false,
      },
    };
    return await command.run(context, args, options);
  } catch (error) {
    return report(error, argv, runtime, intoLog);
  }
}

function report(error: unknown, argv: readonly string[], runtime: Runtime, intoLog: boolean): number {
  const words = wordsForErrors(argv);
  const colours = coloursFor(runtime.io.errIsTerminal, runtime.env);
  const log = createLog({ level: 'info', write: runtime.io.err });
  if (runtime.signal.aborted) {
    if (intoLog) log.info('stopped before it had begun');
    else runtime.io.err(`${words.say('error.interrupted')}\n`);
    return EXIT.interrupted;
  }
  const presented = presentError(error, words);
  const code = exitCodeOf(error);
  if (intoLog) log.error('ended by an error', { exitCode: code, ...presented.document.error });
  else runtime.io.err(errorText(presented, words, colours));
  if (argv.includes('--json')) runtime.io.out(`${JSON.stringify(presented.document)}\n`);
  if (runtime.env['OPPSYNC_LOG_LEVEL'] === 'debug')
    createLog({ level: 'debug', write: runtime.io.err }).debug('command failed', { error, code });
  return code;
}

function packageVersion(): string {
  // From src/cli in the repository, from dist/src/cli in the package.
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      const manifest: unknown = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8'));
      const { name, version } = manifest as { name?: string; version?: string };
      if (name === 'oppsync' && version !== undefined) return version;
    } catch {
      // Not at this height; the next one is tried.
    }
  }
  return '0.0.0';
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a user id that has no name.
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}

/** Runs the command line of this process and ends it. The first Ctrl-C stops cleanly, a second one at once. */
export async function start(): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(EXIT.interrupted);
      stop.abort(new Error(signal));
    });
  const runtime: Runtime = {
    io: processIo(processEnvironment()),
    input: () => process.stdin,
    inputIsTerminal: process.stdin.isTTY === true && process.stderr.isTTY === true,
    env: processEnvironment(),
    cwd: process.cwd(),
    user: userName(),
    now: Date.now,
    signal: stop.signal,
    openApp: async (config, log) => {
      keepHeapSmall();
      return (await import('../compose.ts')).compose(config, { log });
    },
    startSandbox: async (options) => (await import('../sandbox/start.ts')).startSandbox(options),
  };
  const code = await main(process.argv.slice(2), runtime);
  // Buffered output may still be on its way through a pipe.
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(code);
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableLength === 0) resolve();
    else stream.write('', () => resolve());
  });
}
