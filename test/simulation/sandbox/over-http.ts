/** Requests of a story on their way through real HTTP: to the sandbox's own servers, faults and all. */
import type { Host } from '../../../src/sandbox/host.ts';
import { type ListeningServer, listen } from '../../../src/sandbox/server.ts';
import { fetchOutside } from './network.ts';
import type { Exchange } from './sandbox-scene.ts';

/** An answer that takes longer never comes. */
const PATIENCE_MS = 250;

export interface OverHttp {
  readonly exchange: Exchange;
  close(): Promise<void>;
}

export function overHttp(): OverHttp {
  const servers = new Map<Host, Promise<ListeningServer>>();
  return {
    exchange: async (host, { method, path, query, headers, body }) => {
      const server = servers.get(host) ?? listen(host, 0);
      servers.set(host, server);
      const { url } = await server;
      const search = query.toString();
      return fetchOutside()(`${url}${path}${search === '' ? '' : `?${search}`}`, {
        method,
        headers: { ...headers, connection: 'close' },
        ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
        redirect: 'manual',
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    },
    async close() {
      for (const server of servers.values()) await (await server).close();
      servers.clear();
    },
  };
}
