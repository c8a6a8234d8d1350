/** gRPC over plain HTTP/2 on this machine, on Node's own server: nothing of a gRPC library stands behind it. */
import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { SandboxPortError } from '../server.ts';
import { Deframer, frame } from './wire.ts';

/** Status codes of gRPC that are used here. */
export const STATUS = {
  OK: 0,
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

export type StatusName = keyof typeof STATUS;

/** One call as its handler sees it. */
export interface GrpcCall {
  /** `/package.Service/Method` */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Messages as they come; those before this is called are kept. `done`: the client will send no more. */
  listen(message: (bytes: Buffer) => void, done: () => void): void;
  send(message: Uint8Array): void;
  /** Ends the call. `code` is put where the service tells its own error codes. */
  end(status: StatusName, message?: string, code?: string): void;
  /** Breaks it off without a word, as when a network does. */
  drop(): void;
  /** Called once when it is over, however. */
  onClose(over: () => void): void;
}

export interface GrpcServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';

/** @throws {SandboxPortError} */
export async function listenGrpc(
  port: number,
  name: string,
  answer: (call: GrpcCall) => void,
): Promise<GrpcServer> {
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => undefined);
    session.once('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    const plain = Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, String(value)]));
    answer(callOn(stream, plain));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new SandboxPortError(name, port, cause)));
    server.listen({ port, host: LOOPBACK }, resolve);
  });
  return {
    url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`,
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const session of sessions) session.destroy();
      return closed;
    },
  };
}

function callOn(stream: ServerHttp2Stream, headers: Readonly<Record<string, string>>): GrpcCall {
  const deframer = new Deframer();
  let isOver = false;
  stream.on('error', () => undefined);
  return {
    path: headers[':path'] ?? '',
    headers,
    listen(message, done) {
      stream.on('data', (bytes: Buffer) => {
        for (const one of deframer.push(bytes)) if (!isOver) message(one);
      });
      stream.on('end', () => {
        if (!isOver) done();
      });
    },
    send(message) {
      if (isOver || stream.destroyed) return;
      if (!stream.headersSent) stream.respond(HEADERS, { waitForTrailers: true });
      stream.write(frame(message));
    },
    end(status, message = '', code = '') {
      if (isOver || stream.destroyed) return;
      isOver = true;
      const trailers = {
        'grpc-status': String(STATUS[status]),
        ...(message === '' ? {} : { 'grpc-message': encodeURIComponent(message) }),
        ...(code === '' ? {} : { 'error-code': code }),
      };
      if (!stream.headersSent) {
        stream.respond({ ...HEADERS, ...trailers }, { endStream: true });
        return;
      }
      stream.once('wantTrailers', () => stream.sendTrailers(trailers));
      stream.end();
    },
    drop() {
      isOver = true;
      stream.session?.destroy();
    },
    onClose(over) {
      stream.once('close', over);
    },
  };
}

const HEADERS = { ':status': 200, 'content-type': 'application/grpc' };
