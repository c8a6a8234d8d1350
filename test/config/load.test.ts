import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ConfigError } from '../../config/errors.ts';
import { type Config, loadConfig } from '../../config/load.ts';
import { STANDARD_FIELD_KINDS } from '../../config/schema.ts';
import { settingsOf } from '../../config/settings.ts';
import { STANDARD_FIELDS } from '../../src/core/opportunity.ts';

const GOOD = `connections:
  acme-sf: {crm: salesforce, url: 'https://a.example', auth: {type: client_credentials}}
  acme-hs: {crm: hubspot, auth: {type: token}}
syncs:
  main:
    connections: [acme-sf, acme-hs]
`;

describe('loadConfig', () => {
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'oppsync-config-'));
  });
  after(() => rmSync(dir, { recursive: true }));

  const load = (yaml: string, env: Record<string, string> = {}): Config => {
    writeFileSync(join(dir, 'oppsync.yaml'), yaml);
    return loadConfig({ env, cwd: dir });
  };
  const problems = (yaml: string | Buffer, env: Record<string, string> = {}): string[] => {
    writeFileSync(join(dir, 'oppsync.yaml'), yaml);
    try {
      loadConfig({ env, cwd: dir });
    } catch (error) {
      assert.ok(error instanceof ConfigError, String(error));
      return error.message.split('\n');
    }
    assert.fail('the configuration was taken');
  };

  it('fills in every default', () => {
    const config = load(GOOD);
    assert.equal(config.http.port, 8080);
    assert.equal(config.log.level, null);
    const { settings, schedule, connections } = settingsOf(config, 'main');
    assert.deepEqual(settings.sides, ['salesforce', 'hubspot']);
    assert.equal(settings.initial, 'ask');
    assert.equal(settings.statusAuthority, 'most_advanced');
    assert.equal(settings.stages, null);
    assert.deepEqual(Object.keys(settings.fields), Object.keys(STANDARD_FIELDS));
    assert.deepEqual(settings.fields['amount'], { kind: 'decimal', policy: 'ask', blank: 'ignore' });
    assert.deepEqual(settings.excludePipelines, { salesforce: [], hubspot: [] });
    assert.deepEqual(schedule, {
      ...{ cron: '0 2 * * *', timeZone: 'UTC' },
      ...{ jitterMinutes: 5, alertAfterHours: 26 },
    });
    assert.deepEqual(connections[0], {
      name: 'acme-sf',
      crm: 'salesforce',
      path: 'connections.acme-sf',
      options: { url: 'https://a.example', auth: { type: 'client_credentials' } },
    });
  });

  it('tells the connectors to leave record types alone, and nothing where they are respected', () => {
    const given = GOOD.replace(/^( *)connections: \[/m, '$1recordTypes: ignore\n$1connections: [');
    assert.notEqual(given, GOOD);
    const { settings, connections } = settingsOf(load(given), 'main');
    assert.equal(settings.recordTypes, 'ignore');
    assert.deepEqual(
      connections.map(({ options }) => options['recordTypes']),
      ['ignore', 'ignore'],
    );
    assert.equal(settingsOf(load(GOOD), 'main').settings.recordTypes, 'respect');
  });

  it('is frozen to the bottom', () => {
    const config = load(GOOD);
    assert.throws(() => Object.assign(config.http, { port: 1 }), TypeError);
    assert.throws(() => Object.assign(config.syncs['main'] ?? {}, { initial: 'x' }), TypeError);
  });

  it('knows the same standard fields as the core', () => {
    assert.deepEqual({ ...STANDARD_FIELD_KINDS }, { ...STANDARD_FIELDS });
  });

  it('switches a standard field off and hands custom fields to both connectors', () => {
    const config = load(
      `${GOOD}    fields: {nextStep: false, region: {kind: choice, native: {salesforce: Region__c, hubspot: region}}}\n`,
    );
    const { settings, connections } = settingsOf(config, 'main');
    assert.equal(settings.fields['nextStep'], undefined);
    assert.deepEqual(settings.fields['region'], { kind: 'choice', policy: 'ask', blank: 'ignore' });
    assert.deepEqual(connections[1].options['customFields'], {
      region: { native: 'region', kind: 'choice' },
    });
  });

  it('creates nothing unless it is said where, and of which records', () => {
    const settings = (more: string) => settingsOf(load(`${GOOD}${more}`), 'main').settings;
    assert.equal('create' in settings(''), false);
    assert.equal('create' in settings('    create: {hubspot: false}\n'), false);
    assert.deepEqual(settings('    create: {hubspot: true, salesforce: all}\n').create, {
      ...{ hubspot: 'active', salesforce: 'all' },
    });
    assert.match(problems(`${GOOD}    create: {hubpost: true}\n`).join(' '), /hubpost/);
    assert.match(problems(`${GOOD}    create: {hubspot: some}\n`).join(' '), /create/);
  });

  it('reads one stage key or several', () => {
    const config = load(`${GOOD}    stages: [{salesforce: A, hubspot: [default/b, default/c]}]\n`);
    assert.deepEqual(settingsOf(config, 'main').settings.stages, [
      { salesforce: ['A'], hubspot: ['default/b', 'default/c'] },
    ]);
  });

  it('names the folder and both ways out when there is no file', () => {
    assert.throws(
      () => loadConfig({ env: {}, cwd: join(dir, 'empty') }),
      (error: Error) =>
        error.message ===
        `no configuration: oppsync.yaml not found in ${join(dir, 'empty')}; run \`oppsync sandbox --write-config oppsync.yaml\` to try with simulated CRMs, or copy config/oppsync.example.yaml`,
    );
  });

  it('reports everything at once, in the order of the file', () => {
    const found = problems(
      `${GOOD}    intial: ask\n    tieMarginMs: -1\n    fields: {amount: {polcy: ask}}\nhttp: {port: eighty}\nlog: {level: loud}\n`,
    );
    assert.deepEqual(found, [
      'oppsync.yaml:7:5 syncs.main.intial: unknown key intial; did you mean initial?',
      'oppsync.yaml:8:18 syncs.main.tieMarginMs: expected at least 0, found -1',
      'oppsync.yaml:9:23 syncs.main.fields.amount.polcy: unknown key polcy; did you mean policy?',
      'oppsync.yaml:10:14 http.port: expected a number, found "eighty"',
      'oppsync.yaml:11:14 log.level: expected one of debug, info, warn, error, found "loud"',
    ]);
  });

  const one: readonly (readonly [what: string, yaml: string, expected: string])[] = [
    ['a tab', 'a: 1\n\tb: 2\n', 'oppsync.yaml:2:1: tabs cannot indent YAML; use spaces'],
    [
      'a key twice',
      'http: {}\nhttp: {}\n',
      'oppsync.yaml:2:1: the key http is written twice in the same place',
    ],
    ['an open quote', 'http: "x\n', 'oppsync.yaml:2:1: a quote or bracket is opened but never closed'],
    ['a list instead of keys', '- 1\n', 'oppsync.yaml:1:1: expected a group of keys, found a list'],
    [
      'a connection that is not there',
      GOOD.replace('acme-hs]', 'acme-hp]'),
      'oppsync.yaml:6:28 syncs.main.connections[1]: no connection is called "acme-hp"; did you mean acme-hs?',
    ],
    [
      'three connections',
      GOOD.replace('acme-hs]', 'acme-hs, acme-sf]'),
      'oppsync.yaml:6:18 syncs.main.connections: expected exactly two connections, found 3',
    ],
    [
      'two accounts of one CRM',
      GOOD.replace('crm: hubspot', 'crm: salesforce'),
      'oppsync.yaml:6:18 syncs.main.connections: both connections are salesforce accounts; a sync pairs two different CRMs',
    ],
    [
      'a CRM that is not in the sync',
      `${GOOD}    initial: pipedrive\n`,
      'oppsync.yaml:7:14 syncs.main.initial: expected one of ask, newest, salesforce, hubspot, found "pipedrive"',
    ],
    [
      'max_progress for an amount',
      `${GOOD}    fields: {amount: {policy: max_progress}}\n`,
      'oppsync.yaml:7:31 syncs.main.fields.amount.policy: expected one of ask, newest, non_blank, salesforce, hubspot, found "max_progress"',
    ],
    [
      'a misspelt standard field',
      `${GOOD}    fields: {ammount: {policy: ask}}\n`,
      'oppsync.yaml:7:14 syncs.main.fields.ammount: unknown key ammount; did you mean amount?',
    ],
    [
      'a wrong time zone',
      `${GOOD}    schedule: {timeZone: Mars/Base}\n`,
      'oppsync.yaml:7:26 syncs.main.schedule.timeZone: expected an IANA time zone such as Europe/Paris, found "Mars/Base"',
    ],
    [
      'a wrong cron pattern',
      `${GOOD}    schedule: {cron: nightly}\n`,
      'oppsync.yaml:7:22 syncs.main.schedule.cron: expected a cron pattern of five parts such as "0 2 * * *", found "nightly"',
    ],
    [
      'a variable that is not set',
      `${GOOD}log:\n  level: $\{NO_SUCH}\n`,
      'oppsync.yaml:8:10 log.level: the environment variable NO_SUCH is not set',
    ],
  ];
  for (const [what, yaml, expected] of one)
    it(`says where and what: ${what}`, () => {
      assert.equal(problems(yaml)[0], expected);
    });

  it('shows the line with a caret', () => {
    writeFileSync(join(dir, 'oppsync.yaml'), `${GOOD}    intial: ask\n`);
    try {
      loadConfig({ env: {}, cwd: dir });
      assert.fail();
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.problems[0]?.excerpt, '   7 |     intial: ask\n     |     ^');
    }
  });

  it('refuses bytes that are not UTF-8', () => {
    assert.deepEqual(problems(Buffer.from([0x61, 0x3a, 0xff])), ['oppsync.yaml: the file is not UTF-8 text']);
  });

  it('takes named variables, and any key by its path whatever its case and dashes', () => {
    const config = load(GOOD, {
      DATABASE_URL: 'postgresql://db/x',
      OPPSYNC_HTTP_PORT: '9001',
      OPPSYNC_CONNECTIONS__ACME_SF__AUTH__CLIENTSECRET: '0123456789',
      OPPSYNC_SYNCS__MAIN__TIEMARGINMS: '5',
      OPPSYNC_SYNCS__MAIN__SCHEDULE: '{"cron":"5 5 * * *","timeZone":"Europe/Paris"}',
      OPPSYNC_TEST_REQUIRE: 'redis',
    });
    assert.equal(config.database.url, 'postgresql://db/x');
    assert.equal(config.http.port, 9001);
    assert.deepEqual(config.connections['acme-sf']?.['auth'], {
      type: 'client_credentials',
      clientSecret: '0123456789',
    });
    assert.equal(config.syncs['main']?.tieMarginMs, 5);
    assert.equal(config.syncs['main']?.schedule?.timeZone, 'Europe/Paris');
  });

  it('reads a value from the file that a …_FILE variable names', () => {
    const file = join(dir, 'token');
    writeFileSync(file, 'pat-from-file\n');
    const config = load(GOOD, { OPPSYNC_CONNECTIONS__ACME_HS__AUTH__TOKEN_FILE: file });
    assert.deepEqual(config.connections['acme-hs']?.['auth'], { type: 'token', token: 'pat-from-file' });
    const viaYaml = load(GOOD.replace('{type: token}', `{type: token, token: "$\{TOK}"}`), {
      TOK_FILE: file,
    });
    assert.deepEqual(viaYaml.connections['acme-hs']?.['auth'], { type: 'token', token: 'pat-from-file' });
    assert.deepEqual(problems(GOOD, { REDIS_URL_FILE: join(dir, 'none') }), [
      'the file named by REDIS_URL_FILE cannot be read (ENOENT)',
    ]);
    assert.deepEqual(problems(GOOD, { REDIS_URL_FILE: file, REDIS_URL: 'redis://x' }), [
      'both REDIS_URL and REDIS_URL_FILE are set; keep one of them',
    ]);
  });

  it('refuses a variable that names no setting', () => {
    assert.deepEqual(problems(GOOD, { OPPSYNC_HTTP__PROT: '1' }), [
      'the environment variable OPPSYNC_HTTP__PROT names no setting; did you mean OPPSYNC_HTTP_PORT?',
    ]);
  });

  it('takes no notice of what Kubernetes tells of the services beside it', () => {
    const env: Record<string, string> = {};
    for (const service of ['OPPSYNC', 'OPPSYNC_WEB', 'OPPSYNC_HTTP']) {
      Object.assign(env, {
        [`${service}_SERVICE_HOST`]: '10.0.0.1',
        [`${service}_SERVICE_PORT`]: '80',
        [`${service}_SERVICE_PORT_HTTP`]: '80',
        [`${service}_PORT`]: 'tcp://10.0.0.1:80',
        [`${service}_PORT_80_TCP`]: 'tcp://10.0.0.1:80',
      });
      for (const part of ['PROTO', 'PORT', 'ADDR']) env[`${service}_PORT_80_TCP_${part}`] = '80';
    }
    assert.equal(load(GOOD, env).http.port, load(GOOD).http.port);
  });

  it('keeps $$ {…} as text', () => {
    const config = load(`${GOOD}    profile: "./a$$\{B}"\n`);
    assert.equal(config.syncs['main']?.profile, ['./a$', '{B}'].join(''));
  });

  it('takes a public address that paths can be put behind, and no other', () => {
    for (const given of ['your.address', 'https://a.example/?x=1', 'https://a.example/#x'])
      assert.equal(problems(GOOD, { OPPSYNC_PUBLIC_URL: given }).length, 1, given);
    const env = { OPPSYNC_PUBLIC_URL: 'https://a.example/base/' };
    assert.equal(loadConfig({ env, cwd: dir }).http.publicUrl, env.OPPSYNC_PUBLIC_URL);
  });

  it('never shows a secret, wherever the mistake is', () => {
    const secret = 'S3cretValue_9f8e7d6c5b4a';
    const places = [
      `${GOOD}bogus: {clientSecret: ${secret}}\n`,
      `${GOOD.replace('{type: token}', `{type: token, token: ${secret}}`)}    intial: 1\n`,
      `database:\n  url: postgresql://me:${secret}@h/db\n  ulr: 1\n`,
      `database:\n  url: mysql://me:${secret}@h/db\n`,
      `a:\n  token: "${secret}\n`,
      `a:\n  - privateKey: *${secret}\n`,
      `redis: {url: ${secret}}\n${GOOD}`,
    ];
    for (const yaml of places) {
      writeFileSync(join(dir, 'oppsync.yaml'), yaml);
      try {
        loadConfig({ env: { DATABASE_URL: '' }, cwd: dir });
        assert.fail(`taken: ${yaml}`);
      } catch (error) {
        assert.ok(error instanceof ConfigError, String(error));
        const shown = error.message + JSON.stringify(error.problems);
        assert.ok(!shown.includes(secret), shown);
      }
    }
    const shown = problems(GOOD, { OPPSYNC_LOG_LEVEL: secret, REDIS_URL: secret }).join('\n');
    assert.ok(!shown.includes(secret), shown);
  });

  it('answers any text with a configuration or a ConfigError', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.string().map((text) => GOOD + text),
        ),
        (yaml) => {
          writeFileSync(join(dir, 'oppsync.yaml'), yaml);
          try {
            loadConfig({ env: {}, cwd: dir });
          } catch (error) {
            assert.ok(error instanceof ConfigError, String((error as Error).stack));
            assert.ok(error.problems.length > 0);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
