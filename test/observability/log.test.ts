import assert from 'node:assert/strict';
import { createLog, type LogLevel } from '../../src/observability/log.ts';
import { exposition } from '../../src/observability/prometheus.ts';
import { redactText } from '../../src/observability/redact.ts';

function collect(level: LogLevel) {
  const lines: string[] = [];
  return { lines, log: createLog({ level, write: (line) => lines.push(line), fields: { app: 'x' } }) };
}

describe('log', () => {
  it('writes one JSON line with constant message and fields', () => {
    const { lines, log } = collect('info');
    log.info('page read', { rows: 5, crm: 'hubspot' });
    assert.equal(lines.length, 1);
    const { at, ...rest } = JSON.parse(lines[0] ?? '');
    assert.deepEqual(rest, { level: 'info', message: 'page read', app: 'x', rows: 5, crm: 'hubspot' });
    assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000);
    assert.ok(lines[0]?.endsWith('\n'));
  });

  it('leaves out what is below its level', () => {
    const { lines, log } = collect('warn');
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).message),
      ['c', 'd'],
    );
  });

  it('correlates the lines of a child, and of its children', () => {
    const { lines, log } = collect('info');
    log.child({ run: 'r_1' }).child({ job: 'j' }).info('done', { job: 'k' });
    const { run, job, app } = JSON.parse(lines[0] ?? '');
    assert.deepEqual({ run, job, app }, { run: 'r_1', job: 'k', app: 'x' });
  });

  it('never lets a field take the place of message, level or time', () => {
    const { lines, log } = collect('info');
    log.info('real', { message: 'other', level: 'error', at: 'never' });
    const line = JSON.parse(lines[0] ?? '');
    assert.deepEqual([line.message, line.level, line.detail], ['real', 'info', 'other']);
    assert.notEqual(line.at, 'never');
  });

  it('takes secrets out by key and by look, at any depth, also from errors and their causes', () => {
    const { lines, log } = collect('info');
    const cause = new Error('grant_type=x&client_secret=hush1&a=b');
    log.info('call', {
      clientSecret: 'hush2',
      auth: { token: 'hush3', list: [{ Authorization: 'Bearer hush4' }] },
      url: 'postgresql://me:hush5@db/x',
      text: 'Authorization: Bearer hush6.part and pat-na1-12345678-hush7',
      error: new Error('JWT eyJhbGciOiJSUzI1.hush8.hush9', { cause }),
      key: '-----BEGIN PRIVATE KEY-----\nhush10\n-----END PRIVATE KEY-----',
      session: '00D5g000004Abcd!hush11.xyz',
      tokens: 12,
    });
    assert.ok(!lines[0]?.includes('hush'), lines[0]);
    assert.equal(JSON.parse(lines[0] ?? '').tokens, 12);
  });

  it('takes secrets out of queries, bodies, headers, addresses and errors of HTTP clients', () => {
    const hush = 'hush-7f3a91c2';
    const url = `https://u:${hush}@h/?hapikey=${hush}&apiKey=${hush}&sig=${hush}`;
    const gone: Record<string, unknown>[] = [
      { h: `Basic ${Buffer.from(`u:${hush}`).toString('base64')}`, url, at: new URL(url) },
      {
        path: `/webhooks/salesforce/${hush}`,
        there: `see https://x.example/webhooks/salesforce/${hush}?a=1`,
      },
      { body: JSON.stringify({ access_token: hush, x: JSON.stringify({ refresh_token: hush }) }) },
      { form: `grant_type=x&assertion=${hush}&a=1`, xml: `<SessionId>${hush}</SessionId>` },
      { yaml: `clientSecret: "${hush}"`, line: `password: ${hush}`, redis: `redis://default:a/${hush}@h:1` },
      { rawHeaders: ['Authorization', hush, 'X-HubSpot-Signature-v3', hush], refresh: `5Aep861.${hush}` },
      { 'api-key': hush, sessionId: hush, pwd: hush, passphrase: hush, auth: hush, session: hush, jwt: hush },
      { error: new AggregateError([new Error(`token=${hush}`)], `Bearer ${hush}`) },
      {
        error: Object.assign(
          new Error('x', { cause: new Error('y', { cause: { token: { value: hush } } }) }),
          {
            config: { headers: { Authorization: hush } },
            stack: `Error\n at f (https://x?token=${hush})`,
          },
        ),
      },
      { token: 12_345_678, bytes: Buffer.from(hush) },
    ];
    for (const fields of gone) {
      const { lines, log } = collect('info');
      log.info('call', fields);
      const encoded = Buffer.from(`u:${hush}`).toString('base64');
      assert.equal(lines.length, 1);
      for (const secret of [hush, '7f3a91c2', encoded, '12345678', '104,117'])
        assert.ok(!lines[0]?.includes(secret), lines[0]);
    }
  });

  it('writes its line whatever a field does', () => {
    const { lines, log } = collect('info');
    const getter = {
      get x(): number {
        throw new Error('not now');
      },
    };
    log.info('odd', { getter, when: new Date(Number.NaN) });
    log.info('long', { text: 'a-'.repeat(200_000) });
    assert.equal(JSON.parse(lines[0] ?? '').getter, '(unreadable)');
    assert.equal(lines.length, 2);
  });

  it('survives cycles, big numbers and functions', () => {
    const { lines, log } = collect('info');
    const loop: Record<string, unknown> = { n: 10n, f: () => 1 };
    loop['self'] = loop;
    log.info('loop', { loop });
    assert.equal(JSON.parse(lines[0] ?? '').loop.n, '10');
  });

  it('leaves ordinary text alone', () => {
    for (const text of [
      'deal 123 moved to Closed Won at https://app.hubspot.com/contacts/1/deal/123',
      'connections.hubspot.auth.token: expected a text, found a number',
      'Basic authentication is off; POST /webhooks/hubspot takes JSON',
      'code=INVALID_SESSION_ID, the signature is older than 5 minutes',
    ])
      assert.equal(redactText(text), text);
  });
});

describe('metrics', () => {
  it('are valid exposition text with escaped labels', () => {
    const text = exposition([
      {
        name: 'a_total',
        help: 'line\nbreak',
        type: 'counter',
        samples: [{ labels: { sync: 'a"b\\c\nd' }, value: 1.5 }, { value: Number.NaN }],
      },
    ]);
    assert.equal(
      text,
      '# HELP a_total line\\nbreak\n# TYPE a_total counter\na_total{sync="a\\"b\\\\c\\nd"} 1.5\na_total NaN\n',
    );
  });
});
