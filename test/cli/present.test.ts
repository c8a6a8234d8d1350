import assert from 'node:assert/strict';
import fc from 'fast-check';
import picocolors from 'picocolors';
import type { SyncStatus } from '../../src/app.ts';
import { wordsFor } from '../../src/cli/locale/index.ts';
import { presentError } from '../../src/cli/present/error.ts';
import { changeText, isEmptyPlan, planTotals, printChanges } from '../../src/cli/present/plan.ts';
import { runsText } from '../../src/cli/present/runs.ts';
import { statusText } from '../../src/cli/present/status.ts';
import { printable, short, valueText } from '../../src/cli/present/text.ts';
import { interestingChanges, stageBook } from '../../src/cli/simulation/interesting.ts';
import { hubspotStages, salesforceStages } from '../../src/cli/simulation/stages.ts';
import { OppsyncError } from '../../src/core/errors.ts';
import { faultOf } from '../../src/core/fault-sentences.ts';
import type { PlannedChange, RunSummary } from '../../src/core/report.ts';
import { change, STATUS, VIEW } from './fake-app.ts';

const words = wordsFor('en');
const plain = picocolors.createColors(false);

async function* each(changes: readonly PlannedChange[]): AsyncGenerator<PlannedChange> {
  yield* changes;
}

describe('what is shown', () => {
  it('says of a run that rests until when, and of calls that are used up what to do, in both languages', () => {
    const until = Date.UTC(2026, 10, 27);
    const run = {
      ...{ run: 'r1', sync: 'main', mode: 'apply', state: 'running', by: 'ann', startedAt: 1 },
      ...{ finishedAt: null, report: null, error: 'used up', remedy: null, rests: { crm: 'hubspot', until } },
    } as RunSummary;
    const params = {
      ...{ crm: 'hubspot', needed: '1200', left: '4', used: '396', limit: '500' },
      ...{ reserve: '20', when: '2026-11-27 00:00' },
    };
    const said = (['en', 'fr'] as const).map((locale) => {
      const spoken = wordsFor(locale);
      const shown = statusText({ ...STATUS, lastRun: run }, spoken, plain);
      const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');
      assert.ok(flat(shown).includes(flat(spoken.moment(until))), shown);
      const errors = (['quota.daily', 'quota.cannot_fit', 'quota.never_fits'] as const).map((code) => {
        const error = new OppsyncError({ recovery: 'stop', ...faultOf(code, params) });
        const { message, remedy } = presentError(error, spoken);
        assert.match(message, /HubSpot.*500.*20 %/);
        assert.doesNotMatch(`${message} ${remedy}`, /[{}]/);
        return `${message} ${remedy}`;
      });
      return [shown, ...errors];
    });
    for (const [index, text] of (said[0] ?? []).entries()) assert.notEqual(text, said[1]?.[index]);
  });

  it('says that events wait, since when their runs fail, and why, in both languages', () => {
    const run = {
      ...{ run: 'r1', sync: 'main', mode: 'sync', state: 'done', by: 'ann', startedAt: 1, finishedAt: 2 },
      ...{ report: null, error: null, remedy: null },
    } as const;
    const failing = {
      ...{ failures: 3, since: 1_790_000_000_000, nextAt: 1_790_000_600_000 },
      error: { code: 'down', message: 'HubSpot is down', remedy: 'wait for it' },
    };
    const status = {
      ...STATUS,
      lastRun: run,
      events: { ...STATUS.events, waiting: 7, since: 1_790_000_000_000, failing },
    } as unknown as SyncStatus;
    for (const [locale, title] of [
      ['en', 'failed 3 times'],
      ['fr', 'échoué 3 fois'],
    ] as const) {
      const shown = statusText(status, wordsFor(locale), plain);
      const flowing = shown.replaceAll(/\s+/g, ' ');
      for (const part of [title, 'HubSpot is down', 'wait for it']) assert.ok(flowing.includes(part), shown);
      assert.ok(!/^\s*[;:]/m.test(shown), shown);
    }
    const well = statusText({ ...status, events: STATUS.events }, words, plain);
    assert.ok(!well.includes('events'), well);
  });

  it('lists runs within the width there is, names what it leaves out, and cuts no id', () => {
    const run = {
      ...{ run: 'r_1795720742202_ff4fqm', sync: 'sandbox', mode: 'sync', state: 'interrupted', by: 'root' },
      ...{ startedAt: 1_790_000_000_000, finishedAt: 1_790_000_008_000, report: null },
    } as unknown as RunSummary;
    for (const [locale, left] of [
      ['en', 'Not shown for lack of width: by'],
      ['fr', 'Pas montré, faute de largeur : par'],
    ] as const) {
      const shown = runsText([run], wordsFor(locale), plain, 80);
      for (const line of shown.split('\n')) assert.ok(line.length <= 80, shown);
      for (const part of [run.run, left]) assert.ok(shown.includes(part), shown);
      assert.ok(!runsText([run], wordsFor(locale), plain, 140).includes(left.slice(0, 9)));
    }
  });

  it('says of each thing that goes wrong what it is and what to do, within 80 columns', () => {
    const at = 1_790_000_000_000;
    const run = {
      ...({ run: 'r1', sync: 'main', mode: 'sync', state: 'running', by: 'schedule' } as const),
      ...{
        startedAt: at,
        finishedAt: null,
        report: null,
        error: 'the calls of the day are used up',
        remedy: 'wait',
        rests: { crm: 'hubspot', until: at },
      },
    };
    const brakes = [{ brake: 'first_run', message: 'the first run never writes', remedy: 'look at it' }];
    const schedule = {
      ...{ cron: '0 2 * * *', timeZone: 'UTC', next: at, paused: null, asked: null },
      ...{ lastGood: at, overdue: true, watched: false, trouble: null, lastRun: null },
    };
    const events = { ...STATUS.events, waiting: 200_000, since: at, full: true };
    const nightly = { run: 'r1', by: 'schedule', startedAt: at, error: null };
    const why = { message: 'HubSpot says no', remedy: 'renew the token' };
    const cases: readonly (readonly [Partial<SyncStatus>, string, string])[] = [
      [{ lastRun: run }, 'rests until', 'les appels du jour à HubSpot sont épuisés'],
      [{ lastRun: run, brakes }, 'oppsync apply 46d1', 'oppsync apply 46d1'],
      [{ lastRun: run, brakes }, 'held: the first run', 'retenu : la première'],
      [{ events: { ...events, held: 'unapproved' } }, 'first plan is approved', 'du premier plan'],
      [{ events: { ...events, held: 'parked' } }, 'open plan is approved', 'plan ouvert'],
      [{ events }, 'asked to send further ones again later', 'plus tard'],
      [{ events: { ...STATUS.events, refused: at } }, 'webhooks are refused', 'des webhooks sont refusés'],
      [{ events: { ...events, stuck: true } }, 'nobody takes them: start oppsync serve', 'personne ne les'],
      [{ schedule: { ...schedule, timeZone: 'Asia/Kolkata' } }, 'GMT+5:30', 'UTC+5:30'],
      [{ schedule }, 'overdue: the last good run ended', 'en retard'],
      [{ schedule }, 'no scheduler is running', 'aucun planificateur'],
      [
        { schedule: { ...schedule, trouble: { since: at, code: 'x', ...why } } },
        'cannot be started since',
        'renew the token',
      ],
      [
        { schedule: { ...schedule, lastRun: { ...nightly, state: 'failed', error: why } } },
        'failed: HubSpot says no → renew the token',
        'a échoué : HubSpot says no → renew the token',
      ],
      [
        { schedule: { ...schedule, lastRun: { ...nightly, state: 'running', error: why } } },
        'goes on with it by itself: HubSpot says no',
        'la reprendra de lui-même : HubSpot says no',
      ],
      [
        { schedule: { ...schedule, lastRun: { ...nightly, state: 'parked' } } },
        'stopped by a brake: its plan waits for a person',
        'arrêtée par un frein',
      ],
    ];
    const openPlan = { ...VIEW, digest: `46d1${'0'.repeat(60)}`, changes: 3 };
    for (const [part, en, fr] of cases)
      for (const [locale, told] of [
        ['en', en],
        ['fr', fr],
      ] as const) {
        const shown = statusText({ ...STATUS, openPlan, ...part }, wordsFor(locale), plain, 80);
        for (const line of shown.split('\n')) assert.ok(line.length <= 80, line);
        assert.ok(shown.replaceAll(/\s+/g, ' ').includes(told), `${told} in ${shown}`);
      }
  });

  it('never lets a CRM text control the terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come through
        assert.ok(!/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(printable(text)));
      }),
    );
    const shown = changeText(
      change('1', { name: '\u001b]0;owned\u0007x', before: 'a\u001b[2J' }),
      words,
      plain,
    );
    assert.ok(!shown.includes('\u001b'));
  });

  it('shortens by characters, not by halves of them', () => {
    assert.equal(short('𝒜𝒝𝒞𝒟', 3), '𝒜𝒝…');
    assert.equal(short('abc', 3), 'abc');
  });

  it('tells a blank from what was not read', () => {
    assert.deepEqual(
      [valueText(null, words), valueText('', words), valueText(undefined, words)],
      ['(blank)', '(blank)', '(not read)'],
    );
  });

  it('shows a record to be made with its original and every value, and counts it in the title', () => {
    const creation = {
      source: { crm: 'salesforce', id: '006A' },
      fields: { name: 'Acme\u001b[2J', amount: '5' },
      owned: { status: 'active' },
    };
    const shown = changeText(change('', { reason: 'created', creation }), words, plain);
    assert.match(shown, /Salesforce 006A → HubSpot\n +name: Acme.* · amount: 5\n/);
    assert.ok(!shown.includes('\u001b'));
    const plan = { ...VIEW, changes: 0, creates: { salesforce: 0, hubspot: 3 } };
    assert.match(planTotals(plan, words, plain), /0 changes in 2 records and 3 to be created in HubSpot\n/);
    assert.deepEqual([plan, { ...plan, creates: { hubspot: 0 } }, VIEW].map(isEmptyPlan), [
      false,
      true,
      false,
    ]);
  });

  it('groups changes by reason and says how many it left out', async () => {
    const changes = [change('1'), change('2'), change('3'), change('4', { reason: 'initial' })];
    let out = '';
    await printChanges(each(changes), 2, words, plain, (text) => {
      out += text;
    });
    assert.match(
      out,
      /one side changed it.*Deal 1.*Deal 2.*… and 1 more; --all shows them.*they never agreed.*Deal 4/s,
    );
    assert.ok(!out.includes('Deal 3'));
  });

  it('reads stages from dataset lines and finds contradictions among changes', async () => {
    const stages = salesforceStages([
      {
        crm: 'salesforce',
        type: 'OpportunityStage',
        fields: {
          ApiName: 'W',
          MasterLabel: 'Won',
          SortOrder: 2,
          IsClosed: true,
          IsWon: true,
          DefaultProbability: 100,
          IsActive: true,
        },
      },
      {
        crm: 'salesforce',
        type: 'OpportunityStage',
        fields: {
          ApiName: 'O',
          MasterLabel: 'Open',
          SortOrder: 1,
          IsClosed: false,
          IsWon: false,
          DefaultProbability: 10,
          IsActive: true,
        },
      },
      { crm: 'salesforce', type: 'Opportunity', fields: { Id: 'x' } },
    ]);
    assert.deepEqual(
      stages.map(({ key, won, probability }) => [key, won, probability]),
      [
        ['O', false, 0.1],
        ['W', true, 1],
      ],
    );
    const [deal] = hubspotStages([
      {
        crm: 'hubspot',
        type: 'pipeline',
        fields: {
          id: 'p',
          label: 'P',
          stages: [
            { id: '1', label: 'Gone', displayOrder: 0, metadata: { isClosed: 'true', probability: '0.0' } },
          ],
        },
      },
    ]);
    assert.deepEqual([deal?.key, deal?.closed, deal?.won], ['p/1', true, false]);
    const book = stageBook([{ crm: 'salesforce', stages }]);
    const stage = (id: string, before: string, after: string): PlannedChange =>
      change(id, { crm: 'salesforce', field: 'stage', before, after });
    const found = await interestingChanges(
      each([stage('1', 'O', 'W'), stage('2', 'O', 'O'), change('3')]),
      book,
    );
    assert.deepEqual(
      found.map(({ kind, change: { id } }) => [kind, id]),
      [
        ['contradiction', '1'],
        ['stage', '2'],
        ['amount', '3'],
      ],
    );
  });
});
