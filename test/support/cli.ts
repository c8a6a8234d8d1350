/** The real command line as a child process, in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunReport } from '../../src/core/report.ts';

const BIN = fileURLToPath(new URL('../../bin/oppsync.js', import.meta.url));

export interface CliResult {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<CliResult>;
  /** As a power cut would, with all its children. Resolves when it is gone. */
  kill(): Promise<void>;
}

export interface Cli {
  readonly folder: string;
  write(file: string, text: string): Promise<void>;
  start(...args: string[]): CliProcess;
  run(...args: string[]): Promise<CliResult>;
  /** Runs with `--json` and answers the report; throws, with all it said, when the exit code is another. */
  report(code: number, ...args: string[]): Promise<RunReport>;
  /** The same folder with more variables set. */
  with(more: Readonly<Record<string, string>>): Pick<Cli, 'start' | 'run' | 'report'>;
  /** Kills what still runs and removes the folder. */
  remove(): Promise<void>;
}

/** A folder with an `oppsync.yaml`, where commands run with the given variables and none of the caller's settings. */
export async function testCli(
  config: string | null,
  env: Readonly<Record<string, string>> = {},
): Promise<Cli> {
  const folder = await mkdtemp(join(tmpdir(), 'oppsync-e2e-'));
  // When root runs this, an embedded database server runs as another user and has to get through.
  await chmod(folder, 0o711);
  const write = (file: string, text: string): Promise<void> => writeFile(join(folder, file), text);
  if (config !== null) await write('oppsync.yaml', config);
  const running = new Set<CliProcess>();
  const starter =
    (variables: Readonly<Record<string, string>>) =>
    (...args: string[]): CliProcess => {
      const child = spawn(process.execPath, [BIN, '--no-progress', ...args], {
        cwd: folder,
        env: { ...inherited(), ...variables },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const ended = outcomeOf(child);
      const process_: CliProcess = {
        child,
        ended,
        kill: async () => {
          child.kill('SIGKILL');
          await ended;
        },
      };
      running.add(process_);
      ended.then(
        () => running.delete(process_),
        () => running.delete(process_),
      );
      return process_;
    };
  return {
    folder,
    write,
    ...commandsOf(starter(env)),
    with: (more) => commandsOf(starter({ ...env, ...more })),
    remove: async () => {
      await Promise.all([...running].map((one) => one.kill()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function commandsOf(start: Cli['start']): Pick<Cli, 'start' | 'run' | 'report'> {
  const run = (...args: string[]): Promise<CliResult> => start(...args).ended;
  return {
    start,
    run,
    report: async (code, ...args) => {
      const result = await run(...args, '--json');
      if (result.code !== code)
        throw new Error(
          `oppsync ${args.join(' ')} ended with ${result.code ?? result.signal}, not ${code}:\n${result.stderr}${result.stdout}`,
        );
      return JSON.parse(result.stdout) as RunReport;
    },
  };
}

async function outcomeOf(child: ChildProcess): Promise<CliResult> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, stdout, stderr };
}

/** The caller's environment without what would change oppsync's settings or its language. */
function inherited(): NodeJS.ProcessEnv {
  const settings = /^(OPPSYNC_.*|DATABASE_URL|REDIS_URL|LANG|LC_.*)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !settings.test(name)));
}
