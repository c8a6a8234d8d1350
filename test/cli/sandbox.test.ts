import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import { settingsOf } from '../../config/settings.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';

const BIN = new URL('../../bin/oppsync.js', import.meta.url).pathname;

describe('oppsync sandbox, as a process', function () {
  useRealNetwork();
  this.timeout(30_000);
  let dir: string;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'oppsync-sandbox-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(dir, { recursive: true });
  });

  const start = (...argv: string[]): ChildProcess => {
    const child = spawn(process.execPath, [BIN, ...argv], { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    return child;
  };
  const finished = async (
    child: ChildProcess,
  ): Promise<{ code: number | null; out: string; err: string }> => {
    let out = '';
    let err = '';
    child.stdout?.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      err += chunk;
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, out, err };
  };
  const firstLine = async (child: ChildProcess): Promise<string> => {
    let text = '';
    for await (const chunk of child.stdout ?? []) {
      text += chunk;
      if (text.includes('\n')) break;
    }
    return text.split('\n')[0] ?? '';
  };

  it('prints credentials first, writes a configuration that works, and ends on SIGTERM', async () => {
    const child = start('sandbox', '--records', '40', '--write-config', 'oppsync.yaml');
    const exit = once(child, 'exit');
    const line = JSON.parse(await firstLine(child));
    assert.deepEqual(Object.keys(line.salesforce), ['url', 'clientId', 'clientSecret', 'webhookSecret']);
    assert.deepEqual(Object.keys(line.hubspot), ['url', 'token', 'clientSecret']);
    const config = loadConfig({ env: {}, cwd: dir });
    const { settings, connections } = settingsOf(config, 'sandbox');
    assert.equal(settings.initial, 'salesforce');
    assert.ok((settings.stages ?? []).length >= 5);
    assert.equal(connections[0].options['url'], line.salesforce.url);
    assert.equal((connections[1].options['auth'] as { token: string }).token, line.hubspot.token);
    assert.equal(config.database.dataDir, null);
    assert.equal(statSync(join(dir, 'oppsync.yaml')).mode & 0o077, 0);
    const state = await (await fetch(`${line.hubspot.url}/_sandbox/state`)).text();
    assert.ok(state.split('\n').filter((text) => text.includes('"deal"')).length > 20);
    child.kill('SIGTERM');
    assert.deepEqual(await exit, [0, null]);
  });

  it('never overwrites a configuration unasked', async () => {
    writeFileSync(join(dir, 'mine.yaml'), 'precious: 1\n');
    const { code, out, err } = await finished(
      start('sandbox', '--records', '5', '--write-config', 'mine.yaml'),
    );
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /mine\.yaml exists already/);
    assert.equal(readFileSync(join(dir, 'mine.yaml'), 'utf8'), 'precious: 1\n');
  });

  it('names an occupied port', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (const flag of ['--port-hubspot', '--port-events']) {
      const { code, err } = await finished(start('sandbox', '--records', '5', flag, String(port)));
      assert.equal(code, 2, flag);
      assert.match(err, new RegExp(`port ${port} is occupied`));
      assert.ok(err.includes(flag));
    }
    server.close();
  });

  it('names the bad line of a dataset, and loads the rest only when told to', async () => {
    const good = (name: string, own: object = {}): string =>
      JSON.stringify({
        crm: 'salesforce',
        type: 'Opportunity',
        fields: { Name: name, StageName: 'Prospecting', CloseDate: '2030-01-01', ...own },
      });
    // That no line describes Own__c is known only after the last one.
    writeFileSync(join(dir, 'late.ndjson'), `${good('a')}\n${good('c', { Own__c: 1 })}\n${good('b')}\n`);
    const late = await finished(start('sandbox', '--dataset', 'late.ndjson', '--locale', 'fr'));
    assert.equal(late.code, 2);
    assert.match(
      late.err,
      /late\.ndjson, ligne 2 : champ de Opportunity inconnu « Own__c » ; un champ à vous/,
    );
    writeFileSync(
      join(dir, 'data.ndjson'),
      `${good('a')}\n{"crm":\n${good('c', { Own__c: 1 })}\n${good('b')}\n`,
    );
    const refused = await finished(start('sandbox', '--dataset', 'data.ndjson'));
    assert.equal(refused.code, 2);
    assert.match(refused.err, /data\.ndjson, line 2: /);
    assert.match(refused.err, /--skip-bad/);
    const child = start('sandbox', '--dataset', 'data.ndjson', '--skip-bad');
    const { salesforce } = JSON.parse(await firstLine(child));
    const state = await (await fetch(`${salesforce.url}/_sandbox/state`)).text();
    assert.equal(state.split('\n').filter((text) => text.includes('"type":"Opportunity"')).length, 2);
  });

  it('is silent when its reader goes away', async () => {
    const child = spawn('sh', ['-c', `"${process.execPath}" "${BIN}" --help | true`], { cwd: dir });
    children.push(child);
    const { err } = await finished(child);
    assert.equal(err, '');
  });

  it('starts under an older Node through the one that came with the packages', async function () {
    const old = '/usr/bin/node';
    if (!existsSync(old)) return this.skip();
    const child = spawn(old, [BIN, 'plan'], { cwd: dir, env: { PATH: '/usr/bin:/bin' } });
    children.push(child);
    const { code, err } = await finished(child);
    assert.equal(code, 2);
    assert.match(err, /no configuration/);
    // Killed, the older one leaves nothing behind: the output ends when its last writer is gone.
    const starter = spawn(old, [BIN, 'sandbox', '--records', '1'], { cwd: dir });
    children.push(starter);
    starter.stderr.resume();
    await once(starter.stdout, 'data');
    starter.kill('SIGKILL');
    await once(starter, 'close');
  });
});
