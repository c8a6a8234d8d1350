import type { ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { SimResponse, Simulator } from './simulator.ts';

const JSON_TYPE = {
  salesforce: 'application/json;charset=UTF-8',
  hubspot: 'application/json;charset=utf-8',
} as const;
/** Smaller answers are not worth compressing. */
const GZIP_FROM = 1_024;
/** Larger answers are sent in chunks without a content-length, as the CRMs do with long results. */
const CHUNK_FROM = 64 * 1_024;
const CHUNK = 32 * 1_024;
const compress = promisify(gzip);

/** A response body as bytes with the headers that describe it. */
export interface EncodedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer | null;
}

/** Objects become JSON with the CRM's own content type; text and bytes go as they are; undefined is no body. */
export function encodeAnswer(crm: Simulator['crm'], response: Omit<SimResponse, 'route'>): EncodedAnswer {
  const { status, body } = response;
  const given = lowerCase(response.headers ?? {});
  if (body === undefined || status === 204 || status === 304) return { status, headers: given, bytes: null };
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const type = typeof body === 'string' && body.startsWith('<') ? 'text/html; charset=UTF-8' : JSON_TYPE[crm];
  const bytes = raw ? Buffer.from(body as string | Uint8Array) : Buffer.from(JSON.stringify(body));
  return { status, headers: { 'content-type': type, ...given }, bytes };
}

/** Sends the answer; resolves when it is handed over or the client has gone. */
export async function sendAnswer(
  answer: EncodedAnswer,
  response: ServerResponse,
  { acceptEncoding, head }: { readonly acceptEncoding: string | undefined; readonly head: boolean },
): Promise<void> {
  const headers: Record<string, string> = { ...answer.headers };
  let bytes = answer.bytes;
  if (bytes !== null && bytes.length >= GZIP_FROM && acceptsGzip(acceptEncoding)) {
    bytes = await compress(bytes, { level: 1 });
    headers['content-encoding'] = 'gzip';
    headers['vary'] = 'Accept-Encoding';
  }
  if (response.destroyed) return;
  if (bytes === null || head) {
    if (answer.status !== 204 && answer.status !== 304)
      headers['content-length'] = String(bytes?.length ?? 0);
    response.writeHead(answer.status, headers).end();
    return;
  }
  if (bytes.length < CHUNK_FROM) {
    response.writeHead(answer.status, { ...headers, 'content-length': String(bytes.length) }).end(bytes);
    return;
  }
  response.writeHead(answer.status, headers);
  for (let at = 0; at < bytes.length; at += CHUNK) {
    if (!(await writeOut(response, bytes.subarray(at, at + CHUNK)))) return;
  }
  response.end();
}

/** Streams one JSON object a line, at the pace of the reader. */
export async function sendLines(lines: Iterable<unknown>, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8' });
  let text = '';
  for (const line of lines) {
    text += `${JSON.stringify(line)}\n`;
    if (text.length < CHUNK) continue;
    if (!(await writeOut(response, text))) return;
    text = '';
  }
  response.end(text);
}

/** False when the client has gone. */
async function writeOut(response: ServerResponse, piece: Buffer | string): Promise<boolean> {
  if (response.destroyed) return false;
  if (!response.write(piece)) await drained(response);
  return !response.destroyed;
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

function acceptsGzip(header: string | undefined): boolean {
  return (header ?? '').split(',').some((item) => /^\s*(gzip|\*)\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(item));
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
