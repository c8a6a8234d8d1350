import { type Note, noteOfError } from '../core/reconcile-notes.ts';
import type { StoreTx } from '../core/store-port.ts';
import type { PushResult } from '../core/store-rows.ts';
import { rememberUndone } from './journal.ts';
import { insertQuarantine } from './quarantine.ts';
import { noteWritten } from './record-history.ts';
import { contentHash, snapshots } from './snapshots.ts';
import { type Executor, json, rows, sql } from './sql.ts';

/** A record that waits for a person goes on waiting, also when other fields of it were written. */
const KEPT = sql`case when s.outcome in ('quarantined', 'conflict', 'held') then s.outcome else 'changed' end`;

type Pushed = Pick<StoreTx, 'savePushed' | 'pushTally'>;

/** What became of the writes: each row's own result advances its own base, and nothing else does. */
export function pushed(db: Executor): Pushed {
  return {
    async savePushed(sync, run, results, now) {
      const written = results.filter((result) => result.is === 'applied');
      if (written.length > 0) {
        await journal(db, run, written, 'applied', now);
        await noteWritten(db, sync, run, written, now);
        await rows(
          db,
          sql`update snapshots s set fields = r.fields, owned = r.owned, pair_key = r.pair_key, evidence = r.evidence,
                version = coalesce(r.version, s.version), seen_at = greatest(s.seen_at, s.changed_at, r.seen),
                settled_at = case when s.outcome in ('quarantined', 'conflict', 'held') then s.settled_at
                  else greatest(s.seen_at, s.changed_at, r.seen) end,
                hash = r.hash, outcome = ${KEPT}, outcome_run = ${run}, read_run = ${run}
              from json_to_recordset(${json(written.map(toWritten))}) as r (crm text, id text, version text,
                seen bigint, fields json, owned json, pair_key text, evidence json, hash text)
              where s.sync = ${sync} and s.crm = r.crm and s.id = r.id`,
        );
      }
      const already = results.filter((result) => result.is === 'already');
      if (already.length > 0) {
        await snapshots(db).savePage(
          sync,
          run,
          already.map((result) => result.snapshot),
          now,
        );
        await journal(db, run, already, 'applied', now);
        await rows(
          db,
          sql`update snapshots s set outcome = ${KEPT}, outcome_run = ${run}, read_run = ${run},
                settled_at = case when s.outcome in ('quarantined', 'conflict', 'held') then s.settled_at
                  else coalesce(s.seen_at, s.changed_at) end
              from changes c where c.id = any(${already.map((result) => result.change)})
                and s.sync = ${sync} and s.crm = c.crm and s.id = c.record`,
        );
      }
      for (const result of results) {
        if (result.is === 'failed') {
          const note = noteOfError(`refused_${result.error.code}`, result.error);
          await journal(db, run, [result], 'failed', now, result.error);
          await settle(db, sync, run, [result.change], result.quarantine === null ? 'held' : 'quarantined', [
            note,
          ]);
          if (result.quarantine !== null) await insertQuarantine(db, sync, run, [result.quarantine], now);
        } else if (result.is === 'dropped') {
          await journal(db, run, [result], 'dropped', now);
          await settle(db, sync, run, [result.change], 'held', [result.note]);
        } else if (result.is === 'moved') {
          await journal(db, run, [result], 'moved', now);
        }
      }
      const acknowledged = [...written, ...already].map((result) => result.change);
      await advanceBases(db, acknowledged);
      await rememberUndone(db, run, acknowledged, now);
    },

    async pushTally(run) {
      const found = await rows<{ crm: string; update: number; create: number; failed: number }>(
        db,
        sql`select crm, sum(updated)::int as update, sum(created)::int as create, sum(failed)::int as failed from (
              select crm, (state = 'applied' and sent_at is not null)::int as updated, 0 as created,
                (state = 'failed')::int as failed from changes where done_run = ${run}
              union all
              select crm, 0, (state = 'created' and sent_at is not null)::int, (state = 'failed')::int
              from creations where done_run = ${run}) t
            group by crm`,
      );
      return Object.fromEntries(found.map(({ crm, ...counts }) => [crm, counts]));
    },
  };
}

/** With the hash of what is there now: when the next reading says the same, the record is not looked at again. */
function toWritten({ after, version, changedAt }: Extract<PushResult, { is: 'applied' }>) {
  const { crm, id, fields, owned, pairKey, evidence } = after;
  return {
    crm,
    id,
    version,
    seen: changedAt,
    fields,
    owned,
    pair_key: pairKey,
    evidence,
    hash: contentHash(after),
  };
}

async function journal(
  db: Executor,
  run: string,
  results: readonly { readonly change: number }[],
  state: string,
  now: number,
  error: unknown = null,
): Promise<void> {
  await rows(
    db,
    sql`update changes set state = ${state}, done_at = ${now}, done_run = ${run},
          error = ${error === null ? null : json(error)}
        where id = any(${results.map((result) => result.change)})`,
  );
}

/** The record ended otherwise than planned: it is to be looked at again. */
async function settle(
  db: Executor,
  sync: string,
  run: string,
  changes: readonly number[],
  outcome: 'held' | 'quarantined',
  notes: readonly Note[],
): Promise<void> {
  await rows(
    db,
    sql`update snapshots s set outcome =
            case when ${outcome} = 'held' and s.outcome in ('quarantined', 'conflict') then s.outcome else ${outcome} end,
           outcome_run = ${run}, read_run = ${run},
          notes = ${json(notes)}, dirty = true
        from changes c where c.id = any(${[...changes]}) and s.sync = ${sync} and s.crm = c.crm and s.id = c.record`,
  );
}

async function advanceBases(db: Executor, changes: readonly number[]): Promise<void> {
  if (changes.length === 0) return;
  await rows(
    db,
    sql`update pairs p set base = p.base || c.agreed::jsonb from changes c
        where c.id = any(${[...changes]}) and p.sync = c.sync and p.pair = c.pair and c.agreed::text <> '{}'`,
  );
  // Where both sides of a pair are written, in whichever order, what the other write has brought about stands as well. The
  // others are found by their records, step by step: as one join this looked at all writes of the run for each of these.
  await rows(
    db,
    sql`with mine as materialized (
          select sync, run, crm, pair, fields from changes where id = any(${[...changes]}) and pair is not null),
        members as materialized (
          select crm, id from snapshots where sync = any(array(select distinct sync from mine))
            and pair = any(array(select pair from mine))),
        others as materialized (
          select crm, pair, fields from changes where run = any(array(select distinct run from mine))
            and crm = any(array(select distinct crm from members)) and record = any(array(select id from members))
            and state = 'applied')
        update pairs p set base = p.base || x.both from (
          select c.sync, c.pair, jsonb_object_agg(f ->> 'field',
              coalesce(q.base -> (f ->> 'field'), '{}') || jsonb_build_object(o.crm, f -> 'after')) as both
          from mine c
          join others o on o.pair = c.pair and o.crm <> c.crm
          join pairs q on q.sync = c.sync and q.pair = c.pair
          cross join json_array_elements(o.fields) f
          where not (f ->> 'owned')::boolean and q.base ? (f ->> 'field')
            and exists (select 1 from json_array_elements(c.fields) g
              where g ->> 'field' = f ->> 'field' and not (g ->> 'owned')::boolean)
          group by 1, 2) x
        where p.sync = x.sync and p.pair = x.pair`,
  );
}
