import type { Crm, RecordId, RunId, SyncName } from '../core/ids.ts';
import type { InboxTx, KnownAccount, WaitingEvents } from '../core/inbox-port.ts';
import { eventTroubles } from './event-troubles.ts';
import { type Executor, json, row, rows, sql } from './sql.ts';

/** The records that the events of a run name, each once, as `crm` and `record`. */
export const named = (run: RunId) => sql`(select distinct crm, record from inbox where run = ${run})`;

/** Events that name records to read again. */
export function inbox(db: Executor): InboxTx {
  return {
    ...eventTroubles(db),

    async storeEvents(events, now) {
      if (events.length === 0) return 0;
      const found = await row<{ n: number }>(
        db,
        sql`with stored as (
              insert into inbox (sync, crm, record, kind, account, key, occurred_at, received_at, delivery)
              select e.sync, e.crm, e.id, e.kind, e.account, e.key, e.at, ${now}, e.delivery
              from json_to_recordset(${json(inLockOrder(events))}) as e (sync text, crm text, id text, kind text,
                account text, key text, at bigint, delivery text)
              on conflict (sync, crm, key) do nothing returning 1)
            select count(*)::int as n from stored`,
      );
      return found?.n ?? 0;
    },

    async waitingEvents() {
      return rows<WaitingEvents>(
        db,
        sql`select sync, count(*)::int as events, min(received_at) as since from inbox where run is null
            group by sync order by sync`,
      );
    },

    async oldestEvents(syncs, now) {
      return rows<Omit<WaitingEvents, 'events'>>(
        db,
        sql`select s.sync, i.received_at as since from unnest(${[...syncs]}::text[]) as s (sync)
            join lateral (select received_at from inbox where sync = s.sync and run is null order by n limit 1) i
              on true
            where not exists (select from event_troubles t where t.sync = s.sync and t.next_at > ${now})
            order by s.sync`,
      );
    },

    async eventsHeld(sync, now) {
      const found = await row<{ approved: boolean; parked: boolean }>(
        db,
        sql`select exists (select 1 from plans where sync = ${sync} and state = 'applied') as approved,
              exists (select 1 from plans p join runs r on r.run = p.run where p.sync = ${sync} and p.state = 'open'
                and p.expires_at >= ${now} and r.mode = 'events' and r.state = 'parked') as parked`,
      );
      if (found?.approved !== true) return 'unapproved';
      return found.parked ? 'parked' : null;
    },

    async takeEvents(sync, run, limit) {
      const found = await row<{ n: number }>(
        db,
        sql`with taken as (
              update inbox set run = ${run} where n in (
                select n from inbox where sync = ${sync} and run is null order by n limit ${limit}) returning 1)
            select count(*)::int as n from taken`,
      );
      return found?.n ?? 0;
    },

    async deliveryOf(run) {
      const found = await row<{ delivery: string }>(
        db,
        sql`select delivery from inbox where run = ${run} and delivery is not null order by n limit 1`,
      );
      return found?.delivery ?? null;
    },

    async eventRecords(run, crm, account, after, limit) {
      const found = await rows<{ record: RecordId }>(
        db,
        sql`select distinct record from inbox
            where run = ${run} and crm = ${crm} and account = ${account} and record > ${after}
            order by record limit ${limit}`,
      );
      return found.map(({ record }) => record);
    },

    async namedChanged(sync, run, crm, limit) {
      const found = await rows<{ record: RecordId }>(
        db,
        sql`select distinct i.record from inbox i
            join snapshots s on s.sync = ${sync} and s.crm = i.crm and s.id = i.record
            where i.run = ${run} and i.crm = ${crm} and not s.deleted and (s.dirty or i.kind = 'linked')
            order by i.record limit ${limit}`,
      );
      return found.map(({ record }) => record);
    },

    async settleEvents(run, now) {
      await rows(db, sql`update inbox set done_at = ${now} where run = ${run} and done_at is null`);
    },

    async releaseEvents(run) {
      await rows(db, sql`update inbox set run = null where run = ${run} and done_at is null`);
    },

    async pruneEvents(before) {
      const found = await row<{ n: number }>(
        db,
        sql`with gone as (delete from inbox where received_at < ${before} returning 1)
            select count(*)::int as n from gone`,
      );
      return found?.n ?? 0;
    },

    async knownAccounts(syncs, since) {
      return rows<KnownAccount>(
        db,
        sql`select s.sync, f.key as crm, f.value ->> 'accountId' as account
            from unnest(${[...syncs]}::text[]) as s (sync)
            join lateral (select facts from runs where sync = s.sync and started_at >= ${since} and facts_of is null
                and facts::text <> '{}' order by started_at desc limit 1) r on true
            cross join lateral json_each(r.facts) f
            where f.value ->> 'accountId' is not null`,
      );
    },
  };
}

/** Two deliveries of the same events at once must wait for each other, not for ever. */
function inLockOrder<T extends { readonly sync: SyncName; readonly crm: Crm; readonly key: string }>(
  events: readonly T[],
): T[] {
  const place = ({ sync, crm, key }: T): string => `${sync}\n${crm}\n${key}`;
  return events.toSorted((x, y) => (place(x) < place(y) ? -1 : 1));
}
