/** Activities, quotes, invoices and payments; what each means is in hubspot.md 5.2 and 5.3. */
import assert from 'node:assert/strict';
import { EVIDENCE_OBJECTS, itemOf } from '../../../src/connectors/hubspot/evidence-objects.ts';
import { createHubspot, parseHubspotSettings } from '../../../src/connectors/hubspot/index.ts';
import type { Connector, SafeMark } from '../../../src/core/connector-port.ts';
import type { FoundItem } from '../../../src/core/findings.ts';
import { useRealNetwork } from '../../sandbox/real-network.ts';
import { changeObject, makeObject } from '../../support/hubspot-objects.ts';
import { type TestSandbox, testSandbox } from '../../support/sandbox.ts';
import { silent } from './portal.ts';

const signal = new AbortController().signal;
const AT = Date.parse('2026-11-10T09:00:00Z');
const WHEN = { hs_timestamp: '2026-11-10T09:00:00Z' };

describe('what a HubSpot activity, quote, invoice or payment means', () => {
  const call = { ...WHEN, hs_call_status: 'COMPLETED' };
  const meeting = { ...WHEN, hs_meeting_outcome: 'COMPLETED' };
  const cases: [what: string, type: string, properties: Record<string, string>, said: unknown[]][] = [
    ['a call that was held', 'calls', call, [AT, {}]],
    ['a call with a result of the team’s own', 'calls', { ...call, hs_call_disposition: 'abc' }, [AT, {}]],
    ['a call nobody answered', 'calls', { ...WHEN, hs_call_status: 'NO_ANSWER' }, []],
    [
      'completed, and left on the voicemail',
      'calls',
      { ...call, hs_call_disposition: 'b2cf5968-551e-4856-9783-52b3da59a7d0' },
      [],
    ],
    ['a call of no length', 'calls', { ...call, hs_call_duration: '0' }, []],
    ['a meeting', 'meetings', meeting, [AT, {}]],
    [
      'by its end',
      'meetings',
      { ...meeting, hs_meeting_end_time: '2026-11-10T10:00:00Z' },
      [AT + 3_600_000, {}],
    ],
    ['nobody came', 'meetings', { ...WHEN, hs_meeting_outcome: 'NO_SHOW' }, []],
    ['still planned', 'meetings', { ...WHEN, hs_meeting_outcome: 'SCHEDULED' }, []],
    ['no outcome given', 'meetings', WHEN, []],
    ['an incoming mail', 'emails', { ...WHEN, hs_email_direction: 'INCOMING_EMAIL' }, [AT, {}]],
    ['an outgoing mail, opened or not', 'emails', { ...WHEN, hs_email_direction: 'EMAIL' }, []],
    ['an accepted quote', 'quotes', { hs_status: 'ACCEPTED' }, [null, { accepted: true }]],
    [
      'accepted by signature',
      'quotes',
      { hs_status: 'ACCEPTED', hs_acceptance_method: 'esignature' },
      [null, { accepted: true, contractSigned: true }],
    ],
    [
      'everybody signed',
      'quotes',
      { hs_status: 'APPROVED', hs_esign_num_signers_required: '2', hs_esign_num_signers_completed: '2' },
      [null, { accepted: true, contractSigned: true }],
    ],
    [
      'one signature lacks',
      'quotes',
      { hs_status: 'APPROVED', hs_esign_num_signers_required: '2', hs_esign_num_signers_completed: '1' },
      [],
    ],
    [
      'paid through the quote',
      'quotes',
      { hs_status: 'ACCEPTED', hs_payment_status: 'PAID' },
      [null, { accepted: true, paid: true }],
    ],
    ['a quote that waits for payment', 'quotes', { hs_status: 'APPROVED', hs_payment_status: 'PENDING' }, []],
    ['a paid invoice', 'invoices', { hs_invoice_status: 'paid' }, [null, { paid: true }]],
    ['an open invoice', 'invoices', { hs_invoice_status: 'open' }, [null, { paid: false }]],
    ['a voided invoice', 'invoices', { hs_invoice_status: 'voided' }, []],
    [
      'a payment that came in',
      'commerce_payments',
      { hs_latest_status: 'succeeded' },
      [null, { paid: true }],
    ],
    ['a payment given back', 'commerce_payments', { hs_latest_status: 'refunded' }, []],
  ];
  for (const [what, type, properties, said] of cases)
    it(`${what}: ${said.length === 0 ? 'nothing' : JSON.stringify(said[1])}`, () => {
      const of = EVIDENCE_OBJECTS.find((one) => one.type === type)!;
      const found = { id: '1', properties, updatedAt: null, archived: false, trace: null };
      const item = itemOf(of, found, ['7']);
      assert.deepEqual(item.records, said.length === 0 ? [] : ['7']);
      if (said.length > 0) assert.deepEqual([item.at, item.says], said);
    });
});

describe('evidence beside the deals of a simulated portal', () => {
  useRealNetwork();
  let sandbox: TestSandbox;
  let deal: string;

  beforeEach(async () => {
    sandbox = await testSandbox({
      records: 4,
      switches: { hubspot: { searchLagMs: 0, searchLagJitterMs: 0, searchPerSecond: 100 } },
    });
    deal = [...(await sandbox.hubspot.records('deal')).keys()][0] ?? '';
  });
  afterEach(() => sandbox.close());

  function connect(
    evidence: Record<string, unknown> = {},
    token = sandbox.running.hubspot.credentials['token'],
  ) {
    const { url } = sandbox.running.hubspot;
    const settings = { url, auth: { type: 'token', token }, evidence, searchLagMs: 0 };
    return createHubspot(parseHubspotSettings(settings, 'hubspot'), {
      clock: { now: () => Date.now() },
      sleep: async () => {},
      random: { next: () => 0.5 },
      log: silent,
    });
  }

  async function read(connector: Connector, mark: SafeMark | null = null) {
    const facts = await connector.describe(signal);
    const before = connector.calls();
    const items: FoundItem[] = [];
    const refused: string[] = [];
    let at = connector.evidence!.start(mark, facts);
    let end: SafeMark | null = null;
    while (at !== null) {
      const page = await connector.evidence!.page(at, facts, signal);
      items.push(...page.items);
      refused.push(...page.refused.map(({ field }) => field ?? ''));
      end = page.mark;
      at = page.next;
    }
    const proofs = items.filter(({ records }) => records.length > 0);
    return { items, proofs, refused, mark: end, calls: connector.calls() - before };
  }

  const now = () => new Date(Date.now() - 60_000).toISOString();

  it('nothing there costs one call for each kind', async () => {
    const { items, calls } = await read(connect());
    assert.deepEqual([items, calls], [[], 6]);
  });

  it('what counts comes with its deals; what does not is not even asked for', async () => {
    const other = [...(await sandbox.hubspot.records('deal')).keys()][1] ?? '';
    const held = await makeObject(sandbox, 'calls', { hs_timestamp: now(), hs_call_status: 'COMPLETED' }, [
      deal,
      other,
    ]);
    await makeObject(sandbox, 'calls', { hs_timestamp: now(), hs_call_status: 'NO_ANSWER' }, [deal]);
    await makeObject(sandbox, 'calls', { hs_timestamp: now(), hs_call_status: 'COMPLETED' }, []);
    const mail = await makeObject(
      sandbox,
      'emails',
      { hs_timestamp: now(), hs_email_direction: 'INCOMING_EMAIL' },
      [deal],
    );
    const quote = await makeObject(sandbox, 'quotes', { hs_title: 'Q', hs_status: 'ACCEPTED' }, [deal]);
    const invoice = await makeObject(sandbox, 'invoices', { hs_invoice_status: 'open' }, [deal]);
    const payment = await makeObject(sandbox, 'commerce_payments', { hs_latest_status: 'succeeded' }, [deal]);
    const { proofs, calls, items } = await read(connect());
    assert.deepEqual(
      proofs.map(({ source, item, records }) => [source, item, ...records.toSorted()]).sort(),
      [
        ['calls', held, ...[deal, other].sort()],
        ['commerce_payments', payment, deal],
        ['emails', mail, deal],
        ['invoices', invoice, deal],
        ['quotes', quote, deal],
      ].sort(),
    );
    assert.equal(items.length, 6);
    assert.equal(calls, 6 + 5);
  });

  it('a later reading brings what changed: a call that turns out to be unanswered, a meeting that was held', async () => {
    const call = await makeObject(sandbox, 'calls', { hs_timestamp: now(), hs_call_status: 'COMPLETED' }, [
      deal,
    ]);
    const meeting = await makeObject(
      sandbox,
      'meetings',
      { hs_timestamp: now(), hs_meeting_outcome: 'SCHEDULED' },
      [deal],
    );
    const connector = connect();
    const { mark, proofs } = await read(connector);
    assert.deepEqual(
      proofs.map(({ item }) => item),
      [call],
    );
    await changeObject(sandbox, 'calls', call, { hs_call_status: 'NO_ANSWER' });
    await changeObject(sandbox, 'meetings', meeting, { hs_meeting_outcome: 'COMPLETED' });
    const later = await read(connector, mark);
    assert.deepEqual(
      later.items.map(({ item, records }) => [item, ...records]).sort(),
      [[call], [meeting, deal]].sort(),
    );
  });

  it('what lies beside a few deals is what a complete reading finds of them, and what was seen to be hidden is left', async () => {
    const other = [...(await sandbox.hubspot.records('deal')).keys()][1] ?? '';
    const call = { hs_timestamp: now(), hs_call_status: 'COMPLETED' };
    await makeObject(sandbox, 'calls', call, [deal, other]);
    await makeObject(sandbox, 'calls', { ...call, hs_call_status: 'NO_ANSWER' }, [deal]);
    await makeObject(sandbox, 'calls', { ...call, hs_timestamp: '2020-01-01T00:00:00Z' }, [deal]);
    await makeObject(sandbox, 'calls', call, [other]);
    await makeObject(sandbox, 'quotes', { hs_title: 'Q', hs_status: 'ACCEPTED' }, [deal]);
    const connector = connect();
    const { proofs, mark } = await read(connector);
    const facts = await connector.describe(signal);
    const before = connector.calls();
    const found = await connector.evidence!.about!([deal], mark!, facts, signal);
    assert.equal(connector.calls() - before, 6 + 2);
    assert.equal(found.sources.length, 6);
    const ofDeal = (items: readonly FoundItem[]) =>
      items
        .filter(({ records }) => records.includes(deal))
        .map((item) => ({ ...item, records: [deal] }))
        .sort((x, y) => x.source.localeCompare(y.source));
    assert.deepEqual(ofDeal(found.items), ofDeal(proofs));
    assert.equal(ofDeal(proofs).length, 2);
    const some = await connector.evidence!.about!([deal], { ...mark, refused: ['quotes'] }, facts, signal);
    assert.ok(!some.sources.includes('quotes'));
  });

  it('kinds without the scope are named once and not asked for again until all is read anew', async () => {
    await makeObject(sandbox, 'calls', { hs_timestamp: now(), hs_call_status: 'COMPLETED' }, [deal]);
    const scopes = [
      ...[
        'crm.objects.deals.read',
        'crm.objects.owners.read',
        'crm.schemas.deals.read',
        'crm.objects.contacts.read',
      ],
    ];
    await sandbox.hubspot.configure({ apps: [{ name: 'narrow', token: 'pat-na1-narrow', scopes }] });
    const connector = connect({}, 'pat-na1-narrow');
    const { proofs, refused, mark } = await read(connector);
    assert.deepEqual(refused, ['quotes', 'invoices', 'commerce_payments']);
    assert.equal(proofs.length, 1);
    const later = await read(connector, mark);
    assert.deepEqual([later.refused, later.calls], [[], 3 + 1]);
  });

  it('activities switched off are not read', async () => {
    await makeObject(sandbox, 'calls', { hs_timestamp: now(), hs_call_status: 'COMPLETED' }, [deal]);
    const { items, calls } = await read(connect({ activities: 'off' }));
    assert.deepEqual([items, calls], [[], 3]);
  });

  it('names of companies come in batches, and not at all without their scope', async () => {
    const companies = await sandbox.hubspot.records('company');
    const [[id, fields] = ['', {}]] = [...companies];
    const connector = connect();
    const names = await connector.accountNames!.read([id, '999999'], signal);
    assert.deepEqual(names, new Map([[id, fields['name']]]));
    const scopes = ['crm.objects.deals.read'];
    await sandbox.hubspot.configure({ apps: [{ name: 'narrow', token: 'pat-na1-narrow', scopes }] });
    assert.equal(await connect({}, 'pat-na1-narrow').accountNames!.read([id], signal), null);
  });

  it('the last time anybody was contacted is an attempt; a reply is a contact', async () => {
    const connector = connect();
    const facts = await connector.describe(signal);
    const { snapshots } = await connector.readByIds([deal], facts, signal);
    for (const { about, from } of snapshots[0]?.evidence.said ?? [])
      assert.equal(about, from === 'notes_last_contacted' ? 'attempt' : 'contact');
  });
});
