/** Opens the database: the one named by DATABASE_URL, or the embedded one. */
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { OppsyncError } from '../core/errors.ts';
import { faultOf } from '../core/fault-sentences.ts';
import type { Log } from '../core/ports.ts';
import { startEmbedded } from './embedded/start-embedded.ts';

/** An open database of schema `Tables`. Times are epoch milliseconds (bigint), decimals are text, `date` is `YYYY-MM-DD`. */
export interface Database<Tables> {
  readonly pool: pg.Pool;
  readonly db: Kysely<Tables>;
  /** With the password: not for logs. */
  readonly connectionString: string;
  /** A few connections nobody else waits for; they end with the others. */
  reserve(connections: number): Kysely<Tables>;
  /** Ends the connections, then lets go of the embedded server. Safe to call twice. */
  close(): Promise<void>;
}

export interface OpenOptions {
  /** A PostgreSQL of your own; absent = embedded. */
  readonly url?: string;
  /** Folder of the embedded database; absent = its default. */
  readonly dataDir?: string;
  readonly log: Log;
  /** At most this many connections, 10 by default. */
  readonly connections?: number;
}

const OLDEST_MAJOR = 14;
const CONNECT_WITHIN_MS = 10_000;

/**
 * @throws OppsyncError `retry` + `unreachable` naming host and port when nobody answers; `fix` for a wrong address, a
 * refused password, or a server older than PostgreSQL 14.
 */
export async function openDatabase<Tables>(options: OpenOptions): Promise<Database<Tables>> {
  const { log } = options;
  const embedded = options.url === undefined ? await startEmbedded(embeddedOptions(options)) : null;
  const connectionString = embedded?.connectionString ?? options.url ?? '';
  const pool = createPool(connectionString, options.connections ?? 10, log);
  const reserved: pg.Pool[] = [];
  const closePool = async (): Promise<void> => {
    await Promise.all([pool, ...reserved].map((one) => one.end()));
    await embedded?.close();
  };
  try {
    await checkServer(pool, connectionString);
  } catch (error) {
    await closePool();
    throw error;
  }
  let closing: Promise<void> | undefined;
  return {
    pool,
    db: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }),
    connectionString,
    reserve: (connections) => {
      const own = createPool(connectionString, connections, log);
      reserved.push(own);
      return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: own }) });
    },
    close: () => {
      closing ??= closePool();
      return closing;
    },
  };
}

function embeddedOptions({ dataDir, log }: OpenOptions): { dataDir?: string; log: Log } {
  return dataDir === undefined ? { log } : { dataDir, log };
}

function createPool(connectionString: string, connections: number, log: Log): pg.Pool {
  let pool: pg.Pool;
  try {
    placeOf(connectionString);
    pool = new pg.Pool({
      connectionString,
      max: connections,
      connectionTimeoutMillis: CONNECT_WITHIN_MS,
      keepAlive: true,
      application_name: 'oppsync',
      types: { getTypeParser },
    });
  } catch (cause) {
    throw new OppsyncError({
      recovery: 'fix',
      ...faultOf('database.url'),
      cause,
    });
  }
  // A connection dropped while idle is replaced at the next query; without a listener it would end the process.
  pool.on('error', (error) => log.warn('database connection lost', { error: error.message }));
  // One that is dropped between two statements of a transaction says so at the next; without a listener the same.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

const INT8 = 20;
const DATE = 1082;

/** Per pool, so that nothing else in the process changes. A calendar date must not become an instant. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (oid === INT8 && format !== 'binary') return safeInteger;
  if (oid === DATE && format !== 'binary') return (text: string) => text;
  return pg.types.getTypeParser(oid, format as 'text');
}

function safeInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`the database holds ${text}, which is not exact as a number`);
}

async function checkServer(pool: pg.Pool, connectionString: string): Promise<void> {
  const where = placeOf(connectionString);
  let version: number;
  try {
    const { rows } = await pool.query<{ version: number }>(
      "select current_setting('server_version_num')::int as version",
    );
    version = Math.floor((rows[0]?.version ?? 0) / 10_000);
  } catch (cause) {
    throw translated(cause, where);
  }
  if (version >= OLDEST_MAJOR) return;
  throw new OppsyncError({
    recovery: 'fix',
    ...faultOf('database.version', { where, version: String(version), oldest: String(OLDEST_MAJOR) }),
  });
}

/** Invalid password, role, database or right: asking again will not help. See PostgreSQL's appendix A, classes 28, 3D, 42. */
const WRONG_ADDRESS = /^(28|3D|42)/;

function translated(cause: unknown, where: string): OppsyncError {
  const { code = '', message } = cause as { code?: string; message: string };
  if (WRONG_ADDRESS.test(code)) {
    return new OppsyncError({
      recovery: 'fix',
      ...faultOf('database.refused', { where, words: message }),
      unreachable: true,
      cause,
    });
  }
  return new OppsyncError({
    recovery: 'retry',
    ...faultOf('database.unreachable', { where, words: message || code }),
    unreachable: true,
    cause,
  });
}

/** Host and port, never user or password. Makes no connection. */
function placeOf(connectionString: string): string {
  const { host, port } = new pg.Client({ connectionString });
  return `${host}:${port}`;
}
