import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerRequest } from './answer.ts';
import type { Host } from './host.ts';

/** The sandbox is for this machine only. */
const LOOPBACK = '127.0.0.1';
/** Addresses longer than the CRMs take must reach the simulator, which refuses them in the CRM's own words. */
const MAX_HEADER_BYTES = 128 * 1024;
/** Longer than clients keep idle connections, so that the server is not the one to close first. */
const KEEP_ALIVE_MS = 120_000;

/** A port of the sandbox that cannot be had. `code` as the system says it, `EADDRINUSE` when another program has it. */
export class SandboxPortError extends Error {
  override readonly name = 'SandboxPortError';
  readonly code: string;
  readonly port: number;
  constructor(crm: string, port: number, cause: NodeJS.ErrnoException) {
    const code = cause.code ?? 'UNKNOWN';
    const why = code === 'EADDRINUSE' ? 'is already in use' : `cannot be listened on (${code})`;
    super(`port ${port} for the ${crm} simulator ${why}; choose another, or 0 for any free one`, { cause });
    this.code = code;
    this.port = port;
  }
}

export interface ListeningServer {
  readonly url: string;
  /** Ends every connection, held ones too. */
  close(): Promise<void>;
}

/** @throws {SandboxPortError} */
export async function listen(host: Host, port: number): Promise<ListeningServer> {
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MS });
  // Faults hold answers back on purpose, and a slow upload is no offence here.
  server.requestTimeout = 0;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    // Nothing is to be done when the client is gone in the middle of an answer.
    response.on('error', () => undefined);
    void answerRequest(host, request, response);
  });
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
    else socket.destroy();
  });
  await bound(server, host, port);
  const url = `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`;
  host.listening(url);
  return { url, close: () => closed(server) };
}

function bound(server: Server, host: Host, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new SandboxPortError(host.crm, port, cause)));
    server.listen({ port, host: LOOPBACK }, resolve);
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
