/** A request answered by a simulator without a server: the faults of the sandbox, told as `fetch` would tell them. */
import type { FaultEffect } from '../../../src/sandbox/fault-rule.ts';
import type { Host } from '../../../src/sandbox/host.ts';
import { encodeAnswer } from '../../../src/sandbox/send.ts';
import type { SimRequest, SimResponse } from '../../../src/sandbox/simulator.ts';

/** What a client of Node waits for the first byte, and between two. */
const SILENCE_MS = 300_000;

export async function answerInProcess(
  host: Host,
  request: SimRequest,
  sleep: (ms: number) => Promise<void>,
): Promise<Response> {
  const { life, clock } = host;
  const query = request.query.toString();
  const effect = life.faults.meet(
    request.method,
    query === '' ? request.path : `${request.path}?${decodeURIComponent(query.replaceAll('+', ' '))}`,
  )?.effect;
  if (effect?.kind === 'status') {
    life.counters.request(request.path, effect.status);
    const type = effect.html ? 'text/html; charset=UTF-8' : 'application/json';
    return new Response(effect.body, {
      status: effect.status,
      headers: { 'content-type': type, ...effect.headers },
    });
  }
  if (effect?.kind === 'reset') throw broken('ECONNRESET');
  if (effect?.kind === 'stall-headers') {
    await sleep(SILENCE_MS);
    throw broken('UND_ERR_HEADERS_TIMEOUT');
  }
  const answer = await life.simulator.handle(request);
  life.counters.request(answer.route, answer.status);
  if (effect !== undefined) await disturb(effect, sleep);
  return toResponse(host, answer, new Date(clock.now()).toUTCString(), effect);
}

async function disturb(effect: FaultEffect, sleep: (ms: number) => Promise<void>): Promise<void> {
  if (effect.kind === 'slow') await sleep(effect.ms);
  if (effect.kind === 'commit-then-reset') throw broken('ECONNRESET');
  if (effect.kind !== 'commit-then-timeout') return;
  await sleep(SILENCE_MS);
  throw broken('UND_ERR_HEADERS_TIMEOUT');
}

function toResponse(host: Host, answer: SimResponse, date: string, effect?: FaultEffect): Response {
  const { status, headers, bytes } = encodeAnswer(host.crm, answer);
  const init = { status, headers: { date, ...headers } };
  if (bytes === null) return new Response(null, init);
  const half = bytes.subarray(0, Math.floor(bytes.length / 2));
  if (effect?.kind === 'broken-json') return new Response(new Uint8Array(half), init);
  if (effect?.kind !== 'cut-body' && effect?.kind !== 'stall-body')
    return new Response(new Uint8Array(bytes), init);
  const body = new ReadableStream({
    pull(stream) {
      stream.error(new TypeError('terminated', { cause: coded('UND_ERR_SOCKET') }));
    },
  });
  return new Response(body, init);
}

function broken(code: string): TypeError {
  return new TypeError('fetch failed', { cause: coded(code) });
}

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}
