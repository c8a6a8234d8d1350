import type { Kysely } from 'kysely';
import type { StreamRow, StreamStore } from '../core/change-stream-port.ts';
import type { NewEvent } from '../core/inbox-port.ts';
import { inbox } from './inbox.ts';
import { json, row, rows, sql } from './sql.ts';

/** Where the streams of changes stand. */
export function changeStreams(db: Kysely<unknown>): StreamStore {
  return {
    async load(crm, syncs) {
      const found = await rows<StreamRow>(
        db,
        sql`select sync, crm, account, position, moved_at as "movedAt", state, trouble, fault, heard_at as "heardAt",
              event_at as "eventAt", lag_ms as "lagMs", gap_at as "gapAt", gap
            from change_streams where crm = ${crm} and sync = any(${[...syncs]}) order by sync`,
      );
      return found.map((one) => ({
        ...one,
        position: one.position === null ? null : new Uint8Array(one.position),
      }));
    },

    async join({ crm, account, syncs }, position, behind, now) {
      const place = position === null ? null : Buffer.from(position);
      await rows(
        db,
        sql`insert into change_streams (sync, crm, account, position, moved_at, state, gap_at, gap)
            select s, ${crm}, ${account}, ${place}, ${now}, 'following',
              case when s = any(${[...behind]}) then ${now}::bigint end,
              case when s = any(${[...behind]}) then 'started' end
            from unnest(${[...syncs]}::text[]) s order by s
            on conflict (sync, crm) do update set
              account = excluded.account, position = excluded.position, moved_at = excluded.moved_at,
              state = case when change_streams.trouble is null then excluded.state else change_streams.state end,
              gap_at = coalesce(excluded.gap_at, change_streams.gap_at),
              gap = case when excluded.gap_at is null or change_streams.gap_at is not null
                then change_streams.gap else excluded.gap end`,
      );
    },

    async lose({ crm, syncs }, now) {
      await rows(
        db,
        sql`update change_streams set position = null, moved_at = ${now}, gap_at = ${now}, gap = 'lost'
            where crm = ${crm} and sync = any(${[...syncs]})`,
      );
    },

    take: ({ crm, account, syncs }, { events, position, gap }, now) =>
      db.transaction().execute(async (tx) => {
        const told = syncs.flatMap((sync) => events.map((event): NewEvent => ({ ...event, sync, crm })));
        const fresh = await inbox(tx).storeEvents(told, now);
        const newest = Math.max(...events.map(({ at }) => at ?? Number.NEGATIVE_INFINITY));
        const lag = Number.isFinite(newest) ? Math.max(0, now - newest) : null;
        const place = position === null ? null : Buffer.from(position);
        const moved = await row<{ n: number }>(
          tx,
          sql`with moved as (
                update change_streams set
                  account = ${account}, state = 'following', trouble = null, fault = null, heard_at = ${now},
                  event_at = case when ${events.length > 0} then ${now}::bigint else event_at end,
                  lag_ms = coalesce(${lag}::bigint, lag_ms),
                  gap_at = case when ${gap !== null} then ${now}::bigint
                    when position is null and ${place}::bytea is not null then ${now}::bigint
                    else gap_at end,
                  gap = coalesce(${gap}::text, gap,
                    case when position is null and ${place}::bytea is not null then 'started' end),
                  moved_at = case when ${place}::bytea is null then moved_at else ${now}::bigint end,
                  position = coalesce(${place}::bytea, position)
                where crm = ${crm} and sync = any(${[...syncs]}) returning 1)
              select count(*)::int as n from moved`,
        );
        if (moved?.n !== syncs.length) throw new Error(`the stream of ${syncs.join(', ')} was never joined`);
        return fresh;
      }),

    async say({ crm, syncs }, state, trouble, fault) {
      await rows(
        db,
        sql`update change_streams set state = ${state}, trouble = ${trouble},
              fault = ${fault === null ? null : json(fault)}
            where crm = ${crm} and sync = any(${[...syncs]})`,
      );
    },

    async closeGap(sync, crm, readFrom) {
      await rows(
        db,
        sql`update change_streams set gap_at = null, gap = null
            where sync = ${sync} and crm = ${crm} and gap_at <= ${readFrom}`,
      );
    },
  };
}
