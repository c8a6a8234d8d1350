import assert from 'node:assert/strict';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { OppsyncError, type Recovery } from '../../src/core/errors.ts';
import { outsideRecordType } from '../../src/core/reconcile-notes.ts';
import type { Explanation, RunReport } from '../../src/core/report.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { createLog } from '../../src/observability/log.ts';
import { DIGEST, report, VIEW } from './fake-app.ts';
import { CONFIG, runMain } from './run-main.ts';

const fail = (error: unknown) => ({ run: () => Promise.reject(error) });
const error = (recovery: Recovery, more: object = {}) =>
  new OppsyncError({ recovery, code: 'x.y', message: 'it broke', remedy: 'mend it', ...more });

const VERDICT: Verdict = {
  ...{ status: 'active', outcome: null, phase: null, flags: [], because: [] },
  engagement: { state: 'unknown', last: null, days: null },
  completeness: { accepted: null, contract: null, finance: null },
};

describe('command line', () => {
  it('lists every command in both languages', async () => {
    for (const locale of ['en', 'fr']) {
      const { code, out, err } = await runMain(['--help', '--locale', locale]);
      assert.equal(code, 0);
      assert.equal(err, '');
      for (const { usage } of COMMANDS) assert.match(out, new RegExp(`^ {2}${usage.split(' ')[0]}\\b`, 'm'));
    }
  });

  it('prints its version', async () => {
    assert.match((await runMain(['--version'])).out, /^\d+\.\d+\.\d+\n$/);
  });

  it('without a command shows the help on standard error and fails', async () => {
    const { code, out, err } = await runMain([]);
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /Usage: oppsync/);
  });

  const misuse: readonly (readonly [argv: readonly string[], sentence: string])[] = [
    [['plna'], 'oppsync: unknown command plna; did you mean plan?'],
    [['plan', '--fulll'], 'oppsync: unknown option --fulll'],
    [['apply'], 'oppsync: missing argument: digest'],
    [['plan', 'extra'], 'oppsync: too many arguments'],
    [['plan', '--config'], 'oppsync: option --config <file> needs a value'],
    [['plan', '--locale', 'de'], 'oppsync: unknown locale de; known: en, fr'],
    [['plan', '--locale=xx'], 'oppsync: unknown locale xx; known: en, fr'],
    [['runs', '--limit', '0'], 'oppsync: --limit: expected a whole number from 1 to 10000, found "0"'],
    [
      ['serve', '--role', 'web,chef'],
      'oppsync: --role: unknown role chef; known: all, web, workers, scheduler',
    ],
    [
      ['sandbox', '--switches-hubspot', '[1]'],
      'oppsync: --switches-hubspot: expected a JSON object, found "[1]"',
    ],
    [['sandbox', '--dataset', 'x', '--records', '5'], 'oppsync: --dataset and --records exclude each other'],
    [['plan', '--sync', 'other'], 'oppsync: no sync is called other; known: main'],
  ];
  for (const [argv, sentence] of misuse)
    it(`${argv.join(' ')}: ${sentence}`, async () => {
      const { code, out, err } = await runMain(argv);
      assert.equal(code, 2);
      assert.equal(out, '');
      assert.equal(err.split('\n')[0], sentence);
    });

  it('asks which sync when there are several, and knows them all by name', async () => {
    const config = `${CONFIG}  second: {connections: [b, a]}\n`;
    const asked = await runMain(['plan'], { config });
    assert.deepEqual([asked.code, asked.out], [2, '']);
    assert.match(asked.err, /name one with --sync: main, second/);
    assert.equal((await runMain(['plan', '--sync', 'second', '--json'], { config })).code, 0);
    assert.equal((await runMain(['--sync', 'second', 'plan', '--json'], { config })).code, 0);
  });

  it('takes global options before and after the command', async () => {
    for (const argv of [
      ['--json', 'plan'],
      ['plan', '--json'],
    ]) {
      const { out } = await runMain(argv);
      assert.equal(JSON.parse(out).mode, 'plan');
    }
    const missing = await runMain(['--config', 'elsewhere.yaml', 'plan']);
    assert.match(missing.err, /elsewhere\.yaml not found/);
  });

  it('says how to begin when there is no configuration', async () => {
    const { code, out, err } = await runMain(['plan', '--json'], { config: null });
    assert.equal(code, 2);
    assert.match(err, /^oppsync: no configuration: oppsync\.yaml not found in .*; run `oppsync sandbox/);
    assert.equal(JSON.parse(out).error.code, 'config.missing_file');
  });

  it('lists several configuration problems, with place and caret', async () => {
    const { code, err, out } = await runMain(['plan', '--json'], {
      config: `${CONFIG}htp: {}\nlog: {level: x}\n`,
    });
    assert.equal(code, 2);
    assert.match(err, /2 problems in the configuration/);
    assert.match(
      err,
      /oppsync\.yaml:6:1 htp: unknown key htp; did you mean http\?\n {3}6 \| htp: \{\}\n {5}\| \^/,
    );
    assert.deepEqual(
      JSON.parse(out).error.problems.map((problem: { line: number; path: string }) => [
        problem.line,
        problem.path,
      ]),
      [
        [6, 'htp'],
        [7, 'log.level'],
      ],
    );
  });

  const recoveries: readonly (readonly [Recovery, object, number])[] = [
    ['fix', {}, 2],
    ['refuse', {}, 3],
    ['stop', {}, 2],
    ['stop', { retryAfterMs: 1 }, 4],
    ['retry', {}, 4],
    ['retry', { unreachable: true }, 4],
    ['wait', {}, 4],
    ['unknown', {}, 4],
    ['fix', { unreachable: true }, 4],
  ];
  for (const [recovery, more, expected] of recoveries)
    it(`${recovery} ${JSON.stringify(more)} exits ${expected}, in one sentence with a remedy`, async () => {
      const { code, out, err, closed } = await runMain(['plan', '--json'], {
        app: fail(error(recovery, more)),
      });
      assert.equal(code, expected);
      assert.equal(err, 'oppsync: it broke\nWhat to do: mend it\n');
      assert.equal(JSON.parse(out).error.message, 'it broke');
      assert.equal(out.trim().split('\n').length, 1);
      assert.equal(closed, 1);
    });

  it('a fault of ours exits 70 without a stack and without a secret', async () => {
    const broken = new Error('no such thing: Bearer abc.def');
    const { code, out, err } = await runMain(['plan'], { app: fail(broken) });
    assert.deepEqual([code, out], [70, '']);
    assert.equal(
      err,
      'oppsync: a fault of oppsync stopped this: no such thing: Bearer …\n' +
        'What to do: run it again with OPPSYNC_LOG_LEVEL=debug to see the details, and report them\n',
    );
    const detailed = await runMain(['plan'], { app: fail(broken), env: { OPPSYNC_LOG_LEVEL: 'debug' } });
    const line = JSON.parse(detailed.err.trim().split('\n').at(-1) ?? '');
    assert.match(line.error.stack, /main\.test\.ts/);
    assert.ok(!detailed.err.includes('abc.def'));
  });

  it('an interrupted command exits 130 with one sentence', async () => {
    const stop = new AbortController();
    const { code, out, err } = await runMain(['sync'], {
      app: {
        run: async (_sync, _mode, { signal }) => {
          stop.abort();
          signal?.throwIfAborted();
          return report();
        },
      },
      runtime: { signal: stop.signal },
    });
    assert.deepEqual([code, out], [130, '']);
    assert.match(err, /^(pull…\n)?interrupted; nothing is half done/);
  });

  it('a sync stopped by the first-run brake exits 3 and says how to approve', async () => {
    const brakes = [
      { brake: 'first_run', message: 'the first run of a sync never writes', remedy: 'approve it' },
    ];
    const app = { run: async () => report({ mode: 'sync', brakes }) };
    const { code, out } = await runMain(['sync'], { app });
    assert.equal(code, 3);
    assert.match(out, /The first run of a sync never writes\. Nothing was changed\./);
    assert.match(out, /oppsync apply 0123456789ab\n/);
    assert.match(out, /one side changed it, the other follows +amount +HubSpot +2/);
    const json = await runMain(['sync', '--json'], { app });
    assert.equal(json.code, 3);
    assert.equal(JSON.parse(json.out).brakes[0].brake, 'first_run');
  });

  it('a plan that a brake would stop still exits 0: it writes nothing', async () => {
    const brakes = [{ brake: 'first_run', message: 'm', remedy: 'r' }];
    assert.equal((await runMain(['plan'], { app: { run: async () => report({ brakes }) } })).code, 0);
  });

  it('records that need attention count only with --strict', async () => {
    const outcomes = { ...report().outcomes, quarantined: 1 };
    const attention = [
      {
        outcome: 'quarantined',
        cause: 'bad option',
        remedy: 'add it',
        count: 1,
        example: { crm: 'hubspot', id: '7' },
      },
    ] as const;
    const app = { run: async () => report({ mode: 'sync', outcomes, attention }) };
    const relaxed = await runMain(['sync'], { app });
    assert.equal(relaxed.code, 0);
    assert.match(relaxed.out, /1 quarantined: bad option \(for example HubSpot 7\)\n +What to do: add it/);
    assert.equal((await runMain(['sync', '--strict'], { app })).code, 1);
  });

  it('a cause that is known by its name is told in the language asked for', async () => {
    const about = {
      cause: 'salesforce does not offer stage "Won" to records of type "Renewal"',
      remedy: 'map it',
      code: 'outside_record_type',
      params: { crm: 'salesforce', field: 'stage', value: 'Won', type: 'Renewal' },
    };
    const attention: RunReport['attention'] = [
      { outcome: 'held', ...about, count: 2, example: { crm: 'salesforce', id: '006' } },
      {
        ...{ outcome: 'held', cause: 'odd', remedy: 'see', code: 'new' },
        count: 1,
        example: { crm: 'hubspot', id: '7' },
      },
    ];
    const app = { run: async () => report({ mode: 'plan', attention }) };
    assert.match((await runMain(['sync'], { app })).out, /does not offer stage "Won" to records/);
    const { out } = await runMain(['sync', '--locale', 'fr'], { app });
    assert.match(out, /Salesforce ne propose pas stage « Won » aux fiches du type « Renewal »/);
    assert.match(out, /ajoutez-la au type dans Salesforce/);
    assert.match(out, /odd/);
  });

  it('apply takes a shortened digest of the open plan, and passes any other on to be refused', async () => {
    const asked: string[] = [];
    const app = {
      plan: async () => VIEW,
      apply: async (_sync: string, digest: string) => {
        asked.push(digest);
        return report({ mode: 'apply' });
      },
    };
    await runMain(['apply', DIGEST.slice(0, 8)], { app });
    await runMain(['apply', DIGEST.slice(0, 7)], { app });
    await runMain(['apply', 'ffffffffffffffff'], { app });
    assert.deepEqual(asked, [DIGEST, DIGEST.slice(0, 7), 'ffffffffffffffff']);
  });

  it('explain tells what a record waits for in the language asked for', async () => {
    const causes = [
      outsideRecordType({ crm: 'salesforce', field: 'stage', value: 'Won', type: 'Renewal' }),
      { cause: 'new_cause', message: 'odd', remedy: 'see' },
    ];
    const explanation: Explanation = {
      ...{ ref: { crm: 'salesforce', id: '006' }, name: 'Roof', url: null, sentence: 'Active.', pair: null },
      verdict: VERDICT,
      ...{ outcome: 'held', notes: causes.map(({ message, remedy }) => `${message}; ${remedy}`), causes },
      ...{ notEvidenced: [], history: [], reopened: 0, fields: [], journal: [] },
    };
    const app = { explain: async () => [explanation] };
    assert.match((await runMain(['explain', '006'], { app })).out, /does not offer stage "Won".*; map it/);
    const { out } = await runMain(['explain', '006', '--locale', 'fr'], { app });
    assert.match(out, /ne propose pas stage « Won » .*; associez-la/);
    assert.match(out, /odd\u00a0; see/);
  });

  it('explain says so when nothing has that id', async () => {
    const { code, err } = await runMain(['explain', '42']);
    assert.equal(code, 2);
    assert.match(err, /sync main knows no record or pair 42/);
  });

  it('prints exactly one JSON document with --json, and people words elsewhere', async () => {
    const commands = [['plan'], ['apply', DIGEST], ['sync'], ['status'], ['runs'], ['migrate']];
    for (const argv of commands) {
      const { code, out, err } = await runMain([...argv, '--json']);
      assert.equal(code, 0, argv.join(' '));
      assert.equal(out.split('\n').length, 2, argv.join(' '));
      JSON.parse(out);
      assert.equal(err, '', argv.join(' '));
    }
  });

  it('writes no colour where there is no terminal', async () => {
    const { out } = await runMain(['plan']);
    assert.ok(!out.includes('\u001b'), JSON.stringify(out));
  });

  it('serves the roles asked for, says where, and closes', async () => {
    const served: (readonly string[])[] = [];
    const app = {
      serve: async (
        roles: readonly string[],
        _signal: AbortSignal,
        started: (facts: { webPort: number | null; webhooks: readonly string[] }) => void,
      ) => {
        served.push(roles);
        const web = roles.includes('web');
        started({ webPort: web ? 8123 : null, webhooks: web ? ['https://a.example/webhooks/hubspot'] : [] });
      },
    };
    const lines: string[] = [];
    const log = createLog({ level: 'info', write: (line) => lines.push(line) });
    const machine = await runMain(['serve', '--json'], { app: { ...app, log } });
    assert.deepEqual([JSON.parse(machine.out).port, machine.err], [8123, '']);
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).message),
      ['serving', 'stopped'],
    );
    const unreachable = new OppsyncError({
      ...{ recovery: 'retry', code: 'database.unreachable', message: 'It is away.', remedy: 'Wait.' },
      unreachable: true,
    });
    const ended = await runMain(['serve', '--json'], {
      app: { serve: async () => Promise.reject(unreachable) },
    });
    assert.equal(ended.code, 4);
    const [told = '', ...more] = ended.err.trimEnd().split('\n');
    const { level, message, ...facts } = JSON.parse(told) as Record<string, unknown>;
    assert.deepEqual(more, [], 'a log and nothing else');
    assert.deepEqual([level, facts['code'], facts['exitCode']], ['error', 'database.unreachable', 4]);
    served.length = 0;
    const all = await runMain(['serve'], { app });
    assert.equal(all.code, 0);
    assert.match(all.err, /http:\/\/127\.0\.0\.1:8123/);
    assert.match(all.err, /sent to https:\/\/a\.example\/webhooks\/hubspot\n/);
    assert.equal(all.closed, 1);
    await runMain(['serve', '--role', 'scheduler,workers'], { app });
    assert.deepEqual(served, [
      ['web', 'workers', 'scheduler'],
      ['workers', 'scheduler'],
    ]);
  });
});
