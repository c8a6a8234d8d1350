import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OppsyncError } from '../core/errors.ts';

export interface WebServer {
  readonly port: number;
  /** Takes no more connections, lets running answers finish for up to `drainMs`, then ends them. */
  close(drainMs: number): Promise<void>;
}

/**
 * Serves on this address.
 * @throws OppsyncError `fix` when the port is occupied or may not be used, naming port and remedy
 */
export async function listenWeb(handler: RequestListener, host: string, port: number): Promise<WebServer> {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, handler);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    close: (drainMs) =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), drainMs);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): OppsyncError {
  const reasons: Readonly<Record<string, readonly [message: string, remedy: string]>> = {
    EADDRINUSE: [
      `port ${port} on ${host} is occupied`,
      'stop the program that uses it, or choose another port with http.port or OPPSYNC_HTTP_PORT',
    ],
    EACCES: [
      `port ${port} on ${host} may not be used by this user`,
      'choose a port above 1023 with http.port or OPPSYNC_HTTP_PORT',
    ],
    EADDRNOTAVAIL: [
      `${host} is not an address of this machine`,
      'set http.host to an address of this machine, or to 0.0.0.0 for all',
    ],
  };
  const [message, remedy] = reasons[error.code ?? ''] ?? [
    `cannot listen on ${host}:${port} (${error.code ?? error.message})`,
    'check http.host and http.port',
  ];
  return new OppsyncError({
    recovery: 'fix',
    code: `http.${error.code ?? 'listen'}`,
    message,
    remedy,
    cause: error,
  });
}
