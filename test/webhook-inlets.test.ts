import assert from 'node:assert/strict';
import { EVENTS } from '../src/connectors/index.ts';
import { webhookInlets } from '../src/webhook-inlets.ts';

describe('the connections that take webhooks', () => {
  it('are those with a secret and a sync, for the syncs that listen', () => {
    const connection = (webhookSecret?: string) => ({
      crm: 'hubspot',
      auth: { type: 'token', token: 'x' },
      ...(webhookSecret === undefined ? {} : { webhookSecret }),
    });
    const sync = (name: string, listens: boolean) => ({
      connections: [name, 'other'],
      events: listens ? { windowMs: 2_000 } : null,
    });
    const config = {
      connections: {
        deaf: connection('a'),
        both: connection('b'),
        mute: connection(),
        unused: connection('c'),
      },
      syncs: {
        quiet: sync('deaf', false),
        one: sync('both', true),
        two: sync('both', false),
        three: sync('mute', true),
      },
    };
    const inlets = webhookInlets(config as never, EVENTS);
    assert.deepEqual(
      inlets.map(({ crm, syncs }) => [crm, syncs]),
      [
        ['hubspot', ['one']],
        ['hubspot', []],
      ],
    );
  });
});
