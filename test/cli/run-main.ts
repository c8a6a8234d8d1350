import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/load.ts';
import type { App } from '../../src/app.ts';
import type { Runtime } from '../../src/cli/context.ts';
import { main } from '../../src/cli/main.ts';
import { fakeApp } from './fake-app.ts';

export const CONFIG = `connections:
  a: {crm: salesforce}
  b: {crm: hubspot}
syncs:
  main: {connections: [a, b]}
`;

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** How often the application was closed. */
  readonly closed: number;
}

/** Runs one command line in this process, in an empty folder with the given configuration file (null = none). */
export async function runMain(
  argv: readonly string[],
  options: {
    readonly app?: Partial<App>;
    readonly config?: string | null;
    readonly env?: Record<string, string>;
    readonly runtime?: Partial<Runtime>;
    /** Width of the terminal. */
    readonly columns?: number;
    readonly open?: (config: Config) => Promise<App>;
  } = {},
): Promise<Ran> {
  const cwd = mkdtempSync(join(tmpdir(), 'oppsync-cli-'));
  const config = options.config === undefined ? CONFIG : options.config;
  if (config !== null) writeFileSync(join(cwd, 'oppsync.yaml'), config);
  let out = '';
  let err = '';
  let app: ReturnType<typeof fakeApp> | undefined;
  const runtime: Runtime = {
    io: {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      caughtUp: () => Promise.resolve(),
      outIsTerminal: false,
      errIsTerminal: false,
      columns: options.columns ?? 100,
    },
    input: async function* () {},
    inputIsTerminal: false,
    env: options.env ?? {},
    cwd,
    user: 'ann',
    now: () => 0,
    signal: new AbortController().signal,
    openApp: async (loaded) => {
      if (options.open !== undefined) return options.open(loaded);
      app = fakeApp(loaded, options.app);
      return app;
    },
    startSandbox: () => Promise.reject(new Error('no sandbox in this test')),
    ...options.runtime,
  };
  try {
    const code = await main(argv, runtime);
    return { code, out, err, closed: app?.closed ?? 0 };
  } finally {
    rmSync(cwd, { recursive: true });
  }
}
