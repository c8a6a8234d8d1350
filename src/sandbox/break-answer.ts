import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { FaultEffect } from './fault-rule.ts';
import { type EncodedAnswer, encodeAnswer, sendAnswer } from './send.ts';
import type { SimResponse, Simulator } from './simulator.ts';

type Wishes = Parameters<typeof sendAnswer>[2];

/**
 * Lets a fault have its way with an answer.
 * @param answer what the simulator answered; null for the effects that keep the request from it.
 */
export async function breakAnswer(
  crm: Simulator['crm'],
  effect: FaultEffect,
  answer: SimResponse | null,
  response: ServerResponse,
  wishes: Wishes,
): Promise<void> {
  const real = (): EncodedAnswer => encodeAnswer(crm, answer ?? { status: 204 });
  switch (effect.kind) {
    case 'status':
      return sendAnswer(instead(crm, effect), response, wishes);
    case 'reset':
    case 'commit-then-reset':
      response.socket?.resetAndDestroy();
      return;
    case 'stall-headers':
    case 'commit-then-timeout':
      return;
    case 'slow':
      // The process may end while an answer is held back.
      await pause(effect.ms, undefined, { ref: false });
      return sendAnswer(real(), response, wishes);
    case 'broken-json':
      return sendAnswer(halved(real()), response, wishes);
    case 'stall-body':
    case 'cut-body':
      return sendHalf(real(), response, effect.kind === 'cut-body');
  }
}

function instead(crm: Simulator['crm'], effect: FaultEffect & { kind: 'status' }): EncodedAnswer {
  const type = effect.html ? { 'content-type': 'text/html; charset=UTF-8' } : {};
  const body = effect.body === '' ? undefined : Buffer.from(effect.body);
  return encodeAnswer(crm, { status: effect.status, headers: { ...type, ...effect.headers }, body });
}

/** Half of a JSON text is never JSON; a short answer without a body gets half of an object. */
function halved(answer: EncodedAnswer): EncodedAnswer {
  const bytes = answer.bytes ?? Buffer.from('{"status":');
  const status = answer.bytes === null ? 200 : answer.status;
  const headers = { 'content-type': 'application/json', ...answer.headers };
  return { status, headers, bytes: bytes.subarray(0, Math.max(1, Math.floor(bytes.length / 2))) };
}

/** Promises the whole body, sends half of it, then falls silent or cuts the connection. */
function sendHalf(answer: EncodedAnswer, response: ServerResponse, cut: boolean): void {
  const bytes = answer.bytes ?? Buffer.from('{"status":"ok"}');
  const status = answer.bytes === null ? 200 : answer.status;
  const half = bytes.subarray(0, Math.floor(bytes.length / 2));
  response.writeHead(status, { ...answer.headers, 'content-length': String(bytes.length) });
  response.write(half, () => {
    if (cut) response.socket?.destroy();
  });
}
