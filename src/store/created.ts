import type { CreationResult } from '../core/creation-port.ts';
import { COUNTERPART_DELETED, type Note, noteOfError } from '../core/reconcile-notes.ts';
import { pairs } from './pairs.ts';
import { insertQuarantine } from './quarantine.ts';
import { snapshots } from './snapshots.ts';
import { type Executor, json, rows, sql } from './sql.ts';

type Made = Extract<CreationResult, { is: 'created' }>;

/** Records what became of creations, row by row. */
export async function saveCreated(
  db: Executor,
  sync: string,
  run: string,
  results: readonly CreationResult[],
  by: string,
  now: number,
): Promise<void> {
  const made = results.filter((result) => result.is === 'created');
  if (made.length > 0) await saveMade(db, sync, run, made, by, now);
  for (const result of results) {
    if (result.is === 'failed') {
      await journal(db, run, result.creation, 'failed', now, result.error);
      const outcome = result.quarantine === null ? 'held' : 'quarantined';
      const note = noteOfError(`refused_${result.error.code}`, result.error);
      await settle(db, sync, run, result.creation, outcome, note);
      if (result.quarantine !== null) await insertQuarantine(db, sync, run, [result.quarantine], now);
    } else if (result.is === 'dropped') {
      await journal(db, run, result.creation, 'dropped', now);
      await settle(db, sync, run, result.creation, 'held', result.note);
    } else if (result.is === 'unknown') await settle(db, sync, run, result.creation, 'held', result.note);
  }
}

/** The records are there: each is paired with its source, unless one of the two belongs to another pair by now. */
async function saveMade(
  db: Executor,
  sync: string,
  run: string,
  made: readonly Made[],
  by: string,
  now: number,
): Promise<void> {
  await snapshots(db).savePage(
    sync,
    run,
    made.map(({ snapshot }) => snapshot),
    now,
  );
  const list = made.map(({ creation, snapshot, base }) => ({ creation, record: snapshot.id, base }));
  const given = sql`json_to_recordset(${json(list)}) as r (creation bigint, record text, base jsonb)
    join creations c on c.id = r.creation`;
  const members = await rows<{
    id: number;
    crm: string;
    pair: string;
    record: string;
    source_crm: string;
    source_id: string;
  }>(db, sql`select c.id, c.crm, c.pair, r.record, c.source_crm, c.source_id from ${given} order by c.id`);
  // Several intents may have led to the one record; the earliest made it.
  const firsts = new Map(members.toReversed().map(({ id, crm, pair }) => [`${crm}:${pair}`, id]));
  await pairs(db).savePairs(
    sync,
    run,
    members.map(({ crm, pair, record, source_crm, source_id }) => ({
      key: pair,
      members: [
        { crm: source_crm, id: source_id },
        { crm, id: record },
      ],
      how: 'created',
    })),
    by,
    now,
  );
  await rows(
    db,
    sql`update pairs p set base = r.base from ${given}
        where p.sync = ${sync} and p.pair = c.pair and p.how = 'created' and p.base = '{}'`,
  );
  await rows(
    db,
    sql`update creations u set record = r.record, done_at = ${now}, done_run = coalesce(u.done_run, ${run}),
          state = case when exists (select 1 from snapshots s where s.sync = ${sync} and s.crm = c.crm
              and s.id = r.record and s.pair = c.pair) and c.id = any(${[...firsts.values()]})
            and not exists (select 1 from creations o where o.sync = ${sync} and o.crm = c.crm and o.pair = c.pair
              and o.state = 'created')
            then 'created' else 'dropped' end
        from ${given} where u.id = c.id and u.state <> 'created'`,
  );
  await rows(
    db,
    sql`update snapshots s set outcome_run = ${run}, read_run = ${run}, dirty = true,
          outcome = case when n.deleted then 'held' else 'changed' end,
          notes = case when n.deleted then ${json([COUNTERPART_DELETED])} else s.notes end
        from ${given} join snapshots n on n.sync = ${sync} and n.crm = c.crm and n.id = r.record
        where s.sync = ${sync} and s.crm = c.source_crm and s.id = c.source_id and not s.deleted`,
  );
  await rows(
    db,
    sql`update snapshots s set outcome_run = ${run}, read_run = ${run}, dirty = true,
          outcome = case when s.deleted then 'excluded' else 'changed' end,
          verdict = coalesce(s.verdict, o.verdict)
        from ${given} left join snapshots o on o.sync = ${sync} and o.crm = c.source_crm and o.id = c.source_id
        where s.sync = ${sync} and s.crm = c.crm and s.id = r.record`,
  );
}

async function journal(
  db: Executor,
  run: string,
  creation: number,
  state: string,
  now: number,
  error: unknown = null,
): Promise<void> {
  await rows(
    db,
    sql`update creations set state = ${state}, done_at = ${now}, done_run = ${run},
          error = ${error === null ? null : json(error)}
        where id = ${creation} and state in ('planned', 'sending')`,
  );
}

/** The source stays without a counterpart for now: it is to be looked at again. */
async function settle(
  db: Executor,
  sync: string,
  run: string,
  creation: number,
  outcome: 'held' | 'quarantined',
  note: Note,
): Promise<void> {
  await rows(
    db,
    sql`update snapshots s set outcome = ${outcome}, outcome_run = ${run}, read_run = ${run},
          notes = ${json([note])}, dirty = true
        from creations c where c.id = ${creation} and s.sync = ${sync} and s.crm = c.source_crm
          and s.id = c.source_id and not s.deleted`,
  );
}
