/** A Redis of the test's own on a random loopback port. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** As a power cut would: no last save. */
  kill(): Promise<void>;
  /** Starts again on the same port with the data it had written. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * True when there is a redis-server to start. Without one it says so, and fails when OPPSYNC_TEST_REQUIRE names redis:
 * a suite that is always skipped proves nothing.
 */
export function redisInstalled(): boolean {
  if (spawnSync('redis-server', ['--version']).status === 0) return true;
  const required = (process.env['OPPSYNC_TEST_REQUIRE'] ?? '').split(',').map((word) => word.trim());
  if (required.includes('redis'))
    throw new Error('OPPSYNC_TEST_REQUIRE asks for redis, but there is no redis-server');
  console.log('SKIPPED: no redis-server on PATH; the queue is not tested on Redis');
  return false;
}

export async function startRedis(settings: readonly string[] = []): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'oppsync-redis-'));
  const port = await freePort();
  let server = await launch(port, folder, settings);
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill,
    restart: async () => {
      await kill();
      server = await launch(port, folder, settings);
    },
    stop: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function launch(port: number, folder: string, settings: readonly string[]): Promise<ChildProcess> {
  const fixed = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'yes',
  ];
  const server = spawn('redis-server', [...fixed, ...settings], { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`redis-server did not start: ${said}`)));
    server.stdout.on('data', (chunk) => {
      said = `${said}${String(chunk)}`.slice(-10_000);
      if (said.includes('Ready to accept connections')) resolve(server);
    });
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
