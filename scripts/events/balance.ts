/** A load balancer of the plainest kind: each connection goes to the next web process in turn. */
import { connect, createServer, type Socket } from 'node:net';

export interface Balance {
  readonly port: number;
  /** One more process to send connections to. */
  add(port: number): void;
  close(): void;
}

export async function balance(): Promise<Balance> {
  const ports: number[] = [];
  const open = new Set<Socket>();
  let turn = 0;
  const server = createServer({ noDelay: true }, (from) => {
    const port = ports[turn++ % Math.max(1, ports.length)];
    if (port === undefined) {
      from.destroy();
      return;
    }
    const to = connect({ port, host: '127.0.0.1', noDelay: true });
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  return {
    port,
    add: (one) => {
      ports.push(one);
    },
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
