/** Change Data Capture of opportunities through the Pub/Sub API. */
import type { ClientDuplexStream, Metadata } from '@grpc/grpc-js';
import type { ChangeStream, StreamBatch, StreamGap } from '../../../core/change-stream-port.ts';
import { OppsyncError } from '../../../core/errors.ts';
import type { RecordEvent } from '../../../core/event-port.ts';
import { told } from '../sentences.ts';
import { createSession, type SessionDeps, type Token } from '../session.ts';
import type { SalesforceSettings } from '../settings.ts';
import { changeOf } from './change.ts';
import { createPubSubClient, credentialsOf } from './client.ts';
import type { FetchRequest, FetchResponse } from './contract.ts';
import { fromPubSub, isNoSuchSchema, isUnauthenticated, notSelected } from './failures.ts';
import { type SchemaCache, schemaCache } from './schemas.ts';

const TOPIC = '/data/OpportunityChangeEvent';
const LATEST = 0;
const CUSTOM = 2;
/** The most the API gives at once. So many are held in memory at most before they are stored. */
const AT_ONCE = 100;
/** Salesforce sends a sign of life within 270 s. */
const SILENCE_MS = 330_000;

export interface ChangeStreamOptions {
  readonly atOnce?: number;
  readonly silenceMs?: number;
}

/** Null when the connection does not ask for it. Makes no call before it is followed. */
export function salesforceChangeStream(
  settings: SalesforceSettings,
  deps: SessionDeps,
  { atOnce = AT_ONCE, silenceMs = SILENCE_MS }: ChangeStreamOptions = {},
): ChangeStream | null {
  const endpoint = settings.changeEvents;
  if (endpoint === null) return null;
  const { host } = new URL(endpoint);
  const client = createPubSubClient(endpoint, settings.deadlineMs);
  const session = createSession(settings, deps, () => undefined);
  let credentials: Metadata | null = null;
  const schemas = schemaCache(async (schemaId) => {
    try {
      return (await client.schema(schemaId, held())).schemaJson;
    } catch (error) {
      if (isNoSuchSchema(error)) return null;
      throw error;
    }
  });
  const held = (): Metadata => {
    if (credentials === null) throw new Error('not logged in');
    return credentials;
  };

  async function* stream(from: Uint8Array | null, account: string, signal: AbortSignal, asked?: () => void) {
    const call = client.subscribe(held());
    // Whoever reads it is told; when nobody does any more, a late failure must not end the process.
    call.on('error', () => undefined);
    const giveUp = (): void => call.cancel();
    signal.addEventListener('abort', giveUp, { once: true });
    const silence = silenceGuard(call, silenceMs, deps);
    try {
      const first: Partial<FetchRequest> =
        from === null ? { replayPreset: LATEST } : { replayPreset: CUSTOM, replayId: from };
      ask(call, { topicName: TOPIC, replayPreset: LATEST, ...first, numRequested: atOnce });
      let owed = atOnce;
      asked?.();
      silence.wait();
      for await (const response of call as AsyncIterable<FetchResponse>) {
        silence.end();
        session.accepted();
        owed = Math.min(owed - response.events.length, response.pendingNumRequested);
        yield await batchOf(response, schemas, account, deps.clock.now());
        // Only now: what came before is stored.
        if (owed <= 0) {
          ask(call, { topicName: TOPIC, replayPreset: LATEST, numRequested: atOnce });
          owed = atOnce;
        }
        silence.wait();
      }
    } catch (error) {
      signal.throwIfAborted();
      throw silence.fell() ? fromPubSub(error, host, true) : error;
    } finally {
      silence.end();
      signal.removeEventListener('abort', giveUp);
      call.cancel();
    }
  }

  return {
    crm: 'salesforce',
    account: async (signal) => organizationOf(await session.token(signal)),

    async *follow(from, signal, asked) {
      let place = from;
      for (;;) {
        const token = await session.token(signal);
        const account = organizationOf(token);
        credentials = credentialsOf(token, account);
        try {
          const { canSubscribe } = await client.topic(TOPIC, credentials);
          if (!canSubscribe) throw notSelected();
          for await (const batch of stream(place, account, signal, asked)) {
            yield batch;
            place = batch.position ?? place;
          }
          return;
        } catch (error) {
          signal.throwIfAborted();
          if (!isUnauthenticated(error)) throw fromPubSub(error, host);
          await session.renew(token, signal);
        }
      }
    },

    close: () => client.close(),
  };
}

type Call = ClientDuplexStream<FetchRequest, FetchResponse>;

function ask(call: Call, request: FetchRequest): void {
  if (call.writable) call.write(request);
}

/** Ends the call when nothing is heard for too long: a connection may die without a word. */
function silenceGuard(call: Call, ms: number, { sleep }: SessionDeps) {
  let waiting: AbortController | null = null;
  let fell = false;
  return {
    wait(): void {
      const own = new AbortController();
      waiting = own;
      sleep(ms, own.signal).then(
        () => {
          if (own.signal.aborted) return;
          fell = true;
          call.cancel();
        },
        () => undefined,
      );
    },
    end: (): void => waiting?.abort(),
    fell: (): boolean => fell,
  };
}

async function batchOf(
  { events, latestReplayId }: FetchResponse,
  schemas: SchemaCache,
  account: string,
  now: number,
): Promise<StreamBatch> {
  const told: RecordEvent[] = [];
  let gap: StreamGap | null = null;
  for (const { event, replayId } of events) {
    const reader = event === null ? null : await schemas.reader(event.schemaId);
    try {
      if (event === null || reader === null) throw new Error('there is no such schema');
      const change = changeOf(reader(event.payload), replayId, account, now);
      told.push(...change.events);
      gap ??= change.gap;
    } catch {
      // Something changed, and it is not known what: it is looked for. The next event may be fine.
      gap ??= 'unreadable';
    }
  }
  const last = events.at(-1)?.replayId ?? latestReplayId;
  return { events: eachOnce(told), position: last.length === 0 ? null : last, gap };
}

function eachOnce(events: readonly RecordEvent[]): readonly RecordEvent[] {
  return [...new Map(events.map((event) => [event.key, event])).values()];
}

function organizationOf({ organizationId }: Token): string {
  if (organizationId !== null) return organizationId;
  throw new OppsyncError({
    recovery: 'fix',
    code: 'salesforce.organization',
    ...told('organization'),
    crm: 'salesforce',
  });
}
