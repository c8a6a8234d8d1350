import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runMain } from './run-main.ts';

const sf = (fields: Record<string, unknown>) => ({ crm: 'salesforce', type: 'Opportunity', fields });
const hs = (fields: Record<string, unknown>) => ({ crm: 'hubspot', type: 'deal', fields });
const pipeline = (stages: unknown[]) => ({
  crm: 'hubspot',
  type: 'pipeline',
  fields: { id: 'p', label: 'Ventes', stages },
});
const stage = (id: string, label: string, isClosed: boolean, probability: string) => ({
  id,
  label,
  metadata: { isClosed: String(isClosed), probability },
});
const ndjson = (lines: readonly unknown[]): string =>
  lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');

interface Line {
  readonly id: string;
  readonly status: string;
  readonly outcome: string | null;
  readonly phase: string | null;
  readonly engagement: unknown;
  readonly completeness: unknown;
  readonly flags: readonly string[];
  readonly because: readonly { readonly rule: string; readonly decided: string | null }[];
  readonly sentence: string;
}

describe('oppsync classify', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'oppsync-classify-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function file(lines: readonly unknown[], ...args: string[]) {
    const path = join(folder, 'dataset.ndjson');
    writeFileSync(path, ndjson(lines));
    return answered(await runMain(['classify', path, ...args], { config: null }));
  }
  async function piped(chunks: readonly (string | Uint8Array)[], ...args: string[]) {
    const input = async function* () {
      for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    };
    return answered(await runMain(['classify', ...args], { config: null, runtime: { input } }));
  }
  function answered(ran: Awaited<ReturnType<typeof runMain>>) {
    const lines = ran.out.split('\n').filter((line) => line !== '');
    return { ...ran, lines: lines.map((line) => JSON.parse(line) as Line) };
  }
  const summary = (lines: readonly Line[]) =>
    lines.map(({ id, status, outcome, phase }) => [id, status, outcome ?? phase]);

  it('answers one line per opportunity or deal, in the order of the file, wherever stages are described', async () => {
    const lines = [
      hs({ hs_object_id: '1', pipeline: 'p', dealstage: 's1' }),
      { crm: 'salesforce', type: 'Account', fields: { Id: '001000000000001AAA', Name: 'Acme' } },
      sf({ Id: '006000000000001AAA', StageName: 'Ours' }),
      hs({ hs_object_id: '2', pipeline: 'p', dealstage: 'closedwon' }),
      pipeline([stage('s1', 'Négociation', false, '0.5'), stage('closedwon', 'Perdu', true, '0.0')]),
      {
        crm: 'salesforce',
        type: 'OpportunityStage',
        fields: {
          ApiName: 'Ours',
          MasterLabel: 'Ours',
          IsClosed: true,
          IsWon: true,
          DefaultProbability: 100,
        },
      },
    ];
    const ran = await file(lines);
    assert.equal(ran.code, 0);
    assert.deepEqual(summary(ran.lines), [
      ['1', 'active', 'negotiating'],
      ['006000000000001AAA', 'closed', 'won'],
      ['2', 'closed', 'lost'],
    ]);
    const whole = ndjson(lines);
    const byBytes = Array.from({ length: Math.ceil(whole.length / 7) }, (_, at) =>
      Buffer.from(whole).subarray(at * 7, at * 7 + 7),
    );
    assert.equal((await piped(byBytes)).out, ran.out);
  });

  it('a verdict line has the agreed keys; moments are ISO, days are counted to the end of the day', async () => {
    const deal = {
      hs_object_id: '1',
      dealname: 'A',
      hs_is_closed: 'false',
      notes_last_contacted: '2026-11-01T10:00:00Z',
    };
    const { lines } = await file([hs(deal)], '--as-of', '2026-11-11');
    assert.deepEqual(Object.keys(lines[0] ?? {}), [
      ...[
        'id',
        'crm',
        'status',
        'outcome',
        'phase',
        'engagement',
        'completeness',
        'flags',
        'because',
        'sentence',
      ],
    ]);
    assert.deepEqual(lines[0]?.engagement, { state: 'engaged', last: '2026-11-01T10:00:00.000Z', days: 10 });
    const earlier = await file([hs(deal)], '--as-of', '2026-10-01T00:00:00Z');
    assert.deepEqual(earlier.lines[0]?.engagement, { state: 'unknown', last: null, days: null });
  });

  it('activities of the file say when somebody was last in touch; calls nobody answered and mails sent do not', async () => {
    const open = { StageName: 'Qualification', IsClosed: false, IsWon: false };
    const opportunity = (n: number) => ({
      ...{ Id: `00600000000000${n}AAA`, ...open, LastActivityDate: '2026-11-10' },
    });
    const task = (n: number, fields: object) => ({
      crm: 'salesforce',
      type: 'Task',
      fields: {
        ...{ Id: `00T00000000000${n}AAA`, WhatId: `00600000000000${n}AAA`, Status: 'Completed' },
        ...{ TaskSubtype: 'Call', ActivityDate: '2026-11-05', ...fields },
      },
    });
    const { lines } = await file(
      [
        sf(opportunity(1)),
        sf(opportunity(2)),
        sf(opportunity(3)),
        sf(opportunity(4)),
        task(1, {}),
        task(2, { CallDisposition: 'No answer' }),
        task(3, { TaskSubtype: 'Email' }),
        task(4, { ActivityDate: '2026-12-24' }),
      ],
      ...['--as-of', '2026-11-11'],
    );
    assert.deepEqual(
      lines.map(({ engagement }) => (engagement as { state: string }).state),
      ['engaged', 'unknown', 'unknown', 'unknown'],
    );
  });

  it('flags decide before stages, stages before names, and what nobody says is unknown', async () => {
    const ran = await file([
      pipeline([stage('a', 'Gagné', false, '0.4'), stage('b', 'Demo', false, '1.0')]),
      hs({
        hs_object_id: '1',
        pipeline: 'p',
        dealstage: 'a',
        hs_is_closed: 'true',
        hs_is_closed_lost: 'true',
      }),
      hs({ hs_object_id: '2', pipeline: 'p', dealstage: 'a' }),
      sf({ Id: '006000000000003AAA', StageName: 'Perdue' }),
      hs({ hs_object_id: '4' }),
      hs({ hs_object_id: '5', pipeline: 'p', dealstage: 'gone' }),
      sf({ Id: '006000000000006AAA', StageName: '未成交' }),
    ]);
    assert.deepEqual(summary(ran.lines), [
      ['1', 'closed', 'lost'],
      ['2', 'active', null],
      ['006000000000003AAA', 'closed', 'lost'],
      ['4', 'unknown', null],
      ['5', 'unknown', null],
      ['006000000000006AAA', 'closed', 'lost'],
    ]);
    assert.deepEqual(ran.lines[0]?.flags, ['flags_contradict_stage', 'label_contradicts']);
    assert.deepEqual(ran.lines[3]?.flags, ['no_stage']);
    assert.ok(ran.lines[4]?.flags.includes('stage_deleted'));
  });

  it('says so when the standard stages were assumed, and never reads an unknown id as a name', async () => {
    const ran = await file([
      sf({ Id: '006000000000001AAA', StageName: 'Closed Won' }),
      sf({ Id: '006000000000002AAA', StageName: 'Closed Won', IsClosed: 'true', IsWon: 'true' }),
      hs({ hs_object_id: '3', pipeline: 'own', dealstage: 'closedwon' }),
    ]);
    assert.deepEqual(
      ran.lines.map(({ status, outcome, flags }) => [status, outcome, flags.includes('stages_assumed')]),
      [
        ['closed', 'won', true],
        ['closed', 'won', false],
        ['unknown', null, false],
      ],
    );
  });

  it('labels are answered as they come, in the language given or asked for', async () => {
    let out = '';
    const input = async function* () {
      yield Buffer.from('{"type":"label","label":"Négociation","language":"fr"}\n');
      assert.equal(out, '{"label":"Négociation","class":"open","phase":"negotiating"}\n');
      yield Buffer.from(
        '{"type":"label","label":"Gewonnen"}\n{"type":"label","label":"xyzzy","language":"de"}\n',
      );
    };
    const io = {
      out: (text: string) => {
        out += text;
      },
      err: () => {},
      caughtUp: async () => {},
      ...{ outIsTerminal: false, errIsTerminal: false, columns: 80 },
    };
    await runMain(['classify', '--label-language', 'de'], { config: null, runtime: { input, io } });
    assert.deepEqual(out.trim().split('\n').slice(1), [
      '{"label":"Gewonnen","class":"won","phase":null}',
      '{"label":"xyzzy","class":"unknown","phase":null}',
    ]);
  });

  it('a profile asks for proof; evidence is read from fields named like it, as text or not', async () => {
    const won = { StageName: 'Closed Won', IsClosed: true, IsWon: true };
    const lines = [
      sf({ Id: '006000000000001AAA', ...won }),
      sf({ Id: '006000000000002AAA', ...won, Accepted__c: true, Contract_Signed__c: 'true' }),
      sf({ Id: '006000000000003AAA', ...won, Contract_Signed__c: false }),
      hs({
        hs_object_id: '4',
        hs_is_closed: 'true',
        hs_is_closed_won: 'true',
        contract_signed: '2026-03-01',
      }),
    ];
    const held = (ran: { lines: readonly Line[] }) => summary(ran.lines).map(([, ...rest]) => rest);
    assert.deepEqual(held(await file(lines)), Array(4).fill(['closed', 'won']));
    assert.deepEqual(held(await file(lines, '--profile', 'consulting')), [
      ['active', 'finalising'],
      ['closed', 'won'],
      ['active', 'finalising'],
      ['closed', 'won'],
    ]);
    assert.deepEqual(held(await file(lines, '--profile', 'strict'))[0], ['unknown', null]);
  });

  it('takes profile, decisions, languages and evidence from the configuration when one is named', async () => {
    const config = join(folder, 'oppsync.yaml');
    writeFileSync(
      config,
      `connections:
  a: {crm: salesforce, evidence: {contractSigned: {field: Contract__c, yes: [Signed]}, accepted: Accepted_On__c}}
  b: {crm: hubspot}
syncs:
  main:
    connections: [a, b]
    profile: ./ours.yaml
    decisions: {salesforce: {Parked: {status: active, phase: paused}}}
    languages: {salesforce: sv}
`,
    );
    writeFileSync(
      join(folder, 'ours.yaml'),
      'name: ours\nextends: consulting\ndescribe: {en: Ours, fr: Le nôtre}\n',
    );
    const won = { IsClosed: true, IsWon: true, Accepted_On__c: '2026-03-01' };
    const ran = await file(
      [
        sf({ Id: '006000000000001AAA', ...won, Contract__c: 'signed ' }),
        sf({ Id: '006000000000002AAA', ...won, Contract__c: 'Sent' }),
        sf({ Id: '006000000000003AAA', StageName: 'Parked', IsClosed: true, IsWon: false }),
        sf({ Id: '006000000000004AAA', StageName: 'Vunnen affär' }),
      ],
      ...['--config', config],
    );
    assert.equal(ran.err, '');
    assert.deepEqual(summary(ran.lines), [
      ['006000000000001AAA', 'closed', 'won'],
      ['006000000000002AAA', 'active', 'finalising'],
      ['006000000000003AAA', 'active', 'paused'],
      ['006000000000004AAA', 'active', 'finalising'],
    ]);
    assert.ok(ran.lines[2]?.flags.includes('decided_by_configuration'));
  });

  it('a wrong profile is told with file, line and caret', async () => {
    const path = join(folder, 'ours.yaml');
    writeFileSync(
      path,
      'name: ours\nextends: standard\ndescribe: {en: a, fr: b}\nrules:\n  - id: x\n    when: contractSinged\n    effect: {flag: y}\n    describe: {en: a, fr: b}\n',
    );
    const ran = await file([], '--profile', path);
    assert.equal(ran.code, 2);
    assert.match(
      ran.err,
      /ours\.yaml:6:11: Unknown variable contractSinged; did you mean contractSigned\?\n/,
    );
    assert.match(ran.err, /\n {6}when: contractSinged\n {12}\^\n/);
    const french = await file([], '--profile', path, '--locale', 'fr');
    assert.match(french.err, /ours\.yaml:6:11: Variable inconnue contractSinged ; vouliez-vous dire/);
    assert.match(french.err, /\n {6}when: contractSinged\n {12}\^\n.*: Corrigez \S+ours\.yaml, puis/);
    const near = await file([], '--profile', 'constulting');
    assert.equal(near.code, 2);
    assert.match(near.err, /did you mean consulting\?/);
  });

  const bad: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
    ['no JSON', '{"crm":', /line 2: it is not JSON/],
    ['no object', '[1]', /line 2: expected an object/],
    ['an unknown CRM', '{"crm":"pipedrive","type":"deal","fields":{}}', /line 2: "crm" must be/],
    ['no type', '{"crm":"hubspot","fields":{}}', /line 2: "type" must name/],
    [
      'a misspelled type',
      '{"crm":"hubspot","type":"Deals","fields":{}}',
      /unknown type Deals; did you mean deal\?/,
    ],
    ['no fields', '{"crm":"hubspot","type":"deal"}', /line 2: "fields" must be/],
    ['no id', '{"crm":"hubspot","type":"deal","fields":{}}', /line 2: this deal has no id/],
    ['no label', '{"type":"label"}', /line 2: "label" must be a text/],
    ['other bytes', Uint8Array.from([0x22, 0xff, 0x22]), /line 2: it is not UTF-8/],
    [
      'endless nesting',
      `{"crm":"salesforce","type":"Opportunity","fields":{"Id":"006000000000009AAA","a":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}}`,
      /line 2: its values are nested too deep/,
    ],
  ];
  for (const [what, line, expected] of bad) {
    it(`a line with ${what} is told by its number; the rest is answered only when asked for`, async () => {
      const good = ndjson([hs({ hs_object_id: '1' })]);
      const bytes = Buffer.concat([Buffer.from(good), Buffer.from(line), Buffer.from(`\n${good}`)]);
      const stopped = await piped([bytes]);
      assert.equal(stopped.code, 2);
      assert.match(stopped.err, expected);
      assert.equal(stopped.lines.length, 1);
      const skipped = await piped([bytes], '--skip-bad');
      assert.equal(skipped.code, 0);
      assert.equal(skipped.lines.length, 2);
      assert.equal(skipped.err.trim().split('\n').length, 1);
    });
  }

  it('reads what spreadsheets and editors leave: a mark at the start, empty lines, carriage returns, no end of line', async () => {
    const line = JSON.stringify(hs({ hs_object_id: 1, hs_is_closed: false, amount: 12.5, nested: { a: 1 } }));
    const ran = await piped([`\uFEFF${line}\r\n\r\n\n${line}`]);
    assert.deepEqual([ran.code, ran.lines.length, ran.err], [0, 2, '']);
    assert.equal(ran.lines[0]?.status, 'active');
  });

  it('a deal nested with the names of built-in things harms nothing', async () => {
    const ran = await piped([
      '{"crm":"hubspot","type":"deal","fields":{"hs_object_id":"1","__proto__":{"hs_is_closed":"true"},"constructor":"x"}}\n',
      '{"crm":"salesforce","type":"Opportunity","fields":{"Id":"006000000000001AAA","__proto__":{"IsClosed":true}}}\n',
    ]);
    assert.deepEqual(
      ran.lines.map(({ status }) => status),
      ['unknown', 'unknown'],
    );
    assert.equal(Object.hasOwn(Object.prototype, 'IsClosed'), false);
  });

  it('a pipe larger than the memory set aside for it gives the same answers', async () => {
    const lines = Array.from({ length: 60_000 }, (_, at) =>
      hs({ hs_object_id: String(at), pipeline: 'p', dealstage: 's', note: 'x'.repeat(500) }),
    );
    const text = ndjson([...lines, pipeline([stage('s', 'Perdu', true, '0.0')])]);
    assert.ok(text.length > 33 * 1024 * 1024);
    const ran = await piped([text]);
    assert.equal(ran.lines.length, 60_000);
    assert.ok(ran.lines.every(({ id, outcome }, at) => outcome === 'lost' && id === String(at)));
  });

  it('says the same in French, with the same machine values', async () => {
    const lines = [hs({ hs_object_id: '1', dealname: 'A', hs_is_closed: 'false' })];
    const [en, fr] = [await file(lines), await file(lines, '--locale', 'fr')];
    assert.notEqual(en.lines[0]?.sentence, fr.lines[0]?.sentence);
    assert.deepEqual({ ...en.lines[0], sentence: '' }, { ...fr.lines[0], sentence: '' });
  });

  it('names a file that cannot be read, and a moment that is none', async () => {
    const missing = await runMain(['classify', 'nothing.ndjson'], { config: null });
    assert.equal(missing.code, 2);
    assert.match(missing.err, /nothing\.ndjson: there is no such file/);
    const wrong = await runMain(['classify', '--as-of', '2026-02-30'], { config: null });
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /--as-of: expected a day/);
  });
});
