import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebhookReport } from '../../src/sandbox/webhook-sender.ts';
import { type TestSandbox, testSandbox } from '../support/sandbox.ts';
import { useRealNetwork } from './real-network.ts';

interface Delivery {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const ACK =
  '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>';

describe('webhooks of the simulated CRMs', () => {
  useRealNetwork();
  let sandbox: TestSandbox;
  let receiver: Server;
  let target = '';
  const deliveries: Delivery[] = [];
  let answer: (nth: number) => { status: number; body?: string } = () => ({ status: 204 });

  before(async () => {
    sandbox = await testSandbox({ records: 150 });
    receiver = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        deliveries.push({ headers: request.headers, body: Buffer.concat(pieces).toString() });
        const { status, body } = answer(deliveries.length);
        response.writeHead(status).end(body);
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    target = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/in`;
  });
  after(async () => {
    await sandbox.close();
    receiver.closeAllConnections();
    receiver.close();
  });
  beforeEach(async () => {
    await sandbox.hubspot.reset();
    await sandbox.salesforce.reset();
    deliveries.length = 0;
    answer = () => ({ status: 204 });
  });

  const webhooks = async (crm: 'hubspot' | 'salesforce', settings?: unknown): Promise<WebhookReport> => {
    const response = await fetch(`${sandbox[crm].url}/_sandbox/webhooks`, {
      ...(settings === undefined ? {} : { method: 'POST', body: JSON.stringify(settings) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return JSON.parse(text) as WebhookReport;
  };
  /** Waits until everything was delivered or given up. */
  const quiet = async (crm: 'hubspot' | 'salesforce'): Promise<WebhookReport> => {
    for (let time = 0; time < 1_000; time++) {
      const report = await webhooks(crm);
      if (report.waiting + report.underWay === 0) return report;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('it never came to rest');
  };
  const events = (): Record<string, unknown>[] =>
    deliveries.flatMap(({ body }) => JSON.parse(body) as Record<string, unknown>[]);
  const deals = async (): Promise<string[]> => [...(await sandbox.hubspot.records('deal')).keys()];

  it('tells nobody before it is given an address, and takes only one that makes sense', async () => {
    const [id = ''] = await deals();
    await sandbox.hubspot.edit({ type: 'deal', id, fields: { amount: '5' } });
    assert.deepEqual((await webhooks('hubspot')).requests, 0);
    await assert.rejects(webhooks('hubspot', { targetUrl: 'ftp://x' }), /http or https address/);
    await assert.rejects(webhooks('hubspot', { loss: 1 }), /unknown key .{2}loss/);
    await assert.rejects(webhooks('hubspot', { lose: 2 }), /share from 0 to 1/);
  });

  it('signs a hundred events a request, and counts its attempts (hubspot.md §6.2, §6.3)', async () => {
    await webhooks('hubspot', { targetUrl: target, retryMs: 5, batchMs: 50 });
    answer = (nth) => ({ status: nth === 1 ? 503 : 204 });
    const ids = (await deals()).slice(0, 120);
    for (const id of ids) await sandbox.hubspot.edit({ type: 'deal', id, fields: { amount: '4321' } });
    const report = await quiet('hubspot');
    assert.equal(report.delivered, 120);
    assert.equal(report.repeated, 1);
    assert.ok(deliveries.every(({ body }) => (JSON.parse(body) as unknown[]).length <= 100));
    const told = events().filter(({ attemptNumber }) => attemptNumber === 0);
    assert.deepEqual(new Set(told.map(({ objectId }) => String(objectId))), new Set(ids));
    assert.ok(events().some(({ attemptNumber }) => attemptNumber === 1));
    const [first] = told;
    assert.deepEqual(
      [
        first?.['subscriptionType'],
        first?.['propertyName'],
        first?.['propertyValue'],
        first?.['changeSource'],
      ],
      ['deal.propertyChange', 'amount', '4321', 'CRM_UI'],
    );
    const secret = sandbox.running.hubspot.credentials['clientSecret'] ?? '';
    for (const { headers, body } of deliveries) {
      const signed = `POST${target}${body}${String(headers['x-hubspot-request-timestamp'])}`;
      const expected = createHmac('sha256', secret).update(signed).digest('base64');
      assert.equal(headers['x-hubspot-signature-v3'], expected);
    }
  });

  it('tells of creation, deletion, restoration, merge and links, and not of calculated values', async () => {
    await webhooks('hubspot', { targetUrl: target });
    const [one = '', two = '', three = ''] = await deals();
    await sandbox.hubspot.edit({ type: 'deal', id: one, action: 'delete' });
    await sandbox.hubspot.edit({ type: 'deal', id: one, action: 'restore' });
    await sandbox.hubspot.edit({ type: 'deal', id: two, action: 'merge', absorbs: three });
    const token = sandbox.running.hubspot.credentials['token'] ?? '';
    const [company = ''] = [...(await sandbox.hubspot.records('company')).keys()];
    const linked = await fetch(
      `${sandbox.hubspot.url}/crm/v4/objects/deals/${one}/associations/default/companies/${company}`,
      { method: 'PUT', headers: { authorization: `Bearer ${token}` } },
    );
    assert.equal(linked.status, 200);
    await linked.arrayBuffer();
    await quiet('hubspot');
    const kinds = events().map(({ subscriptionType }) => subscriptionType);
    for (const kind of ['deal.deletion', 'deal.restore', 'deal.merge', 'deal.associationChange'])
      assert.ok(kinds.includes(kind), `${kind} in ${kinds.join()}`);
    const merge = events().find(({ subscriptionType }) => subscriptionType === 'deal.merge');
    assert.deepEqual(
      [merge?.['primaryObjectId'], merge?.['mergedObjectIds']],
      [Number(two), [Number(three)]],
    );
    assert.equal(merge?.['newObjectId'], merge?.['objectId']);
    assert.ok(!events().some(({ propertyName }) => String(propertyName).includes('lastmodified')));
  });

  it('speaks the generic shape when asked to', async () => {
    await webhooks('hubspot', { targetUrl: target, shape: 'generic' });
    const [id = ''] = await deals();
    await sandbox.hubspot.edit({ type: 'deal', id, fields: { amount: '6' } });
    await quiet('hubspot');
    const [event] = events();
    assert.deepEqual(
      [event?.['subscriptionType'], event?.['objectTypeId']],
      ['object.propertyChange', '0-3'],
    );
  });

  it('loses, doubles and delays as much as it is told to', async () => {
    const ids = (await deals()).slice(0, 60);
    const tell = async (settings: Record<string, unknown>): Promise<string[]> => {
      deliveries.length = 0;
      await webhooks('hubspot', { targetUrl: target, lose: 0, duplicate: 0, reorder: 0, ...settings });
      for (const [n, id] of ids.entries())
        await sandbox.hubspot.edit({
          type: 'deal',
          id,
          fields: { amount: `${n}.${Object.keys(settings).join('').length}` },
        });
      await quiet('hubspot');
      return events().map(({ objectId }) => String(objectId));
    };
    assert.deepEqual(await tell({ lose: 1 }), []);
    assert.equal((await tell({ duplicate: 1 })).length, 120);
    const mixed = await tell({ reorder: 0.5 });
    assert.deepEqual([...mixed].sort(), [...ids].sort());
    assert.notDeepEqual(mixed, ids);
  });

  it('gives a HubSpot event up after ten repetitions', async () => {
    await webhooks('hubspot', { targetUrl: target, retryMs: 0 });
    answer = () => ({ status: 500 });
    const [id = ''] = await deals();
    await sandbox.hubspot.edit({ type: 'deal', id, fields: { amount: '7' } });
    const report = await quiet('hubspot');
    assert.deepEqual([report.dropped, deliveries.length], [1, 11]);
  });

  it('repeats an Outbound Message until it is acknowledged, with the values of the moment', async () => {
    await webhooks('salesforce', { targetUrl: target, retryMs: 30 });
    const [id = ''] = [...(await sandbox.salesforce.records('Opportunity')).keys()];
    answer = (nth) => (nth < 3 ? { status: 200, body: 'fine' } : { status: 200, body: ACK });
    await sandbox.salesforce.edit({ type: 'Opportunity', id, fields: { NextStep: 'x', Name: 'A & <b>' } });
    await sandbox.salesforce.edit({ type: 'Opportunity', id, fields: { Name: 'Later & <b>' } });
    const report = await quiet('salesforce');
    assert.ok(report.repeated >= 2);
    assert.equal(report.delivered, 2);
    const last = deliveries.at(-1)?.body ?? '';
    assert.match(last, new RegExp(`<sf:Id>${id}</sf:Id>`));
    assert.match(last, /<sf:Name>Later &amp; &lt;b&gt;<\/sf:Name>/);
    assert.match(last, /<OrganizationId>00D\w{15}<\/OrganizationId>/);
    const ids = deliveries.map(({ body }) => /<Notification>\s*<Id>(04l\w{15})<\/Id>/.exec(body)?.[1]);
    assert.ok(new Set(ids).size <= 2);
  });

  it('stops telling when it is reset', async () => {
    await webhooks('hubspot', { targetUrl: target });
    await sandbox.hubspot.reset();
    assert.equal((await webhooks('hubspot')).targetUrl, null);
  });
});
