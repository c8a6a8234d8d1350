/** The simulated Pub/Sub API as another reader of gRPC and Avro sees it: whole events, by the API's own manners. */
import assert from 'node:assert/strict';
import { type Metadata, status } from '@grpc/grpc-js';
import avro from 'avsc';
import {
  createPubSubClient,
  credentialsOf,
  type PubSubClient,
} from '../../../src/connectors/salesforce/change-events/client.ts';
import type {
  FetchRequest,
  FetchResponse,
} from '../../../src/connectors/salesforce/change-events/contract.ts';
import { type TestSandbox, testSandbox } from '../../support/sandbox.ts';
import { useRealNetwork } from '../real-network.ts';

const TOPIC = '/data/OpportunityChangeEvent';

describe('the simulated Pub/Sub API', function () {
  useRealNetwork();
  this.timeout(20_000);
  let sandbox: TestSandbox;
  let client: PubSubClient;
  let login: Metadata;
  let organization: string;
  let opportunity: string;

  before(async () => {
    sandbox = await testSandbox({ portEvents: 0, records: 5 });
    const { url, credentials, eventsUrl = '' } = sandbox.running.salesforce;
    const form = new URLSearchParams({
      ...{ grant_type: 'client_credentials', client_id: credentials['clientId'] ?? '' },
      client_secret: credentials['clientSecret'] ?? '',
    });
    const answer = await fetch(`${url}/services/oauth2/token`, { method: 'POST', body: form });
    const token = (await answer.json()) as { access_token: string; instance_url: string; id: string };
    organization = token.id.split('/').at(-2) ?? '';
    const { access_token: accessToken, instance_url: instanceUrl } = token;
    login = credentialsOf(
      { accessToken, instanceUrl, userId: null, organizationId: organization },
      organization,
    );
    client = createPubSubClient(eventsUrl, 5_000);
    opportunity = [...(await sandbox.salesforce.records('Opportunity')).keys()][0] ?? '';
  });
  after(async () => {
    client.close();
    await sandbox.close();
  });

  /** What one request is answered with, until an answer was all that was asked for or it ends. */
  async function fetchOnce(request: FetchRequest): Promise<FetchResponse[]> {
    const call = client.subscribe(login);
    call.on('error', () => undefined);
    call.write(request);
    const found: FetchResponse[] = [];
    try {
      for await (const response of call as AsyncIterable<FetchResponse>) {
        found.push(response);
        if (response.pendingNumRequested === 0) break;
      }
    } finally {
      call.cancel();
    }
    return found;
  }
  const code = async (asked: Promise<unknown>): Promise<[number, string]> => {
    try {
      await asked;
    } catch (error) {
      const { code: number, metadata } = error as { code: number; metadata: Metadata };
      return [number, String(metadata.get('error-code')[0] ?? '')];
    }
    throw new Error('it was answered');
  };

  it('tells whole events, which another reader of Avro understands with the schema it serves', async () => {
    const fields = { NextStep: 'déjà vu', Amount: 12.5, CloseDate: '2031-02-03', Description: null };
    await sandbox.salesforce.edit({ type: 'Opportunity', id: opportunity, fields: { Description: 'x' } });
    await sandbox.salesforce.edit({ type: 'Opportunity', id: opportunity, fields });
    const [first] = await fetchOnce({ topicName: TOPIC, replayPreset: 1, numRequested: 2 });
    const event = first?.events.at(-1)?.event;
    assert.ok(event != null);
    const { schemaJson } = await client.schema(event.schemaId, login);
    const type = avro.Type.forSchema(JSON.parse(schemaJson));
    const told = type.fromBuffer(Buffer.from(event.payload));
    const { ChangeEventHeader: header, ...values } = told;
    assert.deepEqual(
      [header.entityName, header.recordIds, header.changeType],
      ['Opportunity', [opportunity], 'UPDATE'],
    );
    assert.deepEqual(
      [values.NextStep, values.Amount, values.CloseDate, values.Description, values.Name],
      ['déjà vu', 12.5, Date.parse('2031-02-03'), null, null],
    );
    // Which fields changed, and which of them were emptied, stands in bits by their place in the schema.
    const places = (type as avro.types.RecordType).fields.map(({ name }) => name);
    const named = ([bits]: string[]): string[] =>
      places.filter((_name, place) => ((BigInt(bits ?? 0) >> BigInt(place)) & 1n) === 1n);
    assert.deepEqual(named(header.nulledFields), ['Description']);
    for (const name of Object.keys(fields)) assert.ok(named(header.changedFields).includes(name), name);
  });

  it('refuses as the API does: sessions, orgs, places, amounts and topics', async () => {
    const wrong = login.clone();
    wrong.set('tenantid', '00D000000000009AAA');
    const none = login.clone();
    none.remove('accesstoken');
    const auth = [status.UNAUTHENTICATED, 'sfdc.platform.eventbus.grpc.service.auth.error'];
    assert.deepEqual(await code(client.topic(TOPIC, wrong)), auth);
    assert.deepEqual(await code(client.topic(TOPIC, none)), auth);
    const asked = (more: Partial<FetchRequest>): Promise<[number, string]> =>
      code(fetchOnce({ topicName: TOPIC, replayPreset: 0, numRequested: 1, ...more }));
    const fetching = 'sfdc.platform.eventbus.grpc.subscription.fetch.';
    const invalid = (what: string) => [status.INVALID_ARGUMENT, `${fetching}${what}`];
    assert.deepEqual(await asked({ numRequested: 0 }), invalid('requested.events.invalid'));
    assert.deepEqual(await asked({ replayPreset: 2 }), invalid('replayid.validation.failed'));
    const replayId = Buffer.from('anything');
    assert.deepEqual(await asked({ replayPreset: 2, replayId }), invalid('replayid.corrupted'));
    assert.equal((await asked({ topicName: '/data/CaseChangeEvent' }))[0], status.NOT_FOUND);
    assert.equal((await code(client.schema('none', login)))[0], status.NOT_FOUND);
  });

  it('keeps nothing, and serves nothing, unless it is asked to', async () => {
    const plain = await testSandbox();
    try {
      assert.equal(plain.running.salesforce.eventsUrl, undefined);
      const fields = { Name: 'a', StageName: 'Prospecting', CloseDate: '2030-01-01' };
      await plain.salesforce.edit({ type: 'Opportunity', action: 'create', fields });
      const answer = await fetch(`${plain.salesforce.url}/_sandbox/events`);
      assert.equal(((await answer.json()) as { last: number }).last, 0);
      assert.equal((await fetch(`${plain.hubspot.url}/_sandbox/events`)).status, 400);
    } finally {
      await plain.close();
    }
  });
});
