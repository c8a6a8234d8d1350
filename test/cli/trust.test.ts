import assert from 'node:assert/strict';
import type { AgreementReport } from '../../src/core/agreement-report.ts';
import type { AuditRow } from '../../src/core/audit.ts';
import { OppsyncError } from '../../src/core/errors.ts';
import type { ConflictRow, KeptChange, QuarantineEntry } from '../../src/core/trust-port.ts';
import type { Resolving } from '../../src/core/trust-requests.ts';
import { DIGEST, report } from './fake-app.ts';
import { runMain } from './run-main.ts';

const CONFLICT: ConflictRow = {
  id: 'c_1',
  pair: 'op-1-2',
  name: 'Acme\u001b[2J renewal',
  conflict: {
    field: 'amount',
    sides: {
      salesforce: { id: '006A', value: '50', at: Date.UTC(2026, 0, 2) },
      hubspot: { id: '77', value: null, at: Date.UTC(2026, 0, 3) },
    },
    base: { salesforce: '10', hubspot: '10.0' },
    policy: 'ask',
  },
  since: Date.UTC(2026, 0, 4),
  resolution: null,
};
const ENTRY: QuarantineEntry = {
  ref: { crm: 'hubspot', id: '77' },
  name: '=1+1',
  cause: 'refused_BAD',
  message: 'a rule says no',
  remedy: 'ask the admin',
  field: 'amount',
  run: 'r_1',
  since: Date.UTC(2026, 0, 4),
  attempts: 2,
  replayed: false,
};
const ROW: AuditRow = {
  ...{ n: 1, at: 0, sync: 'main', by: 'ann', action: 'plan.released' },
  ...{ details: '{"digest":"d"}', hash: 'a'.repeat(64) },
};

describe('command line: conflicts', () => {
  const app = { conflicts: async () => [CONFLICT] };

  it('as JSON: one object per conflict, in the documented shape', async () => {
    const { code, out } = await runMain(['conflicts', '--json'], { app });
    assert.equal(code, 0);
    const [conflict] = JSON.parse(out) as Record<string, unknown>[];
    const { id, field, salesforce, hubspot, base, policy, since } = conflict ?? {};
    assert.deepEqual(
      { id, field, salesforce, hubspot, base, policy, since },
      {
        ...{ id: 'c_1', field: 'amount', base: '10', policy: 'ask', since: '2026-01-04T00:00:00.000Z' },
        salesforce: { id: '006A', value: '50', actor: null, at: '2026-01-02T00:00:00.000Z' },
        hubspot: { id: '77', value: null, actor: null, at: '2026-01-03T00:00:00.000Z' },
      },
    );
  });

  it('for people: both values, in both languages, and nothing that could move the cursor', async () => {
    for (const locale of ['en', 'fr'])
      for (const argv of [['conflicts'], ['conflicts', 'show', 'c_1']]) {
        const { code, out } = await runMain([...argv, '--locale', locale], { app });
        assert.equal(code, 0);
        assert.match(out, /c_1/);
        assert.match(out, /50/);
        assert.ok(!out.includes('\u001b'), 'no control characters');
      }
  });

  it('are decided by side, by value, a blank included, by field or all at once', async () => {
    const asked: [Resolving, string][] = [];
    const deciding = {
      ...app,
      resolveConflicts: async (_sync: string, request: Resolving, by: string) => {
        asked.push([request, by]);
        return [CONFLICT];
      },
    };
    for (const argv of [
      ['c_1', '--use', 'hubspot'],
      ['c_1', 'c_2', '--value', '7', '--by', 'maria'],
      ['--all', '--value', ''],
      ['--field', 'amount', '--use', 'salesforce'],
    ])
      assert.equal((await runMain(['conflicts', 'resolve', ...argv], { app: deciding })).code, 0);
    assert.deepEqual(asked, [
      [{ ids: ['c_1'], use: 'hubspot' }, 'ann'],
      [{ ids: ['c_1', 'c_2'], value: '7' }, 'maria'],
      [{ ids: 'all', value: null }, 'ann'],
      [{ ids: 'all', field: 'amount', use: 'salesforce' }, 'ann'],
    ]);
  });

  it('half a decision is refused', async () => {
    for (const argv of [
      ['c_1'],
      ['c_1', '--use', 'a', '--value', 'b'],
      ['--use', 'a'],
      ['c_1', '--all', '--use', 'a'],
    ])
      assert.equal((await runMain(['conflicts', 'resolve', ...argv], { app })).code, 2, argv.join(' '));
    assert.equal((await runMain(['conflicts', 'solve'], { app })).code, 2);
    assert.equal((await runMain(['conflicts', 'show', 'c_9'], { app })).code, 3);
  });
});

describe('command line: quarantine', () => {
  const app = { quarantine: async () => [ENTRY] };

  it('as JSON, as CSV that no spreadsheet takes for a formula, and for people', async () => {
    const json = JSON.parse((await runMain(['quarantine', '--json'], { app })).out) as Record<
      string,
      unknown
    >[];
    assert.deepEqual(
      [json[0]?.['id'], json[0]?.['message'], json[0]?.['attempts']],
      ['77', 'a rule says no', 2],
    );
    const [head, line] = (await runMain(['quarantine', '--csv'], { app })).out.split('\r\n');
    assert.equal(head?.split(',').length, line?.split(',').length);
    assert.match(line ?? '', /,'=1\+1,/);
    for (const locale of ['en', 'fr'])
      for (const argv of [['quarantine'], ['quarantine', 'show', '77']])
        assert.match((await runMain([...argv, '--locale', locale], { app })).out, /a rule says no/);
  });

  it('replays the records named, or all', async () => {
    const asked: unknown[] = [];
    const replaying = {
      ...app,
      replayQuarantine: async (_sync: string, ids: readonly string[] | 'all') => {
        asked.push(ids);
        return [ENTRY.ref];
      },
    };
    await runMain(['quarantine', 'replay', '77', '78'], { app: replaying });
    await runMain(['quarantine', 'replay', '--all'], { app: replaying });
    assert.deepEqual(asked, [['77', '78'], 'all']);
    assert.equal((await runMain(['quarantine', 'replay'], { app: replaying })).code, 2);
    assert.equal((await runMain(['quarantine', 'show', '5'], { app })).code, 3);
  });
});

describe('command line: undo', () => {
  const kept: KeptChange = {
    ...{ ref: { crm: 'hubspot', id: '77' }, name: 'Acme', field: 'amount', owned: false },
    ...{ before: '1', after: '2', now: '3' },
  };

  it('shows the plan and what stays, and applies only when asked to', async () => {
    const applied: string[] = [];
    const app = {
      keptByUndo: async () => [kept],
      apply: async (_sync: string, digest: string) => {
        applied.push(digest);
        return report({ mode: 'apply', converged: true });
      },
    };
    const { code, out } = await runMain(['undo', 'r_1'], { app });
    assert.equal(code, 0);
    assert.match(out, /amount was 1, the run wrote 2, it is 3 now/);
    assert.match(out, new RegExp(`oppsync apply ${DIGEST.slice(0, 12)}`));
    assert.deepEqual(applied, []);
    await runMain(['undo', 'r_1', '--apply'], { app });
    assert.deepEqual(applied, [DIGEST]);
    const json = JSON.parse((await runMain(['undo', 'r_1', '--json'], { app })).out) as Record<
      string,
      unknown
    >;
    assert.deepEqual([json['undoes'], (json['kept'] as unknown[]).length], ['r_1', 1]);
  });

  it('names what the run created, and says what to do about it', async () => {
    const made = { name: 'Acme', source: { crm: 'hubspot', id: '77' } };
    const app = {
      createdBy: async () => [
        { ...made, ref: { crm: 'salesforce', id: '006A' }, deleted: false },
        { ...made, ref: { crm: 'salesforce', id: '006B' }, deleted: true },
      ],
    };
    const { out } = await runMain(['undo', 'r_1'], { app });
    assert.match(out, /created records \(1\)[\s\S]*Acme \(Salesforce 006A\)[\s\S]*not created again/);
    assert.doesNotMatch(out, /006B/);
    const json = JSON.parse((await runMain(['undo', 'r_1', '--json'], { app })).out) as {
      created: unknown[];
    };
    assert.equal(json.created.length, 2);
  });

  it('a run that wrote nothing is a refusal', async () => {
    const undo = () =>
      Promise.reject(
        new OppsyncError({ recovery: 'refuse', code: 'undo.nothing', message: 'no', remedy: 'so' }),
      );
    assert.equal((await runMain(['undo', 'r_1'], { app: { undo } })).code, 3);
  });
});

describe('command line: audit', () => {
  it('lists rows with their details as JSON', async () => {
    const { out } = await runMain(['audit', '--json'], { app: { audit: async () => [ROW] } });
    assert.deepEqual(JSON.parse(out), [{ ...ROW, at: '1970-01-01T00:00:00.000Z', details: { digest: 'd' } }]);
  });

  it('verify names the first bad row and exits 3', async () => {
    const verdict = (fault: 'missing' | 'altered' | 'inserted' | null) => ({
      verifyAudit: async () => ({
        rows: 9,
        head: { n: 9, hash: 'b' },
        fault: fault === null ? null : { n: 5, fault },
      }),
    });
    const whole = await runMain(['audit', 'verify'], { app: verdict(null) });
    assert.equal(whole.code, 0);
    assert.match(whole.out, /9:b/);
    for (const fault of ['missing', 'altered', 'inserted'] as const) {
      const broken = await runMain(['audit', 'verify'], { app: verdict(fault) });
      assert.equal(broken.code, 3);
      assert.match(broken.out, /row 5/);
    }
  });

  it('verify holds a row against what was noted down earlier', async () => {
    const app = { audit: async () => [ROW] };
    const expecting = async (text: string) =>
      (await runMain(['audit', 'verify', '--expect', text], { app })).code;
    assert.equal(await expecting(`1:${ROW.hash}`), 0);
    assert.equal(await expecting(`1:${'f'.repeat(64)}`), 3);
    assert.equal(await expecting(`2:${ROW.hash}`), 3);
    assert.equal(await expecting('nonsense'), 2);
  });
});

describe('command line: verify', () => {
  const differing: AgreementReport = {
    ...{ sync: 'main', at: 0, read: { salesforce: 3, hubspot: 2 }, pairs: 2, agree: 1 },
    fields: { amount: { agree: 1, differ: 1, unread: 0 } },
    waiting: { conflict: 1 },
    differing: [
      {
        ...{
          pair: 'op',
          name: 'Acme',
          field: 'amount',
          why: 'conflict',
          message: 'both moved',
          remedy: 'choose',
        },
        sides: { salesforce: { id: '1', value: '5' }, hubspot: { id: '2', value: '6' } },
      },
    ],
  };

  it('tells what differs, and exits 1 for it only when asked to be strict', async () => {
    const app = { verify: async () => differing };
    const { code, out } = await runMain(['verify'], { app });
    assert.equal(code, 0);
    assert.match(out, /1 of 2 pairs agree/);
    assert.match(out, /Acme: amount, Salesforce 5 · HubSpot 6/);
    assert.equal((await runMain(['verify', '--strict'], { app })).code, 1);
    assert.equal((await runMain(['verify', '--strict'])).code, 0);
    const json = JSON.parse(
      (await runMain(['verify', '--json', '--locale', 'fr'], { app })).out,
    ) as AgreementReport;
    assert.deepEqual(json.waiting, { conflict: 1 });
  });
});
