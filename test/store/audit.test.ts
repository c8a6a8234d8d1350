import assert from 'node:assert/strict';
import { type RawBuilder, sql } from 'kysely';
import { createRandom } from '../../src/sandbox/random.ts';
import type { SandboxRandom } from '../../src/sandbox/simulator.ts';
import { type AuditVerdict, verifyAudit } from '../../src/store/audit.ts';
import type { Executor } from '../../src/store/sql.ts';
import { type StoreRig, storeRig } from './store-rig.ts';

const ROWS = 60;
const TAMPERINGS = 1000;

describe('the audit', function () {
  this.timeout(120_000);
  let rig: StoreRig;
  before(async () => {
    rig = await storeRig();
    for (let i = 1; i <= ROWS; i++) await write(i);
  });
  after(async () => {
    await rig.close();
  });

  const write = (i: number): Promise<void> =>
    rig.store.tx((tx) =>
      tx.audit({
        at: 1000 + i,
        sync: 'main',
        by: i % 2 === 0 ? 'ann' : 'bob',
        action: 'plan.released',
        details: { digest: `d${i}` },
      }),
    );
  const check = (): Promise<AuditVerdict> => verifyAudit(rig.database.db);

  it('is whole when nothing was done to it', async () => {
    const { rows, head, fault } = await check();
    assert.deepEqual([rows, head.n, fault], [ROWS, ROWS, null]);
    assert.match(head.hash, /^[0-9a-f]{64}$/);
  });

  it('the database refuses to change, delete or empty it', async () => {
    const { pool } = rig.database;
    for (const statement of [
      "update audit set by_whom = 'eve' where n = 3",
      'delete from audit where n = 3',
      'truncate audit',
      'delete from audit_head',
      'truncate audit_head',
      'update audit_head set n = 1',
    ])
      await assert.rejects(pool.query(statement), /append-only/, statement);
    assert.equal((await check()).fault, null);
  });

  it('rows written by many at once make one chain', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => write(ROWS + 1 + i)));
    const { rows, fault } = await check();
    assert.deepEqual([rows, fault], [ROWS + 20, null]);
  });

  it('a transaction that is undone leaves no trace', async () => {
    const before = await check();
    await assert.rejects(
      rig.store.tx(async (tx) => {
        await tx.audit({ at: 1, sync: 'main', by: 'ann', action: 'run.started', details: {} });
        throw new Error('undone');
      }),
      /undone/,
    );
    assert.deepEqual(await check(), before);
  });

  it(`${TAMPERINGS} tamperings behind the database's back are found at the right row`, async () => {
    const random = createRandom('tamper');
    const last = (await check()).rows;
    const undone = new Error('taken back');
    for (let i = 0; i < TAMPERINGS; i++) {
      const transaction = rig.database.db.transaction().execute(async (tx) => {
        // As somebody with the rights of an administrator could: triggers do not stop them.
        await sql`set local session_replication_role = 'replica'`.execute(tx);
        const { what, row } = await tamper(tx, random, last);
        assert.equal((await verifyAudit(tx)).fault?.n, row, `${i}: ${what}`);
        throw undone;
      });
      await assert.rejects(transaction, (error) => error === undone);
    }
    assert.equal((await check()).fault, null);
  });

  it('pages through a long chain', async () => {
    const { pool } = rig.database;
    const { rows } = await pool.query<{ n: string }>('select count(*) as n from audit');
    assert.equal((await check()).rows, Number(rows[0]?.n));
    assert.equal((await rig.look(sql`select 1 from audit_head`)).length, 1);
  });
});

/** Does something to the audit that nobody should, and answers the first row it harms. */
async function tamper(
  db: Executor,
  random: SandboxRandom,
  last: number,
): Promise<{ what: string; row: number }> {
  const n = random.int(1, last);
  const run = (statement: RawBuilder<unknown>) => statement.execute(db);
  switch (random.int(0, 5)) {
    case 0: {
      const column = random.pick([
        'at = at + 1',
        "by_whom = by_whom || 'x'",
        "sync = 'other'",
        "action = 'plan.applied'",
        "details = '{}'",
      ]);
      await sql`update audit set ${sql.raw(column)} where n = ${n}`.execute(db);
      return { what: `value ${column} of ${n}`, row: n };
    }
    case 1: {
      const other = n === last ? n - 1 : random.int(n + 1, last);
      await run(sql`update audit set n = -n where n in (${n}, ${other})`);
      await run(
        sql`update audit set n = case when n = ${-n} then ${other}::bigint else ${n}::bigint end where n < 0`,
      );
      return { what: `order of ${n} and ${other}`, row: Math.min(n, other) };
    }
    case 2: {
      const until = n + random.int(0, Math.min(last - n, 2));
      await run(sql`delete from audit where n between ${n} and ${until}`);
      return { what: `deletion of ${n} to ${until}`, row: n };
    }
    case 3:
      await run(sql`delete from audit where n = ${n}`);
      await run(sql`update audit set n = -(n - 1) where n > ${n}`);
      await run(sql`update audit set n = -n where n < 0`);
      return { what: `deletion of ${n}, the rest moved up`, row: n };
    case 4:
      await run(sql`update audit set n = -(n + 1) where n >= ${n}`);
      await run(sql`update audit set n = -n where n < 0`);
      await run(
        sql`insert into audit select ${n}, at, sync, by_whom, action, '{"forged":true}', hash from audit where n = ${n + 1}`,
      );
      return { what: `insertion at ${n}`, row: n };
    default: {
      const at = random.pick([last + 1, -1]);
      await run(
        sql`insert into audit select ${at}, at, sync, by_whom, action, details, hash from audit where n = ${n}`,
      );
      return { what: `insertion at ${at}`, row: at };
    }
  }
}
