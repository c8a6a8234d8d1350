import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose } from '../../src/compose.ts';
import { OUTCOMES, type RunReport } from '../../src/core/report.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { type Ran, runMain } from './run-main.ts';

describe('oppsync demo', function () {
  this.timeout(60_000);
  useRealNetwork();

  // A folder of its own, so that another demo on this machine is not taken for a leftover of this one.
  const { TMPDIR } = process.env;
  let own: string;
  before(() => {
    own = mkdtempSync(join(tmpdir(), 'oppsync-test-'));
    // The database server of a root process runs as another user.
    chmodSync(own, 0o711);
    process.env['TMPDIR'] = own;
  });
  after(() => {
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
    rmSync(own, { recursive: true, force: true });
  });

  const demo = (...argv: string[]): Promise<Ran> =>
    runMain(['demo', '--records', '80', ...argv], {
      config: null,
      runtime: { startSandbox, now: Date.now },
      open: (config) => compose(config),
    });

  const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('oppsync-demo-'));

  it('brings two CRMs that disagree into agreement, explains it, and leaves nothing behind', async () => {
    const before = folders();
    const { code, out } = await demo();
    assert.match(out, /second plan: nothing to do\n/);
    assert.match(out, /\d+ pairs agree on stage, amount and close date/);
    assert.match(out, /becomes/);
    assert.equal(code, 0);
    assert.deepEqual(folders(), before);
  });

  it('prints one report with --json, whose outcomes add up to what was read', async () => {
    const { code, out } = await demo('--json', '--seed', '7');
    assert.equal(out.trim().split('\n').length, 1);
    const report = JSON.parse(out) as RunReport;
    assert.equal(report.mode, 'demo');
    assert.equal(report.converged, true);
    assert.equal(code, 0);
    const read = (report.read['salesforce'] ?? 0) + (report.read['hubspot'] ?? 0);
    assert.ok(read > 100);
    assert.equal(
      OUTCOMES.reduce((sum, outcome) => sum + report.outcomes[outcome], 0),
      read,
    );
  });

  it('says so and fails when the CRMs do not agree in the end', async () => {
    const { code, out } = await runMain(['demo', '--records', '40'], {
      config: null,
      runtime: { startSandbox, now: Date.now },
      open: async (config) => {
        const app = await compose(config);
        const { apply } = app;
        return {
          ...app,
          apply: async (sync, digest, options) => {
            const report = await apply(sync, digest, options);
            await spoilOneDeal(config.connections['hubspot']?.['url'] as string);
            return report;
          },
        };
      },
    });
    assert.equal(code, 1);
    assert.match(out, /second plan: \d+ change/);
    assert.match(out, /pairs disagree, for example/);
  });
});

/** Changes the amount of one paired deal on the simulated HubSpot's own screen. */
async function spoilOneDeal(url: string): Promise<void> {
  const state = await (await fetch(`${url}/_sandbox/state`)).text();
  const deal = state
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { type: string; fields: Record<string, unknown> })
    .find(({ type, fields }) => type === 'deal' && fields['oppsync_pair_key'] && fields['amount']);
  const answer = await fetch(`${url}/_sandbox/edit`, {
    method: 'POST',
    body: JSON.stringify({
      ...{ type: 'deal', id: deal?.fields['hs_object_id'], actor: 'human:ann' },
      fields: { amount: '31337' },
    }),
  });
  assert.equal(answer.status, 200);
}
