import type { Crm, EpochMs, RecordRef, RunId, SyncName } from '../core/ids.ts';
import type { QuarantineRow, ReconciledBatch } from '../core/store-rows.ts';
import type { QuarantineEntry, TrustTx } from '../core/trust-port.ts';
import { type Executor, json, row, rows, sql } from './sql.ts';

/** Keeps refused records with cause and remedy, and lets go of those that are no longer refused. */
export async function saveQuarantine(
  db: Executor,
  sync: SyncName,
  run: RunId,
  quarantined: readonly QuarantineRow[],
  looked: ReconciledBatch['records'],
  at: EpochMs,
): Promise<void> {
  const healed = looked.filter((record) => record.outcome !== 'quarantined').map((record) => record.ref);
  if (healed.length > 0) {
    await rows(
      db,
      sql`delete from quarantine q using json_to_recordset(${json(healed)}) as r (crm text, id text)
          where q.sync = ${sync} and q.crm = r.crm and q.record = r.id`,
    );
  }
  await insertQuarantine(db, sync, run, quarantined, at);
}

/** Adds or renews quarantine rows; `since` and the count of attempts of an older row are kept. */
export async function insertQuarantine(
  db: Executor,
  sync: SyncName,
  run: RunId,
  quarantined: readonly QuarantineRow[],
  at: EpochMs,
): Promise<void> {
  if (quarantined.length === 0) return;
  const list = quarantined.map(({ ref, note, intent }) => ({ ...ref, ...note, intent }));
  await rows(
    db,
    sql`insert into quarantine (sync, crm, record, cause, message, remedy, field, says, params, intent, hash, run, since)
        select ${sync}, r.crm, r.id, r.cause, r.message, r.remedy, r.field, r.says, r.params, r.intent, s.hash, ${run}, ${at}
        from json_to_recordset(${json(list)}) as r (crm text, id text, cause text, message text, remedy text,
          field text, says text, params json, intent text)
        join snapshots s on s.sync = ${sync} and s.crm = r.crm and s.id = r.id
        on conflict (sync, crm, record) do update set cause = excluded.cause, message = excluded.message,
          remedy = excluded.remedy, field = excluded.field, says = excluded.says, params = excluded.params, intent = excluded.intent, hash = excluded.hash,
          run = excluded.run, attempts = quarantine.attempts + 1`,
  );
}

/** Forgets the refusals of a sync: the next run tries those writes again. Answers how many. */
export async function clearQuarantine(db: Executor, sync: SyncName): Promise<number> {
  const found = await row<{ n: number }>(
    db,
    sql`with gone as (delete from quarantine where sync = ${sync} returning crm, record),
          woken as (update snapshots s set dirty = true from gone g
            where s.sync = ${sync} and s.crm = g.crm and s.id = g.record returning 1)
        select count(*)::int as n from gone`,
  );
  return found?.n ?? 0;
}

interface EntryRecord extends Omit<QuarantineEntry, 'ref' | 'says' | 'params'> {
  crm: Crm;
  id: string;
  says: string | null;
  params: Readonly<Record<string, string>> | null;
}

/** Looking at quarantine, and letting records out of it. */
export function quarantine(db: Executor): Pick<TrustTx, 'listQuarantine' | 'replayQuarantine'> {
  return {
    async listQuarantine(sync, after, limit) {
      const found = await rows<EntryRecord>(
        db,
        sql`select q.crm, q.record as id, coalesce(s.fields ->> 'name', q.record) as name, q.cause, q.message, q.remedy,
              q.field, q.says, q.params, q.run, q.since, q.attempts, q.hash = ${REPLAYED} as replayed
            from quarantine q left join snapshots s on s.sync = q.sync and s.crm = q.crm and s.id = q.record
            where q.sync = ${sync} and (q.crm, q.record) > (${after?.crm ?? ''}, ${after?.id ?? ''})
            order by q.crm, q.record limit ${limit}`,
      );
      return found.map(({ crm, id, says, params, ...entry }) => ({
        ref: { crm, id },
        ...entry,
        ...(says === null ? {} : { says }),
        ...(params === null ? {} : { params }),
      }));
    },

    async replayQuarantine(sync, entries) {
      const list = entries.map(({ ref, run, attempts }) => ({ ...ref, run, attempts }));
      return rows<RecordRef>(
        db,
        sql`with let_out as (
              update quarantine q set hash = ${REPLAYED}
              from json_to_recordset(${json(list)}) as e (crm text, id text, run text, attempts int)
              where q.sync = ${sync} and q.crm = e.crm and q.record = e.id and q.run = e.run and q.attempts = e.attempts
              returning q.crm, q.record),
            woken as (update snapshots s set dirty = true from let_out l
              where s.sync = ${sync} and s.crm = l.crm and s.id = l.record returning 1)
            select crm, record as id from let_out order by 1, 2`,
      );
    },
  };
}

/** In place of the content hash of a refused record: it equals none, so that the refusal no longer stands. */
const REPLAYED = 'replayed';
