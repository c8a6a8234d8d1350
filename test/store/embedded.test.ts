import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { OppsyncError } from '../../src/core/errors.ts';
import { type EmbeddedDatabase, startEmbedded } from '../../src/store/embedded/start-embedded.ts';
import { restoreLinks } from '../../src/store/embedded/usable-binaries.ts';
import { quiet } from '../support/database.ts';

interface Started {
  readonly child: ChildProcess;
  readonly connectionString: string;
  readonly dataDir: string;
  /** Lets it close as a program does at its end. */
  end(): Promise<void>;
  /** As the out-of-memory killer does. */
  kill(): Promise<void>;
}

describe('embedded database', function () {
  this.timeout(60_000);
  let dataDir: string;
  let opened: EmbeddedDatabase[] = [];
  let children: ChildProcess[] = [];

  const start = async (): Promise<EmbeddedDatabase> => {
    const database = await startEmbedded({ dataDir, log: quiet });
    opened.push(database);
    return database;
  };
  const clusterFile = (name: string): string => join(dataDir, 'cluster', name);
  const postmaster = async (): Promise<number> =>
    Number((await readFile(clusterFile('postmaster.pid'), 'utf8')).split('\n')[0]);
  const running = async (): Promise<boolean> => {
    const pid = await postmaster().catch(() => 0);
    return pid > 0 && isAlive(pid);
  };

  async function startElsewhere(): Promise<Started> {
    const script = join(import.meta.dirname, 'embedded-process.ts');
    const child = spawn(process.execPath, [script, dataDir], { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    const exited = once(child, 'exit');
    const [line] = (await Promise.race([
      once(child.stdout, 'data'),
      exited.then(() => Promise.reject(new Error('the other process ended'))),
    ])) as [Buffer];
    const end = async (): Promise<void> => {
      child.stdin.end();
      await exited;
    };
    const kill = async (): Promise<void> => {
      child.kill('SIGKILL');
      await exited;
    };
    return {
      ...(JSON.parse(String(line)) as { connectionString: string; dataDir: string }),
      child,
      end,
      kill,
    };
  }

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'oppsync-embedded-'));
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(opened.map((database) => database.close()));
    const left = await postmaster().catch(() => 0);
    if (left > 0 && isAlive(left)) process.kill(left, 'SIGKILL');
    opened = [];
    children = [];
    await rm(dataDir, { recursive: true, force: true });
  });

  it('starts, keeps what was committed over a stop, and comes back at the same address', async () => {
    const first = await start();
    await query(first.connectionString, "create table kept as select 'é' as value");
    await first.close();
    assert.equal(await running(), false);
    const second = await start();
    assert.equal(second.connectionString, first.connectionString);
    assert.deepEqual(await query(second.connectionString, 'select value from kept'), [{ value: 'é' }]);
  });

  it('is safe by default: durable, loopback only, with a password, closed to other accounts', async () => {
    const { connectionString } = await start();
    const settings = await query(
      connectionString,
      "select name, setting from pg_settings where name in ('fsync', 'listen_addresses', 'password_encryption') order by 1",
    );
    assert.deepEqual(
      settings.map((row) => row['setting']),
      ['on', '127.0.0.1', 'scram-sha-256'],
    );
    const wrong = new URL(connectionString);
    wrong.password = 'guess';
    await assert.rejects(query(wrong.href, 'select 1'), /password authentication failed/);
    assert.equal((await stat(join(dataDir, 'cluster'))).mode & 0o777, 0o700);
    assert.equal((await stat(join(dataDir, 'password'))).mode & 0o777, 0o600);
  });

  it('is one server for processes that start at once', async () => {
    const [one, two, own] = await Promise.all([startElsewhere(), startElsewhere(), start()]);
    assert.deepEqual(
      [one.connectionString, two.connectionString],
      [own.connectionString, own.connectionString],
    );
    await one.end();
    await own.close();
    assert.equal(await running(), true, 'another process still uses it');
    await two.end();
    assert.equal(await running(), false, 'the last one stops it');
  });

  it('outlives a process that was killed, and the next one takes over', async () => {
    const killed = await startElsewhere();
    await query(killed.connectionString, 'create table kept as select 1 as value');
    const pid = await postmaster();
    await killed.kill();
    assert.equal(await running(), true);
    const next = await startElsewhere();
    assert.equal(await postmaster(), pid, 'the running server was used');
    assert.deepEqual(await query(next.connectionString, 'select value from kept'), [{ value: 1 }]);
    await next.end();
    assert.equal(await running(), false, 'a killed process does not keep it running');
  });

  it('recovers after everything was killed', async () => {
    const killed = await startElsewhere();
    await query(killed.connectionString, 'create table kept as select 1 as value');
    const pid = await postmaster();
    await killed.kill();
    process.kill(pid, 'SIGKILL');
    const next = await start();
    assert.notEqual(await postmaster(), pid);
    assert.deepEqual(await query(next.connectionString, 'select value from kept'), [{ value: 1 }]);
  });

  it('is not misled by a leftover pid file whose number now belongs to another program', async () => {
    const first = await start();
    await query(first.connectionString, 'create table kept as select 1 as value');
    const file = await readFile(clusterFile('postmaster.pid'), 'utf8');
    await first.close();
    const other = spawn('bash', ['-c', 'exec -a postgres sleep 60']);
    children.push(other);
    await writeFile(clusterFile('postmaster.pid'), file.replace(/^\d+/, String(other.pid)));
    const next = await start();
    assert.deepEqual(await query(next.connectionString, 'select value from kept'), [{ value: 1 }]);
  });

  it('takes another port when its own is taken', async () => {
    const first = await start();
    const port = Number(new URL(first.connectionString).port);
    await first.close();
    const squatter = createServer().listen(port, '127.0.0.1');
    await once(squatter, 'listening');
    const next = await start();
    assert.notEqual(Number(new URL(next.connectionString).port), port);
    assert.deepEqual(await query(next.connectionString, 'select 1 as value'), [{ value: 1 }]);
    squatter.close();
  });

  it('stays for a connection that is not ours', async () => {
    const database = await start();
    const guest = new pg.Client({ connectionString: database.connectionString });
    await guest.connect();
    await database.close();
    assert.equal((await guest.query('select 1 as value')).rows[0].value, 1);
    await guest.end();
    await (await start()).close();
    assert.equal(await running(), false);
  });

  it('takes over the lock of a process that is gone', async () => {
    const gone = spawn('true');
    await once(gone, 'exit');
    await writeFile(join(dataDir, 'lock'), JSON.stringify({ pid: gone.pid, began: 'long ago' }));
    await start();
    // A living process of that number which is not the one that took the lock.
    await writeFile(join(dataDir, 'lock'), JSON.stringify({ pid: process.pid, began: 'long ago' }));
    await start();
  });

  it('begins anew when it was killed while making the cluster', async () => {
    await mkdir(join(dataDir, 'cluster.new'));
    await writeFile(join(dataDir, 'cluster.new', 'PG_VERSION'), '18\n');
    const database = await start();
    assert.deepEqual(await query(database.connectionString, 'select 1 as value'), [{ value: 1 }]);
  });

  it('refuses data of another major version with the way out', async () => {
    await (await start()).close();
    await writeFile(clusterFile('PG_VERSION'), '15\n');
    await assert.rejects(start(), (error) => {
      assert.ok(error instanceof OppsyncError);
      assert.equal(error.details.code, 'database.version');
      assert.match(error.message, /PostgreSQL 15.*PostgreSQL 18/);
      assert.match(error.details.remedy, /pg_dump/);
      return true;
    });
  });

  it('shows what the server said when it does not start', async () => {
    await (await start()).close();
    await writeFile(clusterFile('postgresql.conf'), 'no_such_setting = 1\n');
    await assert.rejects(
      start(),
      (error) =>
        error instanceof OppsyncError &&
        /no_such_setting/.test(error.message) &&
        error.details.unreachable === true,
    );
  });

  it('finds a way when the server account cannot enter the folder asked for', async function () {
    if (process.getuid?.() !== 0) {
      console.log('SKIPPED: not root, so the server runs under our own account');
      this.skip();
    }
    const closed = await mkdtemp(join(tmpdir(), 'oppsync-closed-'));
    await chmod(closed, 0o700);
    const database = await startEmbedded({ dataDir: join(closed, 'project', 'postgres'), log: quiet });
    try {
      assert.ok(!database.dataDir.startsWith(closed));
      assert.deepEqual(await query(database.connectionString, 'select 1 as value'), [{ value: 1 }]);
      const owner = await stat(join(database.dataDir, 'cluster'));
      assert.notEqual(owner.uid, 0);
      assert.equal(owner.mode & 0o777, 0o700);
    } finally {
      await database.close();
      await rm(closed, { recursive: true });
      await rm(join(database.dataDir, '..'), { recursive: true });
    }
  });

  it('recreates the library links npm leaves out, as often as asked', async () => {
    const root = join(dataDir, 'native');
    await mkdir(join(root, 'lib'), { recursive: true });
    await writeFile(join(root, 'lib', 'libx.so.1.2'), 'library');
    const listed = ['libx.so', 'libx.so.1'].map((name) => ({
      source: 'native/lib/libx.so.1.2',
      target: `native/lib/${name}`,
    }));
    await writeFile(join(root, 'pg-symlinks.json'), JSON.stringify(listed));
    await symlink('libx.so.1.2', join(root, 'lib', 'libx.so'));
    assert.equal(await restoreLinks(root), true);
    assert.equal(await restoreLinks(root), true);
    assert.equal(await readFile(join(root, 'lib', 'libx.so.1'), 'utf8'), 'library');
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function query(connectionString: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
