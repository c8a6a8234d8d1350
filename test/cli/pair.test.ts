import assert from 'node:assert/strict';
import type { App } from '../../src/app.ts';
import { PAIRING } from './fake-app.ts';
import { runMain } from './run-main.ts';

describe('oppsync pair', () => {
  it('prints the document machines rely on, the same in every language', async () => {
    const { out, code } = await runMain(['pair', '--json']);
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(out), {
      pairs: [
        {
          salesforce: '006A',
          hubspot: '11',
          band: 'certain',
          score: 0.9987,
          reasons: ['same name', 'close dates 3 days apart'],
        },
      ],
      orphans: { salesforce: ['006C'], hubspot: [] },
      duplicates: { salesforce: [['006A', '006B']], hubspot: [] },
    });
    assert.equal((await runMain(['pair', '--json', '--locale', 'fr'])).out, out);
  });

  it('writes a table in which no name becomes a formula', async () => {
    const { out } = await runMain(['pair', '--csv']);
    const [head, first, ...rest] = out.split('\r\n');
    assert.equal(head, 'band,score,salesforce,salesforce_name,hubspot,hubspot_name,reasons');
    assert.equal(
      first,
      `certain,0.9987,006A,'=Arkona GmbH – Audit,11,"Audit, Arkona","same name, close dates 3 days apart"`,
    );
    assert.deepEqual(rest, ['orphan,,006C,,,,', 'duplicate,,006A,,,,006B', 'duplicate,,006B,,,,006A', '']);
  });

  it('shows people totals, proposals with reasons, and what to do next', async () => {
    const { out } = await runMain(['pair', '--locale', 'fr']);
    assert.match(out, /1 certaine/);
    assert.match(out, /même nom, dates de clôture à 3 jours/);
    assert.match(out, /Rien n’a été écrit dans un CRM/);
    assert.match((await runMain(['pair'])).out, /0\.998 .*oppsync pair accept --band certain/s);
  });

  it('reads the CRMs first, unless told not to', async () => {
    const reads: string[] = [];
    const app: Partial<App> = {
      readAndPair: async (sync) => {
        reads.push(sync);
      },
    };
    await runMain(['pair', '--no-read'], { app });
    assert.deepEqual(reads, []);
    await runMain(['pair'], { app });
    assert.deepEqual(reads, ['main']);
  });

  it('decides about the records named, or about a band, in the name of the person', async () => {
    const asked: unknown[] = [];
    const app: Partial<App> = {
      decidePairs: async (...given) => {
        asked.push(given);
        return { batch: 'd_1_abcd', decided: 2, skipped: [] };
      },
      undoPairs: async (...given) => {
        asked.push(given);
        return { batch: 'd_2_abcd', decided: 1, skipped: [] };
      },
    };
    const done = await runMain(['pair', 'accept', '006A', '11', '006B', '12'], { app });
    assert.match(done.out, /2 pairs accepted.*\n.*pair undo d_1_abcd/);
    await runMain(['pair', 'reject', '--band', 'ask'], { app });
    await runMain(['pair', 'undo', 'd_1_abcd'], { app });
    const user = (asked[0] as unknown[])[3];
    assert.equal(typeof user, 'string');
    assert.deepEqual(asked, [
      ['main', 'accepted', ['006A', '11', '006B', '12'], user],
      ['main', 'rejected', { band: 'ask' }, user],
      ['main', ['d_1_abcd'], user],
    ]);
  });

  for (const args of [
    ['accept'],
    ['accept', '006A'],
    ['accept', '006A', '11', '--band', 'certain'],
    ['apart', '--band', 'sure'],
    ['marry', '006A', '11'],
    ['undo'],
    ['undo', '006A'],
  ])
    it(`refuses: pair ${args.join(' ')}`, async () => {
      const { code, err } = await runMain(['pair', ...args]);
      assert.equal(code, 2);
      assert.notEqual(err, '');
    });

  it('nothing of what was asked done is a refusal that says why', async () => {
    const app: Partial<App> = {
      decidePairs: async () => ({
        batch: 'd_1_abcd',
        decided: 0,
        skipped: [
          {
            refs: [
              { crm: '', id: '006X' },
              { crm: '', id: '11' },
            ],
            reason: 'unknown',
          },
        ],
      }),
    };
    const { code, err } = await runMain(['pair', 'accept', '006X', '11'], { app });
    assert.equal(code, 3);
    assert.match(err, /006X 11: an id is not known/);
  });

  it('a report of nothing says so', async () => {
    const app: Partial<App> = { pairing: async () => ({ ...PAIRING, pairs: [] }) };
    assert.match((await runMain(['pair'], { app })).out, /Nothing is proposed/);
  });
});
