import type { IncomingMessage, ServerResponse } from 'node:http';
import { breakAnswer } from './break-answer.ts';
import { CONTROL_PREFIX, control } from './control.ts';
import type { FaultEffect } from './fault-rule.ts';
import type { Host, Life } from './host.ts';
import { ClientGone, readRequest, targetOf, UnreadableRequest } from './request.ts';
import { routeGuess } from './route-guess.ts';
import { encodeAnswer, sendAnswer, sendLines } from './send.ts';
import type { SimRequest, SimResponse, Simulator } from './simulator.ts';

/** Stands for "no answer" in counters and request log. */
const NO_ANSWER = 0;

/** Answers one HTTP request: control prefix, fault, or simulator. Never rejects. */
export async function answerRequest(
  host: Host,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    // The CRM's own clock, not the machine's: clients measure their offset by it.
    response.setHeader('date', new Date(host.clock.now()).toUTCString());
    const request = await readRequest(message);
    if (request.path.startsWith(CONTROL_PREFIX)) await answerControl(host, request, message, response);
    else await answerApi(host, request, message, response);
  } catch (error) {
    if (error instanceof ClientGone) return;
    const status = error instanceof UnreadableRequest ? error.status : 500;
    const text = error instanceof Error ? error.message : String(error);
    if (response.headersSent) response.destroy();
    else
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error: text }));
  }
}

async function answerControl(
  host: Host,
  request: SimRequest,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const answer = await control(host, request);
  if ('lines' in answer) return sendLines(answer.lines, response);
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  const encoded = encodeAnswer(host.crm, { status: answer.status, headers, body: answer.json });
  return sendAnswer(encoded, response, wishesOf(message));
}

async function answerApi(
  host: Host,
  request: SimRequest,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  await host.started;
  // A reset in the middle of a request must not mix two lives.
  const { life } = host;
  const { path, search } = targetOf(message);
  const target = search === '' ? path : `${path}?${search}`;
  const fault = life.faults.meet(request.method, target);
  const note = (route: string, status: number, error?: string): void => {
    life.counters.request(route, status);
    life.requests.add({
      method: request.method,
      path: target,
      status,
      at: host.clock.now(),
      ...(fault === null ? {} : { fault: fault.name }),
      ...(error === undefined ? {} : { error }),
    });
  };
  if (fault !== null && !isApplied(fault.effect)) {
    const status = fault.effect.kind === 'status' ? fault.effect.status : NO_ANSWER;
    note(routeGuess(request), status);
    return breakAnswer(host.crm, fault.effect, null, response, wishesOf(message));
  }
  const { answer, error } = await simulate(life, request);
  const lost = fault?.effect.kind.startsWith('commit-then') === true;
  note(answer.route, lost ? NO_ANSWER : answer.status, error);
  if (fault !== null) return breakAnswer(host.crm, fault.effect, answer, response, wishesOf(message));
  return sendAnswer(encodeAnswer(host.crm, answer), response, wishesOf(message));
}

function isApplied(effect: FaultEffect): boolean {
  return effect.kind !== 'status' && effect.kind !== 'reset' && effect.kind !== 'stall-headers';
}

function wishesOf(message: IncomingMessage): { acceptEncoding: string | undefined; head: boolean } {
  const accept = message.headers['accept-encoding'];
  return {
    acceptEncoding: Array.isArray(accept) ? accept.join(',') : accept,
    head: message.method === 'HEAD',
  };
}

/** A simulator never throws for a bad request; if it does throw, that is a mistake of ours, shown in the request log. */
async function simulate(
  { simulator }: Life,
  request: SimRequest,
): Promise<{ answer: SimResponse; error?: string }> {
  try {
    return { answer: await simulator.handle(request) };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return {
      answer: { status: 500, body: ownError(simulator.crm), route: routeGuess(request) },
      error: text,
    };
  }
}

function ownError(crm: Simulator['crm']): unknown {
  const message = 'the simulator failed; GET /_sandbox/requests shows how';
  return crm === 'salesforce' ? [{ message, errorCode: 'UNKNOWN_EXCEPTION' }] : { status: 'error', message };
}
