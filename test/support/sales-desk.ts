/** Everything an end-to-end test needs: drawn sales in two simulated CRMs, a database, and the command line. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SandboxOptions } from '../../src/sandbox/start.ts';
import { type Cli, testCli } from './cli.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { type SalesDataset, writeSalesDataset } from './sales-dataset.ts';
import { type TestSandbox, testSandbox } from './sandbox.ts';

export interface SalesDesk {
  readonly sales: SalesDataset;
  readonly sandbox: TestSandbox;
  readonly database: TestDatabase;
  readonly cli: Cli;
  /** Records written in both CRMs, by whoever, since the start or the last reset. */
  writes(): Promise<number>;
  close(): Promise<void>;
}

export interface SalesDeskOptions {
  readonly seed: number;
  /** Absent: the whole public portfolio. */
  readonly sales?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly switches?: SandboxOptions['switches'];
}

export async function salesDesk(options: SalesDeskOptions): Promise<SalesDesk> {
  const folder = await mkdtemp(join(tmpdir(), 'oppsync-sales-'));
  const sales = await writeSalesDataset(folder, options.seed, options.sales);
  const sandbox = await testSandbox({
    dataset: sales.file,
    ...(options.switches === undefined ? {} : { switches: options.switches }),
  });
  const database = await testDatabase();
  const cli = await testCli(sandbox.configText(), { DATABASE_URL: database.url, ...options.env });
  return {
    ...{ sales, sandbox, database, cli },
    writes: async () =>
      (await sandbox.salesforce.counters()).writes + (await sandbox.hubspot.counters()).writes,
    close: async () => {
      await cli.remove();
      await sandbox.close();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
