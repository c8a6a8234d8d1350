/** What goes wrong is said in one sentence, with what to do about it and the right exit code. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { useRealNetwork } from '../sandbox/real-network.ts';
import type { CliResult } from '../support/cli.ts';
import { type SalesDesk, salesDesk } from '../support/sales-desk.ts';

const WEAK_TOKEN = 'pat-na1-without-owners';
const READER_TOKEN = 'pat-na1-without-writing';

describe('clear errors', function () {
  this.timeout(60_000);
  useRealNetwork();
  let desk: SalesDesk;
  let config: string;

  before(async () => {
    desk = await salesDesk({
      ...{ seed: 3, sales: 20 },
      switches: {
        hubspot: {
          apps: [
            {
              name: 'weak',
              token: WEAK_TOKEN,
              scopes: ['crm.objects.deals.read', 'crm.objects.deals.write'],
            },
            {
              name: 'reader',
              token: READER_TOKEN,
              scopes: ['crm.objects.deals.read', 'crm.objects.owners.read', 'crm.schemas.deals.read'],
            },
          ],
        },
      },
    });
    config = desk.sandbox.configText();
  });
  after(() => desk?.close());

  /** Runs with a changed configuration; what is told must be one sentence and one remedy, and no stack. */
  async function told(change: (text: string) => string, ...args: string[]): Promise<CliResult> {
    await desk.cli.write('changed.yaml', change(config));
    const result = await desk.cli.run('--config', 'changed.yaml', ...args);
    oneSentence(result);
    return result;
  }

  function oneSentence({ stderr }: CliResult): void {
    const lines = stderr.trim().split('\n');
    assert.match(lines[0] ?? '', /^oppsync: \S/);
    assert.doesNotMatch(stderr, /^\s+at .+:\d+|node:internal|"level":/m);
    const remedies = lines.filter((line) => line.startsWith('What to do: '));
    assert.ok(
      remedies.length === 1 || /run `oppsync |copy config/.test(lines[0] ?? ''),
      `no remedy in: ${stderr}`,
    );
  }

  it('no configuration: how to get one', async () => {
    const result = await desk.cli.run('--config', 'nowhere.yaml', 'sync');
    oneSentence(result);
    assert.equal(result.code, 2);
    assert.match(result.stderr, /nowhere\.yaml not found.*oppsync sandbox --write-config/);
  });

  it('YAML that is none: file and line', async () => {
    const { code, stderr } = await told((text) => text.replace('syncs:', 'syncs: ['), 'plan');
    assert.equal(code, 2);
    assert.match(stderr, /changed\.yaml:\d+:\d+.*not valid YAML/);
  });

  it('a key that is none: file, line and the nearest key', async () => {
    const { code, stderr } = await told((text) => text.replace('initial:', 'initail:'), 'plan');
    assert.equal(code, 2);
    const line = config.split('\n').findIndex((one) => one.includes('initial:')) + 1;
    assert.ok(stderr.includes(`changed.yaml:${line}:5`), stderr);
    assert.match(stderr, /did you mean initial\?/);
  });

  it('a wrong Salesforce secret', async () => {
    const { code, stderr } = await told(
      (text) => text.replace(/clientSecret: .+/, 'clientSecret: not-the-secret'),
      'plan',
    );
    assert.equal(code, 2);
    assert.match(stderr, /Salesforce refused the client id or the client secret/);
    assert.doesNotMatch(stderr, /not-the-secret/);
  });

  it('a wrong HubSpot token', async () => {
    const { code, stderr } = await told((text) => text.replace(/token: .+/, 'token: pat-wrong'), 'plan');
    assert.equal(code, 2);
    assert.match(stderr, /HubSpot does not accept the credentials/);
    assert.doesNotMatch(stderr, /pat-wrong/);
  });

  it('a HubSpot scope that is missing, by its name', async () => {
    const { code, stderr } = await told((text) => text.replace(/token: .+/, `token: ${WEAK_TOKEN}`), 'plan');
    assert.equal(code, 2);
    assert.match(stderr, /lack a permission: crm\.objects\.owners\.read/);
  });

  it('a HubSpot token that may read and not write: named when it comes to writing', async () => {
    const digest = (await desk.cli.report(0, 'plan')).plan?.digest ?? '';
    await desk.cli.write('reader.yaml', config.replace(/token: .+/, `token: ${READER_TOKEN}`));
    const result = await desk.cli.run('--config', 'reader.yaml', 'apply', digest);
    oneSentence(result);
    assert.equal(result.code, 2);
    assert.match(result.stderr, /lack a permission: crm\.objects\.deals\.write/);
  });

  it('a Salesforce field that is hidden: named in the report, its values taken for unknown and not for blank', async () => {
    await desk.sandbox.salesforce.configure({ hiddenFields: ['Opportunity.Amount'] });
    try {
      const { code, stdout } = await desk.cli.run('plan');
      assert.equal(code, 0);
      assert.match(stdout, /Opportunity\.Amount \(amount\) does not exist in Salesforce or is hidden/);
      assert.match(stdout, /What to do: Grant read and edit access/);
      assert.doesNotMatch(stdout, /^\s+amount: /m);
    } finally {
      await desk.sandbox.salesforce.configure({ hiddenFields: [] });
    }
  });

  it('an object that is hidden', async () => {
    await desk.sandbox.salesforce.configure({ hiddenObjects: ['Opportunity'] });
    try {
      const result = await desk.cli.run('plan');
      oneSentence(result);
      assert.equal(result.code, 2);
      assert.match(result.stderr, /cannot see opportunities/);
    } finally {
      await desk.sandbox.salesforce.configure({ hiddenObjects: [] });
    }
  });

  for (const crm of ['salesforce', 'hubspot'] as const) {
    it(`a ${crm} that cannot be reached`, async () => {
      const nobody = `http://127.0.0.1:${await closedPort()}`;
      const { code, stderr } = await told((text) => text.replace(desk.sandbox[crm].url, nobody), 'plan');
      assert.equal(code, 4);
      assert.match(stderr, /(could not|cannot) be reached \(ECONNREFUSED\)/);
    });
  }

  it('a database that cannot be reached, without its password', async () => {
    const url = `postgres://someone:secret-word@127.0.0.1:${await closedPort()}/oppsync`;
    const lost = await desk.cli.with({ DATABASE_URL: url }).run('plan');
    oneSentence(lost);
    assert.equal(lost.code, 4);
    assert.match(lost.stderr, /database at 127\.0\.0\.1:\d+ cannot be reached/);
    assert.doesNotMatch(lost.stderr, /secret-word/);
  });

  it('an occupied port, of the sandbox and of the web role', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const port = String((holder.address() as AddressInfo).port);
    try {
      const sandbox = await desk.cli.run('sandbox', '--records', '5', '--port-salesforce', port);
      oneSentence(sandbox);
      assert.equal(sandbox.code, 2);
      assert.ok(sandbox.stderr.includes(`port ${port} is occupied`), sandbox.stderr);
      const web = await desk.cli.with({ OPPSYNC_HTTP_PORT: port }).run('serve');
      oneSentence(web);
      assert.equal(web.code, 2);
      assert.ok(web.stderr.includes(port), web.stderr);
    } finally {
      holder.close();
    }
  });

  it('a dataset line that cannot be read: its number; --skip-bad loads the rest', async () => {
    const deal = (id: number, name: string): string =>
      JSON.stringify({ crm: 'hubspot', type: 'deal', fields: { hs_object_id: String(id), [name]: 'x' } });
    await desk.cli.write(
      'bad.ndjson',
      `${deal(1, 'dealname')}\n${deal(2, 'dealnam')}\nnot JSON\n${deal(3, 'dealname')}\n`,
    );
    const refused = await desk.cli.run('sandbox', '--dataset', 'bad.ndjson');
    oneSentence(refused);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /bad\.ndjson, line 2: .*dealname/);

    const running = desk.cli.start('sandbox', '--dataset', 'bad.ndjson', '--skip-bad');
    const [line] = (await once(running.child.stdout!, 'data')) as [string];
    const { hubspot } = JSON.parse(line) as { hubspot: { url: string } };
    const state = await (await fetch(`${hubspot.url}/_sandbox/state`)).text();
    assert.equal(state.split('\n').filter((one) => one.includes('"type":"deal"')).length, 2);
    running.child.kill('SIGTERM');
    const { code, stderr } = await running.ended;
    assert.equal(code, 0);
    assert.match(stderr, /line 2: .*\n.*line 3: /);
  });

  it('a plan that is not known', async () => {
    const { code, stderr } = await told((text) => text, 'apply', '0123456789abcdef');
    assert.equal(code, 3);
    assert.match(
      stderr,
      /plan 0123456789abcdef cannot be applied: sync sandbox has no plan with this digest/,
    );
  });

  it('a plan that was applied already', async () => {
    const digest = (await desk.cli.report(0, 'plan')).plan?.digest ?? '';
    assert.equal((await desk.cli.run('apply', digest)).code, 0);
    const before = await desk.writes();
    const result = await desk.cli.run('apply', digest);
    oneSentence(result);
    assert.equal(result.code, 3);
    assert.equal(await desk.writes(), before);
  });

  it('another run of the same sync that is alive', async () => {
    await desk.sandbox.hubspot.fault({
      path: '/crm/v3/objects/deals',
      times: 1,
      effect: { slow: { ms: 4_000 } },
    });
    const first = desk.cli.start('sync');
    for (;;) {
      const runs = JSON.parse((await desk.cli.run('runs', '--json')).stdout) as { state: string }[];
      if (runs.some(({ state }) => state === 'running')) break;
      assert.equal(first.child.exitCode, null, 'the first run ended before the second began');
    }
    const second = await desk.cli.run('sync');
    oneSentence(second);
    assert.equal(second.code, 3);
    assert.match(second.stderr, /already running/);
    assert.equal((await first.ended).code, 0);
  });
});

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
