import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { RunningSandbox } from '../../sandbox/start.ts';
import { sandboxConfigText } from './config-text.ts';

/** A folder of its own for one demonstration: configuration and database. */
export interface Workplace {
  readonly configFile: string;
  remove(): void;
}

/** Makes the folder and writes a configuration for the running sandbox into it. */
export function createWorkplace(sandbox: RunningSandbox, httpPort: number): Workplace {
  const folder = mkdtempSync(join(tmpdir(), 'oppsync-demo-'));
  // When root runs the demo, the database server runs as another user and has to get through.
  chmodSync(folder, 0o711);
  const configFile = join(folder, 'oppsync.yaml');
  const rest = stringify({ database: { dataDir: join(folder, 'database') }, http: { port: httpPort } });
  writeFileSync(configFile, `${sandboxConfigText(sandbox)}\n${rest}`, { mode: 0o600 });
  return { configFile, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
