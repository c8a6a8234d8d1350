/** The Pub/Sub API of the simulated org: GetTopic, GetSchema and Subscribe (salesforce.md §6.2). */
import type { EventBus } from '../../event-bus.ts';
import type { GrpcCall, StatusName } from '../../grpc/server.ts';
import { encodeMessage, WireMessage } from '../../grpc/wire.ts';
import { objectOf, onlyKeys, Refusal } from '../../refusal.ts';
import type { Sessions } from '../auth/sessions.ts';
import { toId18 } from '../ids.ts';
import type { Org } from '../org.ts';
import { FAMILY, Subscription, TOPIC } from './subscription.ts';

const SERVICE = '/eventbus.v1.PubSub/';
const AUTH_ERROR = `${FAMILY}service.auth.error`;
const KILLS = ['drop', 'UNAVAILABLE', 'INTERNAL', 'UNAUTHENTICATED', 'RESOURCE_EXHAUSTED', 'OK'] as const;
const COMMANDS = ['kill', 'gap', 'raw', 'forget', 'refuse'];

export function pubSub(org: Org, sessions: Sessions): EventBus {
  const streams = new Set<Subscription>();
  const life = org.deps.random.fork('salesforce event bus').int(1, 0x7fffffff);
  const calls = { subscribed: 0, refused: 0, schemas: 0 };
  let refusals: StatusName[] = [];

  function answer(call: GrpcCall): void {
    const method = call.path.startsWith(SERVICE) ? call.path.slice(SERVICE.length) : '';
    if (!['Subscribe', 'GetTopic', 'GetSchema'].includes(method)) {
      call.end('UNIMPLEMENTED', 'There is no such method.');
    } else if (!isAllowed(org, sessions, call)) {
      calls.refused += 1;
      call.end('UNAUTHENTICATED', `${AUTH_ERROR}: The session is not valid. rpcId: rpc`, AUTH_ERROR);
    } else if (method === 'Subscribe') subscribe(call);
    else
      call.listen(
        (bytes) => {
          const asked = new WireMessage(bytes).text(1);
          if (method === 'GetTopic') topic(call, asked);
          else schema(call, asked);
        },
        () => undefined,
      );
  }

  function subscribe(call: GrpcCall): void {
    const refusal = refusals.shift();
    if (refusal !== undefined) {
      call.end(refusal, 'The call was refused.');
      return;
    }
    calls.subscribed += 1;
    const stream = new Subscription(org, life, call);
    streams.add(stream);
    call.onClose(() => streams.delete(stream));
  }

  function topic(call: GrpcCall, name: string): void {
    if (name !== TOPIC || !org.switches.changeEvents.includes('Opportunity')) {
      call.end('NOT_FOUND', 'The topic was not found.', `${FAMILY}topic.not.found`);
      return;
    }
    const mayRead = org.isObjectVisible(org.table('Opportunity'));
    call.send(
      encodeMessage([
        [1, name],
        [2, org.organizationId],
        [4, mayRead],
        [5, org.changes.schema().id],
        [6, 'rpc'],
      ]),
    );
    call.end('OK');
  }

  function schema(call: GrpcCall, id: string): void {
    calls.schemas += 1;
    const json = org.changes.schemaJson(id);
    if (json === null) {
      call.end('NOT_FOUND', 'There is no such schema.', `${FAMILY}schema.not.found`);
      return;
    }
    call.send(
      encodeMessage([
        [1, json],
        [2, id],
        [3, 'rpc'],
      ]),
    );
    call.end('OK');
  }

  const endAll = (how: (typeof KILLS)[number]): void => {
    for (const stream of [...streams]) stream.kill(how);
  };

  return {
    open: () =>
      org.changes.open(() => {
        for (const stream of streams) stream.push();
      }),
    answer,

    command(given) {
      const wish = objectOf(given, 'the events');
      onlyKeys(wish, COMMANDS, 'events');
      const { kill, gap, raw, forget, refuse } = wish;
      if (refuse !== undefined) refusals = namesOf(refuse);
      if (forget === true) org.changes.forget();
      if (gap !== undefined) {
        const { type, ids } = objectOf(gap, 'events: "gap"');
        if (typeof type !== 'string' || !/^GAP_(CREATE|UPDATE|DELETE|UNDELETE|OVERFLOW)$/.test(type))
          throw new Refusal(
            'events: "gap.type" must be GAP_CREATE, _UPDATE, _DELETE, _UNDELETE or _OVERFLOW',
          );
        org.changes.gap(type, Array.isArray(ids) ? ids.map(String) : []);
      }
      if (raw !== undefined) {
        const { payload, schemaId } = objectOf(raw, 'events: "raw"');
        if (typeof payload !== 'string') throw new Refusal('events: "raw.payload" must be a text in base64');
        org.changes.raw(Buffer.from(payload, 'base64'), typeof schemaId === 'string' ? schemaId : null);
      }
      if (kill !== undefined) {
        const how = KILLS.find((known) => known === kill);
        if (how === undefined) throw new Refusal(`events: "kill" must be one of ${KILLS.join(', ')}`);
        endAll(how);
      }
    },

    report: () => ({
      ...calls,
      last: org.changes.last,
      kept: org.changes.last - org.changes.first + 1,
      streams: [...streams].map(({ report }) => ({ ...report })),
    }),
    close: () => endAll('drop'),
  };
}

function namesOf(value: unknown): StatusName[] {
  const known: readonly StatusName[] = [
    ...(['UNAVAILABLE', 'UNAUTHENTICATED', 'PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'INTERNAL'] as const),
  ];
  const names = Array.isArray(value) ? value.map((one) => known.find((name) => name === one)) : [undefined];
  if (names.includes(undefined))
    throw new Refusal(`events: "refuse" must be a list of ${known.join(', ')}: one for each call to come`);
  return names as StatusName[];
}

function isAllowed(org: Org, sessions: Sessions, { headers }: GrpcCall): boolean {
  try {
    sessions.use(`Bearer ${headers['accesstoken'] ?? ''}`);
  } catch {
    return false;
  }
  return toId18(headers['tenantid'] ?? '') === org.organizationId && headers['instanceurl'] === org.baseUrl;
}
