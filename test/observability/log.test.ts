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

  it('survives cycles, big numbers and functions', () => {
    const { lines, log } = collect('info');
    const loop: Record<string, unknown> = { n: 10n, f: () => 1 };
    loop['self'] = loop;
    log.info('loop', { loop });
    assert.equal(JSON.parse(lines[0] ?? '').loop.n, '10');
  });

  it('leaves ordinary text alone', () => {
    const text = 'deal 123 moved to Closed Won at https://app.hubspot.com/contacts/1/deal/123';
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
