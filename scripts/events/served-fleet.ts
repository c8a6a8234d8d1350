/** oppsync as it serves webhooks: one process on the embedded database, or a process for each part of the work. */
import { createServer } from 'node:net';
import { type Fleet, startFleet } from '../../test/support/fleet.ts';
import { balance } from './balance.ts';

/** Processes of each role. */
export interface RoleCounts {
  readonly web: number;
  readonly workers: number;
  readonly scheduler: number;
}

export interface ServedFleetOptions {
  readonly pairs: number;
  readonly onlyOpen: boolean;
  readonly redis: boolean;
  /** null: one process with every role. */
  readonly roles: RoleCounts | null;
  readonly windowMs: number;
}

export interface ServedFleet {
  readonly fleet: Fleet;
  /** Where webhooks are sent to. */
  readonly address: string;
  close(): Promise<void>;
}

/** Starts the CRMs, makes and applies a first plan, and serves. */
export async function startServedFleet(options: ServedFleetOptions): Promise<ServedFleet> {
  const fleet = await startFleet({
    ...{ pairs: options.pairs, seed: 1, onlyOpen: options.onlyOpen, redis: options.redis },
    settings: {
      // Thousands of edits in a minute are what brakes are there to stop.
      OPPSYNC_SYNCS__SANDBOX__BRAKES__CREATES: 'false',
      OPPSYNC_SYNCS__SANDBOX__BRAKES__VANISHED: 'false',
      OPPSYNC_SYNCS__SANDBOX__EVENTS__WINDOW_MS: String(options.windowMs),
      OPPSYNC_LOG_LEVEL: 'warn',
    },
  });
  const gate = options.roles === null ? null : await balance();
  const close = async (): Promise<void> => {
    gate?.close();
    await fleet.close();
  };
  try {
    const plan = JSON.parse(await fleet.command(0, 'plan', '--json')) as { plan: { digest: string } };
    await fleet.command(0, 'apply', plan.plan.digest, '--json');
    if (options.roles === null || gate === null) {
      const port = await freePort();
      await fleet.serve('all', { OPPSYNC_HTTP_PORT: String(port) });
      return { fleet, close, address: `http://127.0.0.1:${port}` };
    }
    // Signatures are over the address that others know: that of what stands in front of the web processes.
    const address = `http://127.0.0.1:${gate.port}`;
    const roles = Object.entries(options.roles).flatMap(([role, n]) => Array<string>(n).fill(role));
    const settings = { OPPSYNC_HTTP_PORT: '0', OPPSYNC_PUBLIC_URL: address };
    const served = await Promise.all(roles.map((role) => fleet.serve(role, settings)));
    for (const { port } of served) if (port !== null) gate.add(port);
    return { fleet, close, address };
  } catch (error) {
    await close();
    throw error;
  }
}

/** `web=2,workers=2`; what is not named runs once. @throws RangeError */
export function roleCounts(text: string): RoleCounts {
  const counts = { web: 1, workers: 1, scheduler: 1 };
  for (const part of text.split(',')) {
    const [, role, n] = /^(web|workers|scheduler)=([1-9]\d?)$/.exec(part.trim()) ?? [];
    if (role === undefined)
      throw new RangeError(`--roles is written web=2,workers=2,scheduler=1, each at least 1, not "${text}"`);
    counts[role as keyof RoleCounts] = Number(n);
  }
  return counts;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}
