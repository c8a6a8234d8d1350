import type { FieldConflict } from '../core/group.ts';
import type { EpochMs, PairKey } from '../core/ids.ts';
import {
  holds,
  type NewResolution,
  type Resolution,
  type Resolutions,
  resolutionKey,
} from '../core/resolve.ts';
import type { ConflictActors, ConflictRow, TrustTx, UnnamedConflict } from '../core/trust-port.ts';
import { named } from './inbox.ts';
import { type Executor, json, rows, sql } from './sql.ts';

type Conflicts = Pick<
  TrustTx,
  'pairKeys' | 'listConflicts' | 'unnamedConflicts' | 'noteActors' | 'saveResolutions' | 'dropResolutions'
>;

interface ResolutionRecord {
  subject: string;
  field: string;
  decided: Resolution['decided'];
  choice: string | null;
  seen: Record<string, string | null>;
  by_whom: string;
}

interface ConflictRecord {
  id: string;
  pair: PairKey;
  name: string | null;
  details: FieldConflict;
  who: ConflictActors['who'];
  since: EpochMs;
  decided: Resolution['decided'] | null;
  choice: string | null;
  seen: Record<string, string | null> | null;
  by_whom: string | null;
  decided_at: EpochMs | null;
}

/** Conflicts that wait for a person, and what people decided. */
export function conflicts(db: Executor): Conflicts {
  return {
    async pairKeys(sync, after, limit) {
      const found = await rows<{ pair: PairKey }>(
        db,
        sql`select pair from pairs where sync = ${sync} and pair > ${after} order by pair limit ${limit}`,
      );
      return found.map(({ pair }) => pair);
    },

    async listConflicts(sync, after, limit) {
      const found = await rows<ConflictRecord>(
        db,
        sql`select c.id, c.pair, c.details, c.who, c.since, r.decided, r.choice, r.seen, r.by_whom, r.at as decided_at,
              (select s.fields ->> 'name' from snapshots s where s.sync = c.sync and s.pair = c.pair
                order by s.crm limit 1) as name
            from conflicts c
            left join resolutions r on r.sync = c.sync and r.subject = 'pair:' || c.pair and r.field = c.field
            where c.sync = ${sync} and c.id > ${after} order by c.id limit ${limit}`,
      );
      return found.map(toConflict);
    },

    async unnamedConflicts(sync, limit, run) {
      const ofRun =
        run === undefined
          ? sql`true`
          : sql`c.pair in (select s.pair from ${named(run)} n
              join snapshots s on s.sync = ${sync} and s.crm = n.crm and s.id = n.record)`;
      const found = await rows<UnnamedConflict>(
        db,
        sql`select c.pair, c.field, json_object_agg(side.key, json_build_object('id', side.value ->> 'id',
                'value', side.value ->> 'value') order by side.key) as sides
            from conflicts c, json_each(c.details -> 'sides') side
            where c.sync = ${sync} and side.value ->> 'deleted' is null and ${ofRun}
              and (not c.who ? side.key or c.who -> side.key ->> 'value' is distinct from side.value ->> 'value')
            group by c.pair, c.field, c.since order by c.since, c.pair, c.field limit ${limit}`,
      );
      return found;
    },

    async noteActors(sync, list) {
      if (list.length === 0) return;
      await rows(
        db,
        sql`update conflicts c set who = c.who || a.who
            from json_to_recordset(${json(list)}) as a (pair text, field text, who jsonb)
            where c.sync = ${sync} and c.pair = a.pair and c.field = a.field`,
      );
    },

    async saveResolutions(sync, list) {
      if (list.length === 0) return;
      await insertResolutions(db, sync, list);
      const pairs = list.flatMap(({ subject }) => (subject.startsWith('pair:') ? [subject.slice(5)] : []));
      await rows(
        db,
        sql`update snapshots set dirty = true where sync = ${sync} and pair = any(${pairs}) and not dirty`,
      );
    },

    async dropResolutions(sync, list) {
      if (list.length === 0) return;
      await rows(
        db,
        sql`delete from resolutions r using json_to_recordset(${json(list)}) as d (subject text, field text)
            where r.sync = ${sync} and r.subject = d.subject and r.field = d.field`,
      );
    },
  };
}

/** Remembers decisions, each in the place of an earlier one about the same field. Wakes nobody. */
export async function insertResolutions(
  db: Executor,
  sync: string,
  list: readonly NewResolution[],
): Promise<void> {
  if (list.length === 0) return;
  await rows(
    db,
    sql`insert into resolutions (sync, subject, field, decided, choice, seen, by_whom, at, run)
            select ${sync}, r.subject, r.field, r.decided, r.choice, r.seen, r.by, r.at, r.run
            from json_to_recordset(${json(list)}) as r (subject text, field text, decided text, choice text,
              seen jsonb, by text, at bigint, run text)
            on conflict (sync, subject, field) do update set decided = excluded.decided, choice = excluded.choice,
              seen = excluded.seen, by_whom = excluded.by_whom, at = excluded.at, run = excluded.run`,
  );
}

/** What people decided about these subjects, by subject. */
export async function resolutionsOf(
  db: Executor,
  sync: string,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, Resolutions>> {
  const found = await rows<ResolutionRecord>(
    db,
    sql`select subject, field, decided, choice, seen, by_whom from resolutions
        where sync = ${sync} and subject = any(${[...subjects]})`,
  );
  const bySubject = new Map<string, Map<string, Resolution>>();
  for (const { subject, field, by_whom, ...rest } of found) {
    const own = bySubject.get(subject) ?? new Map<string, Resolution>();
    bySubject.set(subject, own.set(resolutionKey(subject, field), { ...rest, by: by_whom }));
  }
  return bySubject;
}

function toConflict(found: ConflictRecord): ConflictRow {
  const { id, pair, details, since, decided, choice, seen, by_whom, decided_at } = found;
  const resolution =
    decided === null ? null : { decided, choice, seen: seen ?? {}, by: by_whom ?? '', at: decided_at ?? 0 };
  const sides = Object.entries(details.sides).map(([crm, { value }]) => ({ crm, value }));
  return {
    id,
    pair,
    name: found.name ?? pair,
    conflict: { ...details, sides: withActors(details.sides, found.who) },
    since,
    resolution: resolution !== null && holds(resolution, 'text', sides) ? resolution : null,
  };
}

/** The author counts only while the side holds the value that was asked about. */
function withActors(sides: FieldConflict['sides'], who: ConflictActors['who']): FieldConflict['sides'] {
  return Object.fromEntries(
    Object.entries(sides).map(([crm, side]) => {
      const told = who[crm];
      if (told === undefined || told.value !== side.value || told.at === null) return [crm, side];
      return [crm, { ...side, actor: told.actor, at: told.at }];
    }),
  );
}
