/** Activities, quotes, orders and contracts read by their own stamps; what each means is in salesforce.md 2.6. */
import assert from 'node:assert/strict';
import { EVIDENCE_OBJECTS, itemOf } from '../../../src/connectors/salesforce/evidence-objects.ts';
import { createSalesforce, parseSalesforceSettings } from '../../../src/connectors/salesforce/index.ts';
import type { Connector, SafeMark } from '../../../src/core/connector-port.ts';
import type { FoundItem } from '../../../src/core/findings.ts';
import { useRealNetwork } from '../../sandbox/real-network.ts';
import { type TestSandbox, testSandbox } from '../../support/sandbox.ts';
import { silent } from '../hubspot/portal.ts';

const signal = new AbortController().signal;
const OPPORTUNITY = '006000000000001AAA';
const AT = Date.parse('2026-11-10T09:00:00Z');

describe('what a Salesforce activity, quote or order means', () => {
  const call = { TaskSubtype: 'Call', IsClosed: true, CompletedDateTime: '2026-11-10T09:00:00.000+0000' };
  const ended = { EndDateTime: '2026-11-10T09:00:00.000+0000', Subject: 'Demo' };
  const cases: [what: string, object: string, row: Record<string, unknown>, said: unknown[]][] = [
    ['a call that was held', 'Task', call, ['call', AT, {}]],
    [
      'a call with a result of the team’s own',
      'Task',
      { ...call, CallDisposition: 'Demo booked' },
      ['call', AT, {}],
    ],
    ['a call nobody answered', 'Task', { ...call, CallDisposition: 'No answer' }, []],
    ['left on the voicemail', 'Task', { ...call, CallDisposition: 'Left Voicemail' }, []],
    ['nobody answered, in German', 'Task', { ...call, CallDisposition: 'Nicht erreicht' }, []],
    ['a call of no length', 'Task', { ...call, CallDurationInSeconds: 0 }, []],
    ['a call still to be made', 'Task', { ...call, IsClosed: false }, []],
    ['a mail one has sent', 'Task', { ...call, TaskSubtype: 'Email' }, []],
    ['something to do that is done', 'Task', { ...call, TaskSubtype: 'Task' }, []],
    [
      'a meeting kept as a task',
      'Task',
      { ...call, TaskSubtype: 'Task', Type: 'Meeting' },
      ['meeting', AT, {}],
    ],
    [
      'done, with no moment but its day',
      'Task',
      { ...call, CompletedDateTime: null, ActivityDate: '2026-11-10' },
      [...['call', Date.parse('2026-11-10'), {}]],
    ],
    ['done, nobody knows when', 'Task', { ...call, CompletedDateTime: null }, []],
    ['a meeting', 'Event', ended, ['meeting', AT, {}]],
    ['a meeting called off', 'Event', { ...ended, Subject: 'Canceled: Demo' }, []],
    ['called off, in French', 'Event', { ...ended, Subject: 'Annulé : Démo' }, []],
    ['about something called off', 'Event', { ...ended, Subject: 'Cancelled order' }, ['meeting', AT, {}]],
    [
      'an incoming mail',
      'EmailMessage',
      { Incoming: true, MessageDate: '2026-11-10T09:00:00Z' },
      [...['incoming email', AT, {}]],
    ],
    ['an outgoing mail', 'EmailMessage', { Incoming: false, MessageDate: '2026-11-10T09:00:00Z' }, []],
    ['an accepted quote', 'Quote', { Status: 'Accepted' }, ['quote', null, { accepted: true }]],
    ['a presented quote', 'Quote', { Status: 'Presented' }, []],
    [
      'an activated order',
      'Order',
      { StatusCode: 'Activated' },
      [...['order', null, { accepted: true, contractSigned: true }]],
    ],
    ['a draft order', 'Order', { StatusCode: 'Draft' }, []],
    ['a deleted call', 'Task', { ...call, IsDeleted: true }, []],
    ['a call about an account', 'Task', { ...call, WhatId: '001000000000001AAA' }, []],
  ];
  for (const [what, object, row, said] of cases)
    it(`${what}: ${said.length === 0 ? 'nothing' : said[0]}`, () => {
      const of = EVIDENCE_OBJECTS.find((one) => one.object === object)!;
      const about = { WhatId: OPPORTUNITY, RelatedToId: OPPORTUNITY, OpportunityId: OPPORTUNITY };
      const item = itemOf(of, { Id: '00T000000000001AAA', ...about, ...row });
      assert.deepEqual(item.records, said.length === 0 ? [] : [OPPORTUNITY]);
      if (said.length > 0) assert.deepEqual([item.what, item.at, item.says], said);
    });
});

describe('evidence beside the opportunities of a simulated org', () => {
  useRealNetwork();
  let sandbox: TestSandbox;
  let opportunity: string;
  let account: unknown;

  beforeEach(async () => {
    sandbox = await testSandbox({ records: 4 });
    const [[id, fields] = ['', {}]] = [...(await sandbox.salesforce.records('Opportunity'))];
    opportunity = id;
    account = fields['AccountId'];
    // What the generator put there is not of this test.
    for (const type of ['Task', 'Event'])
      for (const key of (await sandbox.salesforce.records(type)).keys())
        await sandbox.salesforce.edit({ type, id: key, action: 'delete', actor: 'human:ann' });
  });
  afterEach(() => sandbox.close());

  function connect(evidence: Record<string, unknown> = {}): Connector {
    const { url, credentials } = sandbox.running.salesforce;
    const { clientId, clientSecret } = credentials;
    const auth = { type: 'client_credentials', clientId, clientSecret };
    return createSalesforce(parseSalesforceSettings({ url, auth, evidence }, 'salesforce'), {
      clock: { now: () => Date.now() },
      sleep: async () => {},
      random: { next: () => 0.5 },
      log: silent,
    });
  }

  const make = async (type: string, fields: Record<string, unknown>): Promise<string> => {
    const before = await sandbox.salesforce.records(type);
    await sandbox.salesforce.edit({ type, action: 'create', fields, actor: 'human:ann' });
    const [made = ''] = [...(await sandbox.salesforce.records(type)).keys()].filter((id) => !before.has(id));
    return made;
  };
  const change = (type: string, id: string, fields: Record<string, unknown>): Promise<void> =>
    sandbox.salesforce.edit({ type, id, fields, actor: 'human:ann' });

  async function read(connector: Connector, mark: SafeMark | null = null) {
    const facts = await connector.describe(signal);
    const before = connector.calls();
    const items: FoundItem[] = [];
    const reread: string[] = [];
    const refused: string[] = [];
    let at = connector.evidence!.start(mark, facts);
    let end: SafeMark | null = null;
    while (at !== null) {
      const page = await connector.evidence!.page(at, facts, signal);
      items.push(...page.items);
      reread.push(...(page.reread ?? []));
      refused.push(...page.refused.map(({ message }) => message));
      end = page.mark;
      at = page.next;
    }
    const proofs = items.filter(({ records }) => records.length > 0);
    return { items, proofs, reread, refused, mark: end, calls: connector.calls() - before };
  }

  it('nothing there costs one call', async () => {
    const { items, calls } = await read(connect());
    assert.deepEqual([items, calls], [[], 1]);
  });

  it('all kinds come in one call, unanswered calls and open tasks not at all', async () => {
    const about = { WhatId: opportunity };
    const held = await make('Task', { ...about, TaskSubtype: 'Call', Status: 'Completed' });
    await make('Task', { ...about, TaskSubtype: 'Call', Status: 'Completed', CallDisposition: 'No Answer' });
    await make('Task', { ...about, TaskSubtype: 'Call', Status: 'Not Started' });
    await make('Task', { ...about, TaskSubtype: 'Email', Status: 'Completed' });
    await make('Task', { WhatId: account, TaskSubtype: 'Call', Status: 'Completed' });
    const meeting = await make('Event', {
      ...about,
      StartDateTime: '2026-11-01T09:00:00.000Z',
      DurationInMinutes: 60,
    });
    const mail = { Incoming: true, MessageDate: '2026-11-02T09:00:00.000Z' };
    const message = await make('EmailMessage', { RelatedToId: opportunity, ...mail });
    const quote = await make('Quote', { OpportunityId: opportunity, Name: 'Q', Status: 'Accepted' });
    const order = await make('Order', {
      OpportunityId: opportunity,
      AccountId: account,
      Status: 'Activated',
    });
    const { proofs, calls, refused } = await read(connect());
    assert.deepEqual(
      proofs.map(({ source, item, records }) => [source, item, ...records]).sort(),
      [
        ['EmailMessage', message, opportunity],
        ['Event', meeting, opportunity],
        ['Order', order, opportunity],
        ['Quote', quote, opportunity],
        ['Task', held, opportunity],
      ].sort(),
    );
    assert.equal(proofs.find(({ source }) => source === 'Event')?.at, Date.parse('2026-11-01T10:00:00Z'));
    assert.deepEqual([calls, refused], [1, []]);
  });

  it('what lies beside a few opportunities is what a complete reading finds of them, in one call', async () => {
    const other = [...(await sandbox.salesforce.records('Opportunity')).keys()].find(
      (id) => id !== opportunity,
    );
    const call = { WhatId: opportunity, TaskSubtype: 'Call', Status: 'Completed' };
    await make('Task', call);
    await make('Task', { ...call, WhatId: other });
    await make('Task', { ...call, Status: 'Not Started' });
    await make('Quote', { OpportunityId: opportunity, Name: 'Q', Status: 'Accepted' });
    const connector = connect();
    const { proofs, mark } = await read(connector);
    const facts = await connector.describe(signal);
    const before = connector.calls();
    const found = await connector.evidence!.about!([opportunity], mark!, facts, signal);
    assert.equal(connector.calls() - before, 1);
    assert.deepEqual([...found.sources].sort(), ['EmailMessage', 'Event', 'Order', 'Quote', 'Task']);
    const sorted = (items: readonly FoundItem[]) =>
      items.toSorted((x, y) => x.source.localeCompare(y.source));
    assert.deepEqual(
      sorted(found.items),
      sorted(proofs.filter(({ records }) => records.includes(opportunity))),
    );
    assert.equal(found.items.length, 2);
  });

  it('a later reading brings what changed: a result added, a task deleted, one moved away', async () => {
    const call = { WhatId: opportunity, TaskSubtype: 'Call', Status: 'Completed' };
    const [held, deleted, moved] = [
      await make('Task', call),
      await make('Task', call),
      await make('Task', call),
    ];
    const connector = connect();
    const { mark, proofs } = await read(connector);
    assert.equal(proofs.length, 3);
    await change('Task', held, { CallDisposition: 'No answer' });
    await sandbox.salesforce.edit({ type: 'Task', id: deleted, action: 'delete', actor: 'human:ann' });
    await change('Task', moved, { WhatId: account });
    const later = await read(connector, mark);
    // The one that went to another object is no longer among those about opportunities; a complete reading forgets it.
    assert.deepEqual(
      later.items.map(({ item, records }) => [item, records.length]).sort(),
      [
        [held, 0],
        [deleted, 0],
      ].sort(),
    );
    // Six kinds with the opportunities whose contract moved: one more than a call may ask for.
    assert.equal(later.calls, 2);
  });

  it('a contract that is activated names its opportunity, whose own stamp does not move', async () => {
    const contract = await make('Contract', { AccountId: account, Status: 'Draft' });
    await change('Opportunity', opportunity, { ContractId: contract });
    const connector = connect();
    const { mark } = await read(connector);
    const stamp = (await sandbox.salesforce.records('Opportunity')).get(opportunity)?.['SystemModstamp'];
    await change('Contract', contract, { Status: 'Activated' });
    assert.equal(
      (await sandbox.salesforce.records('Opportunity')).get(opportunity)?.['SystemModstamp'],
      stamp,
    );
    assert.deepEqual((await read(connector, mark)).reread, [opportunity]);
    const facts = await connector.describe(signal);
    const { snapshots } = await connector.readByIds([opportunity], facts, signal);
    assert.equal(snapshots[0]?.evidence.custom?.['contractSigned'], true);
  });

  it('many rows take as many pages as they fill, and none is lost', async () => {
    await sandbox.salesforce.configure({ maxPageRows: 200 });
    const call = { WhatId: opportunity, TaskSubtype: 'Call', Status: 'Completed' };
    for (let made = 0; made < 450; made += 1)
      await sandbox.salesforce.edit({ type: 'Task', action: 'create', fields: call, actor: 'human:ann' });
    const { proofs, calls } = await read(connect());
    assert.equal(new Set(proofs.map(({ item }) => item)).size, 450);
    assert.equal(calls, 3);
  });

  it('activities this user may not see prove nothing, and it is said', async () => {
    await make('Task', { WhatId: opportunity, TaskSubtype: 'Call', Status: 'Completed' });
    await sandbox.salesforce.configure({ hiddenObjects: ['Task'], hiddenFields: ['Order.StatusCode'] });
    const { items, refused } = await read(connect());
    assert.deepEqual(items, []);
    assert.match(refused.join(' '), /cannot see the object Task/);
  });

  it('switched off they are not asked for, and the last activity stands in', async () => {
    await make('Task', {
      WhatId: opportunity,
      TaskSubtype: 'Call',
      Status: 'Completed',
      ActivityDate: '2026-11-01',
    });
    const connector = connect({ activities: 'off' });
    const { items } = await read(connector);
    assert.deepEqual(items, []);
    const facts = await connector.describe(signal);
    const { snapshots } = await connector.readByIds([opportunity], facts, signal);
    assert.equal(snapshots[0]?.evidence.lastContactAt, Date.parse('2026-11-01'));
  });

  it('where activities are read, the last activity of the opportunity is only an attempt', async () => {
    const task = {
      WhatId: opportunity,
      TaskSubtype: 'Email',
      Status: 'Completed',
      ActivityDate: '2026-11-01',
    };
    await make('Task', task);
    const connector = connect();
    const facts = await connector.describe(signal);
    const { snapshots } = await connector.readByIds([opportunity], facts, signal);
    assert.equal(snapshots[0]?.evidence.lastContactAt, undefined);
    const attempts = snapshots[0]?.evidence.said?.filter(({ about }) => about === 'attempt');
    assert.deepEqual(attempts, [
      { crm: 'salesforce', about: 'attempt', says: Date.parse('2026-11-01'), from: 'LastActivityDate' },
    ]);
  });
});
