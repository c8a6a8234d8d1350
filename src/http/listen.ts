import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OppsyncError } from '../core/errors.ts';
import { faultOf } from '../core/fault-sentences.ts';

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
  const what = `http.${error.code ?? 'listen'}`;
  const known = what === 'http.EADDRINUSE' || what === 'http.EACCES' || what === 'http.EADDRNOTAVAIL';
  const params = { host, port: String(port), reason: error.code ?? error.message };
  return new OppsyncError({
    recovery: 'fix',
    ...faultOf(known ? what : 'http.listen', params),
    code: what,
    cause: error,
  });
}
