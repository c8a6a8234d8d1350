/** Classifies a million random records, every kind of evidence present, absent, mistyped and contradictory: `npm run soak:classify`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const records = process.argv[2] ?? '1000000';
if (!/^\d{3,8}$/.test(records)) {
  console.error('usage: npm run soak:classify -- [RECORDS]');
  process.exit(2);
}
const mocha = join(dirname(createRequire(import.meta.url).resolve('mocha/package.json')), 'bin', 'mocha.js');
const child = spawn(process.execPath, [mocha, 'test/core/classify-properties.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, OPPSYNC_TEST_RECORDS: records },
});
const [code] = (await once(child, 'exit')) as [number | null];
process.exitCode = code ?? 1;
