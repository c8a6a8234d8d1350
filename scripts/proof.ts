/**
 * Runs the proofs at their full measure: `npm run proof` all of them, `npm run proof -- undo brakes` some, `--list` names them.
 * The seed is printed; OPPSYNC_TEST_SEED sets another. Ends with 1 when a claim does not hold.
 */
import { spawnSync } from 'node:child_process';
import { PROOFS } from './proofs.ts';

/** The seed of test/support/hooks.ts. */
const SEED = process.env['OPPSYNC_TEST_SEED'] ?? '20261123';

const wanted = process.argv.slice(2);
if (wanted.includes('--list')) {
  for (const { name, claim } of PROOFS) console.log(`${name.padEnd(10)} ${claim}`);
  process.exit(0);
}
const unknown = wanted.filter((name) => PROOFS.every((proof) => proof.name !== name));
if (unknown.length > 0) {
  console.error(
    `no proof is called ${unknown.join(', ')}; there are: ${PROOFS.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}

const results: string[] = [];
for (const { name, claim, files, script, full } of PROOFS) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n=== ${name}: ${claim} (seed ${SEED})`);
  const began = Date.now();
  const run = (args: readonly string[]): number | null =>
    spawnSync(process.execPath, args, {
      stdio: 'inherit',
      env: { ...process.env, ...full, OPPSYNC_TEST_SEED: SEED },
    }).status;
  const tested = run(['node_modules/mocha/bin/mocha.js', ...files]);
  const status = tested === 0 && script !== undefined ? run(script) : tested;
  const seconds = Math.round((Date.now() - began) / 1000);
  const measure = Object.values(full).join(', ');
  results.push(
    `${status === 0 ? 'holds' : 'FAILS'}  ${name.padEnd(10)} ${measure.padStart(6)}  ${String(seconds).padStart(4)} s  ${claim}`,
  );
  if (status !== 0) process.exitCode = 1;
}
console.log(`\n${results.join('\n')}`);
