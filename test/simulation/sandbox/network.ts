/** A network inside the process: names ending in `.story` are answered by functions, everything else goes out as ever. */
import type { SimRequest } from '../../../src/sandbox/simulator.ts';
import { useRealNetwork } from '../../sandbox/real-network.ts';

export type Answerer = (request: SimRequest) => Promise<Response>;

const hosts = new Map<string, Answerer>();
let outside: typeof fetch | null = null;

/** Answers the address of a host that lives until {@link leaveNetwork}. The official clients reach it through `fetch`. */
export function joinNetwork(host: string, answer: Answerer): string {
  if (outside === null) {
    outside = globalThis.fetch;
    globalThis.fetch = route;
  }
  hosts.set(`${host}.story`, answer);
  return `http://${host}.story`;
}

/** Whoever still asks these hosts gets no answer any more. */
export function leaveNetwork(prefix: string): void {
  for (const host of hosts.keys()) if (host.startsWith(prefix)) hosts.delete(host);
}

/** Gives `fetch` back. */
export function closeNetwork(): void {
  if (outside !== null) globalThis.fetch = outside;
  outside = null;
}

/** The real one. */
export function fetchOutside(): typeof fetch {
  return outside ?? globalThis.fetch;
}

async function route(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const url = new URL(input instanceof Request ? input.url : input);
  const answer = hosts.get(url.host);
  if (answer === undefined)
    return url.host.endsWith('.story') ? new Promise(() => undefined) : fetchOutside()(input, init);
  const headers = Object.fromEntries(new Headers(init.headers ?? {}));
  return answer({
    method: init.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers,
    body: Buffer.from(init.body == null ? '' : String(init.body)),
  });
}

/** For a `describe` whose stories use the network. */
export function useStoryNetwork(): void {
  useRealNetwork();
  after(closeNetwork);
}
