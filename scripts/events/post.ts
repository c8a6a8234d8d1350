/** Posts JSON over connections that stay open, each in turn: as cheap as it can be beside what is measured. */
import { Agent, request } from 'node:http';

export interface Poster {
  /** Answers the status. */
  post(url: string, body: string, headers?: Readonly<Record<string, string>>): Promise<number>;
  /** A command to a simulated CRM's control prefix. */
  control(url: string, command: string, body: unknown): Promise<void>;
  close(): void;
}

const CONNECTIONS = 64;

export function openPoster(): Poster {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS, scheduling: 'fifo' });
  const post: Poster['post'] = (url, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const length = String(Buffer.byteLength(body));
      const sending = request(
        url,
        {
          ...{ method: 'POST', agent },
          headers: { 'content-type': 'application/json', 'content-length': length, ...headers },
        },
        (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode ?? 0));
          response.on('error', reject);
        },
      );
      sending.on('error', (error: NodeJS.ErrnoException) => {
        // A connection that was idle may be closed at the very moment it is used again.
        if (sending.reusedSocket && error.code === 'ECONNRESET')
          post(url, body, headers).then(resolve, reject);
        else reject(error);
      });
      sending.end(body);
    });
  return {
    post,
    async control(url, command, body) {
      const status = await post(`${url}/_sandbox/${command}`, JSON.stringify(body));
      if (status !== 200) throw new Error(`${command} was answered ${status}`);
    },
    close: () => agent.destroy(),
  };
}
