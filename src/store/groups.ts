import type { Finding } from '../core/findings.ts';
import type { Group, GroupMember, Refusal } from '../core/group.ts';
import { type Crm, type PairKey, type RecordId, refKey } from '../core/ids.ts';
import { type HistoryEntry, standingOf } from '../core/measure-record.ts';
import type { AgreedValues } from '../core/merge.ts';
import type { Snapshot } from '../core/opportunity.ts';
import type { Note } from '../core/reconcile-notes.ts';
import type { RecordOutcome } from '../core/report.ts';
import { byCrm, type NewResolution, type Resolutions } from '../core/resolve.ts';
import type { StoreTx } from '../core/store-port.ts';
import type { ReconciledBatch } from '../core/store-rows.ts';
import type { Outcome, Status } from '../core/verdict.ts';
import { conflicts, insertResolutions, resolutionsOf } from './conflicts.ts';
import { saveCreations } from './creations.ts';
import { FINDINGS_OF } from './findings.ts';
import { saveQuarantine } from './quarantine.ts';
import { movesOf } from './record-history.ts';
import { type Executor, json, rows, sql } from './sql.ts';

type Groups = Pick<StoreTx, 'loadGroups' | 'saveReconciled'>;

interface MemberRecord {
  crm: Crm;
  id: RecordId;
  version: string;
  changed_at: number;
  seen_at: number | null;
  settled_at: number | null;
  deleted: boolean;
  fields: Snapshot['fields'];
  owned: Snapshot['owned'];
  evidence: Snapshot['evidence'];
  pair_key: string | null;
  linked_id: string | null;
  absorbed: string[] | null;
  findings: Finding[] | null;
  pair: PairKey | null;
  status: Status | null;
  outcome: Outcome | null;
  base: Record<string, AgreedValues> | null;
  q_cause: string | null;
  q_message: string | null;
  q_remedy: string | null;
  q_says: string | null;
  q_params: Readonly<Record<string, string>> | null;
  q_field: string | null;
  q_intent: string | null;
  q_unchanged: boolean | null;
}

/** Outcomes after which a record has to be looked at again by the next run, whatever happens. */
const UNSETTLED: readonly RecordOutcome[] = ['conflict', 'held', 'quarantined'];

/** Groups to reconcile, and what was decided about them. */
export function groups(db: Executor): Groups {
  return {
    async loadGroups(sync, keys) {
      const pairKeys = keys.filter((key) => key.startsWith('pair:')).map((key) => key.slice(5));
      const singles = keys.filter((key) => !key.startsWith('pair:'));
      const found = await rows<MemberRecord>(
        db,
        sql`select s.crm, s.id, s.version, s.changed_at, s.seen_at, s.settled_at, s.deleted, s.fields, s.owned, s.evidence, s.pair_key,
              s.linked_id, s.absorbed, s.pair, ${FINDINGS_OF} as findings, s.verdict ->> 'status' as status, s.verdict ->> 'outcome' as outcome, p.base, q.cause as q_cause, q.message as q_message,
              q.remedy as q_remedy, q.field as q_field, q.says as q_says, q.params as q_params, q.intent as q_intent, q.hash = s.hash as q_unchanged
            from (select * from snapshots where sync = ${sync} and pair = any(${pairKeys})
                  union all
                  select s.* from snapshots s join json_to_recordset(${json(singles.map(toRef))})
                    as r (crm text, id text) on s.crm = r.crm and s.id = r.id
                  where s.sync = ${sync} and s.pair is null) s
            left join pairs p on p.sync = s.sync and p.pair = s.pair
            left join quarantine q on q.sync = s.sync and q.crm = s.crm and q.record = s.id
            order by s.crm, s.id`,
      );
      const byKey = new Map<string, MemberRecord[]>();
      for (const member of found) {
        const key = member.pair === null ? `${member.crm}:${member.id}` : `pair:${member.pair}`;
        const list = byKey.get(key) ?? [];
        list.push(member);
        byKey.set(key, list);
      }
      const subjects = [...keys, ...found.map((member) => `${member.crm}:${member.id}`)];
      const resolutions = await resolutionsOf(db, sync, subjects);
      const histories = await movesOf(db, sync, found);
      return [...byKey].map(([key, members]) => toGroup(key, members, resolutions, histories));
    },

    async saveReconciled(batch) {
      await saveOutcomes(db, batch);
      await saveAgreements(db, batch);
      await saveConflicts(db, batch);
      await conflicts(db).dropResolutions(batch.sync, batch.outdated ?? []);
      await insertResolutions(
        db,
        batch.sync,
        (batch.left ?? []).map((left) => leaving(left, batch)),
      );
      await saveQuarantine(db, batch.sync, batch.run, batch.quarantined, batch.records, batch.at);
      await saveCreations(db, batch);
      return saveWrites(db, batch);
    },
  };
}

/** The verdicts travel once: what they were before is seen by the same statement that replaces them. */
async function saveOutcomes(db: Executor, batch: ReconciledBatch): Promise<void> {
  const records = batch.records.map(({ ref, verdict, outcome, notes, again = false }) => ({
    ...{ crm: ref.crm, id: ref.id, verdict, outcome },
    notes: notes.length === 0 ? null : notes,
    again: again || UNSETTLED.includes(outcome),
  }));
  await rows(
    db,
    sql`with given as materialized (
          select * from json_to_recordset(${json(records)}) as r (crm text, id text, outcome text, notes json,
            verdict json, again boolean)),
        history as (
          insert into verdict_history (sync, crm, record, at, run, before, after)
          select s.sync, s.crm, s.id, ${batch.at}, ${batch.run}, s.verdict, r.verdict
          from given r
          join snapshots s on s.sync = ${batch.sync} and s.crm = r.crm and s.id = r.id
          where s.verdict is not null and s.verdict::text <> r.verdict::text
            and (s.verdict ->> 'status' <> r.verdict ->> 'status'
              or coalesce(s.verdict ->> 'outcome', '') <> coalesce(r.verdict ->> 'outcome', '')
              or coalesce(s.verdict ->> 'phase', '') <> coalesce(r.verdict ->> 'phase', '')))
        update snapshots s set outcome = r.outcome, outcome_run = ${batch.run}, read_run = ${batch.run},
          notes = coalesce(r.notes, case when s.pair is null and s.notes #>> '{0,cause}' = 'ambiguous_link'
            then s.notes end),
          verdict_at = case when s.verdict::text is distinct from r.verdict::text then ${batch.at} else s.verdict_at end,
          settled_at = case when r.outcome = 'in_sync' then coalesce(s.seen_at, s.changed_at) else s.settled_at end,
          verdict = r.verdict, dirty = r.again
        from given r where s.sync = ${batch.sync} and s.crm = r.crm and s.id = r.id`,
  );
}

async function saveAgreements(db: Executor, batch: ReconciledBatch): Promise<void> {
  const agreements = Object.entries(batch.agreed).map(([pair, base]) => ({ pair, base }));
  if (agreements.length === 0) return;
  await rows(
    db,
    sql`update pairs p set base = p.base || a.base
        from json_to_recordset(${json(agreements)}) as a (pair text, base jsonb)
        where p.sync = ${batch.sync} and p.pair = a.pair`,
  );
}

async function saveConflicts(db: Executor, batch: ReconciledBatch): Promise<void> {
  const looked = Object.keys(batch.conflicts);
  const open = Object.entries(batch.conflicts).flatMap(([pair, list]) =>
    list.map((conflict) => ({ pair, field: conflict.field, details: conflict })),
  );
  await rows(
    db,
    sql`delete from conflicts c where c.sync = ${batch.sync} and c.pair = any(${looked})
          and not exists (select 1 from json_to_recordset(${json(open)}) as o (pair text, field text)
            where o.pair = c.pair and o.field = c.field)`,
  );
  if (open.length === 0) return;
  await rows(
    db,
    sql`insert into conflicts (sync, pair, field, details, run, since)
        select ${batch.sync}, o.pair, o.field, o.details, ${batch.run}, ${batch.at}
        from json_to_recordset(${json(open)}) as o (pair text, field text, details json)
        on conflict (sync, pair, field) do update set details = excluded.details, run = excluded.run`,
  );
}

/** Replaces what this run had planned for these records, so that deciding twice plans once. */
async function saveWrites(
  db: Executor,
  batch: ReconciledBatch,
): Promise<readonly { change: number; crm: Crm }[]> {
  // Record by record: as a join of two lists, while the table has grown and its statistics have not, this looked at all writes
  // of the run for each of these.
  await rows(
    db,
    sql`delete from changes where id = any(array(
          select c.id from json_to_recordset(${json(batch.records.map((record) => record.ref))}) as r (crm text, id text)
          cross join lateral (select id from changes where sync = ${batch.sync} and run = ${batch.run}
            and crm = r.crm and record = r.id and state = 'planned' offset 0) c))`,
  );
  if (batch.writes.length === 0) return [];
  const writes = batch.writes.map((write) => ({ ...write, record: write.id }));
  const found = await rows<{ id: number; crm: Crm }>(
    db,
    sql`insert into changes (sync, run, crm, record, pair, name, fields, agreed, state, round)
        select ${batch.sync}, ${batch.run}, w.crm, w.record, w.pair, w.name, w.changes, w.agreed, 'planned',
          ${batch.round}
        from json_to_recordset(${json(writes)}) as w (crm text, record text, pair text, name text, changes json,
          agreed json)
        returning id, crm`,
  );
  return found.map((entry) => ({ change: Number(entry.id), crm: entry.crm }));
}

/** Remembered like a person's decision to leave both as they are: it holds until one of them moves. */
function leaving(
  { pair, field, by, seen }: NonNullable<ReconciledBatch['left']>[number],
  { at, run }: ReconciledBatch,
): NewResolution {
  return { subject: `pair:${pair}`, field, decided: 'leave', choice: null, seen, by: byCrm(by), at, run };
}

function toRef(key: string): { crm: string; id: string } {
  const at = key.indexOf(':');
  return { crm: key.slice(0, at), id: key.slice(at + 1) };
}

function toGroup(
  groupKey: string,
  members: readonly MemberRecord[],
  all: ReadonlyMap<string, Resolutions>,
  histories: ReadonlyMap<string, readonly HistoryEntry[]>,
): Group {
  const [first] = members;
  const refusals = new Map<string, Refusal>();
  for (const member of members) {
    if (member.q_intent === null || member.q_intent === '') continue;
    refusals.set(`${member.crm}:${member.id}`, {
      intent: member.q_intent,
      unchanged: member.q_unchanged === true,
      note: noteOf(member),
    });
  }
  const key = first?.pair ?? null;
  const subjects = new Set([groupKey, ...members.map((member) => `${member.crm}:${member.id}`)]);
  const resolutions = new Map([...subjects].flatMap((subject) => [...(all.get(subject) ?? [])]));
  return {
    pair: key === null ? null : { key, base: first?.base ?? {} },
    members: members.map(toMember),
    seen: new Map(
      members.map((member) => [
        refKey(member),
        { standing: standing(member), history: histories.get(refKey(member)) ?? [] },
      ]),
    ),
    refusals,
    resolutions,
  };
}

function standing({ status, outcome }: MemberRecord): string | null {
  return status === null ? null : standingOf({ status, outcome });
}

function noteOf(member: MemberRecord): Note {
  return {
    cause: member.q_cause ?? '',
    message: member.q_message ?? '',
    remedy: member.q_remedy ?? '',
    ...(member.q_field === null ? {} : { field: member.q_field }),
    ...(member.q_says === null ? {} : { says: member.q_says }),
    ...(member.q_params === null ? {} : { params: member.q_params }),
  };
}

function toMember(record: MemberRecord): GroupMember {
  return {
    crm: record.crm,
    id: record.id,
    version: record.version,
    changedAt: record.changed_at,
    seenAt: record.seen_at,
    settledAt: record.settled_at,
    deleted: record.deleted,
    fields: record.fields,
    owned: record.owned,
    evidence: record.evidence,
    pairKey: record.pair_key,
    linkedId: record.linked_id,
    absorbedIds: record.absorbed ?? [],
    ...(record.findings === null ? {} : { findings: record.findings }),
  };
}
