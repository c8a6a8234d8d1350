import type { Kysely } from 'kysely';
import type { QuotaState } from '../core/quota.ts';
import type { QuotaReader, QuotaStore } from '../core/quota-port.ts';
import { row, rows, sql } from './sql.ts';

/** Quotas shared through PostgreSQL. The state is text: only the core looks into it. */
export function sharedQuotas(db: Kysely<unknown>): QuotaStore & QuotaReader {
  return {
    async read(account) {
      const found = await row<{ version: number | null; state: string | null; now: number }>(
        db,
        sql`select q.version, q.state, (extract(epoch from clock_timestamp()) * 1000)::float8 as now
            from (select 1) as one left join quotas q on q.account = ${account}`,
      );
      const state = found?.state == null ? null : (JSON.parse(found.state) as QuotaState);
      return { state, version: found?.version ?? 0, now: Number(found?.now) };
    },

    async readAll(accounts) {
      const found = await rows<{ account: string; state: string }>(
        db,
        sql`select account, state from quotas where account = any(${[...accounts]}::text[])`,
      );
      const clock = await row<{ now: number }>(
        db,
        sql`select (extract(epoch from clock_timestamp()) * 1000)::float8 as now`,
      );
      return {
        states: new Map(found.map(({ account, state }) => [account, JSON.parse(state) as QuotaState])),
        now: Number(clock?.now),
      };
    },

    async write(account, version, state) {
      const text = JSON.stringify(state);
      const done = await row(
        db,
        version === 0
          ? sql`insert into quotas (account, version, state) values (${account}, 1, ${text})
                on conflict (account) do nothing returning 1`
          : sql`update quotas set version = version + 1, state = ${text}
                where account = ${account} and version = ${version} returning 1`,
      );
      return done !== null;
    },
  };
}
