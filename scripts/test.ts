/**
 * `npm test [-- MOCHA-OPTIONS | FILES]`: all tests, in two mocha processes at once: those of whole commands and processes, which
 * mostly wait for programs they start, and all others. The report of the first is kept until the second has ended. With files
 * named, only those, in one process.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const PARTS = [['test/**/*.test.ts', '--ignore', 'test/e2e/**'], ['test/e2e/**/*.test.ts']] as const;

interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const given = process.argv.slice(2);
const totalsFile = process.env['OPPSYNC_TEST_TOTALS'];

/** Answers the exit code; prints at once, or when it has ended. */
async function mocha(args: readonly string[], keep: boolean, totals?: string): Promise<number> {
  const child = spawn('mocha', args, {
    stdio: keep ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    env: {
      ...process.env,
      ...(totals === undefined ? {} : { OPPSYNC_TEST_TOTALS: totals }),
    },
  });
  const kept: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => kept.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => kept.push(chunk));
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve(exit ?? 1));
  });
  if (keep) held = Buffer.concat(kept);
  return code;
}

let held = Buffer.alloc(0);

async function all(): Promise<number> {
  const parts = PARTS.map((_, at) => (totalsFile === undefined ? undefined : `${totalsFile}.${at}`));
  const codes = await Promise.all(PARTS.map((part, at) => mocha([...part, ...given], at === 1, parts[at])));
  process.stdout.write(held);
  if (totalsFile !== undefined && parts.every((file) => existsSync(file ?? ''))) {
    const sums = { passed: 0, failed: 0, skipped: 0 };
    for (const file of parts) {
      const { passed, failed, skipped } = JSON.parse(readFileSync(file ?? '', 'utf8')) as Totals;
      sums.passed += passed;
      sums.failed += failed;
      sums.skipped += skipped;
    }
    writeFileSync(totalsFile, JSON.stringify(sums));
  }
  return Math.max(...codes);
}

const named = given.some((argument) => argument.endsWith('.ts'));
process.exitCode = named ? await mocha(given, false) : await all();
