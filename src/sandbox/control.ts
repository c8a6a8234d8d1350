import { requestBody, settleEdit } from './control-input.ts';
import { DatasetFileError } from './dataset.ts';
import type { EventBus } from './event-bus.ts';
import type { Host, Life } from './host.ts';
import { momentOf, objectOf, onlyKeys, Refusal } from './refusal.ts';
import type { SimRequest } from './simulator.ts';
import type { WebhookSender } from './webhook-sender.ts';

export const CONTROL_PREFIX = '/_sandbox/';

/** What the control prefix answers: one JSON document, or a stream of JSON lines. */
export type ControlAnswer =
  | { readonly status: number; readonly json: unknown }
  | { readonly lines: Iterable<unknown> };

type Command = (host: Host, request: SimRequest) => ControlAnswer | Promise<ControlAnswer>;

const COMMANDS: Readonly<Record<string, Command>> = {
  'GET counters': ({ life }) => ok(life.counters.report()),
  'POST counters/reset': ({ life }) => {
    life.counters.reset();
    return ok(life.counters.report());
  },
  'GET truth': ({ life }, { query }) => ({ lines: life.truth.since(seqOf(query.get('since'))) }),
  'GET state': ({ life }) => ({ lines: life.simulator.state() }),
  'POST edit': ({ life }, request) => {
    const result = life.simulator.edit(settleEdit(requestBody(request)));
    return result.ok
      ? ok(result)
      : { status: result.status, json: { error: result.error, status: result.status } };
  },
  'GET faults': listFaults,
  'POST faults': (host, request) => {
    host.life.faults.add(requestBody(request));
    return listFaults(host);
  },
  'DELETE faults': (host) => {
    host.life.faults.clear();
    return listFaults(host);
  },
  'GET clock': showClock,
  'POST clock': (host, request) => {
    moveClock(host, requestBody(request));
    return showClock(host);
  },
  'POST configure': ({ life }, request) => {
    const switches = objectOf(requestBody(request), 'the switches');
    try {
      life.simulator.configure(switches);
    } catch (error) {
      throw new Refusal(error instanceof Error ? error.message : String(error));
    }
    return ok({ configured: Object.keys(switches) });
  },
  'GET webhooks': ({ life }) => ok(webhooksOf(life).report()),
  'POST webhooks': ({ life }, request) => ok(webhooksOf(life).configure(requestBody(request))),
  'GET events': ({ life }) => ok(busOf(life).report()),
  'POST events': ({ life }, request) => {
    busOf(life).command(requestBody(request));
    return ok(busOf(life).report());
  },
  'POST reset': async (host) => ok(await host.reset()),
  'GET requests': ({ life }) => ok(life.requests.list()),
  'GET health': (host) => ok({ ready: host.ready, crm: host.crm, now: host.clock.now() }),
};

/** Answers one request to the control prefix; what is asked wrongly is answered 400 with one sentence. */
export async function control(host: Host, request: SimRequest): Promise<ControlAnswer> {
  const name = request.path.slice(CONTROL_PREFIX.length).replace(/\/$/, '');
  const command = COMMANDS[`${request.method} ${name}`];
  if (command === undefined) return unknownCommand(name);
  try {
    if (name !== 'health') await host.started;
    return await command(host, request);
  } catch (error) {
    if (error instanceof Refusal || error instanceof DatasetFileError) return refuse(400, error.message);
    throw error;
  }
}

function unknownCommand(name: string): ControlAnswer {
  const methods = Object.keys(COMMANDS).filter((key) => key.slice(key.indexOf(' ') + 1) === name);
  if (methods.length > 0) return refuse(405, `${CONTROL_PREFIX}${name} answers to ${methods.join(' and ')}`);
  return refuse(404, `there is no ${CONTROL_PREFIX}${name}; there are: ${Object.keys(COMMANDS).join(', ')}`);
}

function webhooksOf({ webhooks }: Life): WebhookSender {
  if (webhooks === null) throw new Refusal('this CRM does not tell of changes');
  return webhooks;
}

function busOf({ simulator }: Life): EventBus {
  if (simulator.bus === undefined) throw new Refusal('this CRM keeps no events');
  return simulator.bus;
}

function ok(json: unknown): ControlAnswer {
  return { status: 200, json };
}

function refuse(status: number, error: string): ControlAnswer {
  return { status, json: { error } };
}

function listFaults({ life }: Host): ControlAnswer {
  return ok({ faults: life.faults.list(), presets: life.faults.presets() });
}

function showClock({ clock }: Host): ControlAnswer {
  const now = clock.now();
  return ok({ now, iso: new Date(now).toISOString(), frozen: clock.frozen() });
}

function moveClock({ clock }: Host, body: unknown): void {
  const change = objectOf(body, 'the clock change');
  onlyKeys(change, ['advanceMs', 'set', 'freeze'], 'clock');
  const { advanceMs, set, freeze } = change;
  if (Object.keys(change).length === 0) throw new Refusal('clock: give advanceMs, set or freeze');
  if (freeze !== undefined && typeof freeze !== 'boolean')
    throw new Refusal('"freeze" must be true or false');
  const target = set === undefined ? null : momentOf(set, '"set"');
  if (advanceMs !== undefined && !Number.isFinite(advanceMs)) {
    throw new Refusal('"advanceMs" must be a number of milliseconds');
  }
  // Freeze first: a moment that is set or reached must not drift between the two.
  if (freeze !== undefined) clock.freeze(freeze);
  if (target !== null) clock.set(target);
  if (typeof advanceMs === 'number') clock.advance(advanceMs);
}

function seqOf(text: string | null): number {
  if (text === null || text === '') return 0;
  const seq = Number(text);
  if (Number.isSafeInteger(seq) && seq >= 0) return seq;
  throw new Refusal('"since" must be a sequence number: a whole number from 0 up');
}
