import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { SimRequest } from './simulator.ts';

/** Bulk uploads may be as large as this; anything larger is answered 413. */
export const MAX_BODY_BYTES = 50 * 1024 * 1024;
const decompress = promisify(gunzip);

/** The client went away in the middle of its own request: there is nobody to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

/** A request that no simulator should see; answered with `status`. */
export class UnreadableRequest extends Error {
  override readonly name = 'UnreadableRequest';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Path and query as sent, undecoded. */
export function targetOf(message: IncomingMessage): { path: string; search: string } {
  const target = (message.url ?? '/').replace(/^https?:\/\/[^/]*/i, '');
  const mark = target.indexOf('?');
  return mark === -1
    ? { path: target, search: '' }
    : { path: target.slice(0, mark), search: target.slice(mark + 1) };
}

/** @throws {ClientGone | UnreadableRequest} */
export async function readRequest(message: IncomingMessage): Promise<SimRequest> {
  const { path, search } = targetOf(message);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const body = await plainBody(await readBody(message), headers['content-encoding']);
  return { method: message.method ?? 'GET', path, query: new URLSearchParams(search), headers, body };
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of message as AsyncIterable<Buffer>) {
      size += piece.length;
      // Read on to the end without keeping it: a client that is still sending would not see the answer.
      if (size > MAX_BODY_BYTES) pieces.length = 0;
      else pieces.push(piece);
    }
  } catch (error) {
    throw new ClientGone('the client closed the connection', { cause: error });
  }
  if (size > MAX_BODY_BYTES) throw tooLarge();
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
}

async function plainBody(body: Buffer, encoding: string | undefined): Promise<Buffer> {
  if (encoding?.toLowerCase() !== 'gzip' || body.length === 0) return body;
  try {
    return await decompress(body, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge();
    throw new UnreadableRequest(400, 'the body is not gzip, though content-encoding says so');
  }
}

function tooLarge(): UnreadableRequest {
  return new UnreadableRequest(413, `the body is larger than ${MAX_BODY_BYTES / 1024 / 1024} MB`);
}
