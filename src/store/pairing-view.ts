/** What pairing knows of a sync, read for people. Changes nothing. */
import type { Crm, RecordId, SyncName } from '../core/ids.ts';
import type { MatchFact } from '../core/match-facts.ts';
import type { PairBand, PairingReport, ReportedPair } from '../core/pairing-report.ts';
import { type Executor, rows, sql } from './sql.ts';

interface TwoRecords {
  first_crm: Crm;
  first_id: RecordId;
  first_name: string | null;
  second_crm: Crm;
  second_id: RecordId;
  second_name: string | null;
}

interface Proposed extends TwoRecords {
  band: PairBand;
  score: number;
  facts: MatchFact[];
}

/**
 * @param sides in the order of the configuration
 */
export async function pairingReport(
  db: Executor,
  sync: SyncName,
  sides: readonly [Crm, Crm],
): Promise<PairingReport> {
  const names = sql`a.fields ->> 'name' as first_name, b.fields ->> 'name' as second_name`;
  const proposed = await rows<Proposed>(
    db,
    sql`select c.first_crm, c.first_id, c.second_crm, c.second_id, c.band, c.score, c.facts, ${names}
        from candidates c
        join snapshots a on a.sync = c.sync and a.crm = c.first_crm and a.id = c.first_id and a.pair is null
        join snapshots b on b.sync = c.sync and b.crm = c.second_crm and b.id = c.second_id and b.pair is null
        where c.sync = ${sync} and not a.deleted and not b.deleted
        order by case c.band when 'certain' then 0 when 'ask' then 1 else 2 end, c.score desc, c.first_id, c.second_id`,
  );
  const made = await rows<TwoRecords & { how: string; made_by: string }>(
    db,
    sql`select a.crm as first_crm, a.id as first_id, b.crm as second_crm, b.id as second_id, p.how, p.made_by, ${names}
        from pairs p
        join snapshots a on a.sync = p.sync and a.crm = ${sides[0]} and a.pair = p.pair and not a.deleted
        join snapshots b on b.sync = p.sync and b.crm = ${sides[1]} and b.pair = p.pair and not b.deleted
        where p.sync = ${sync} order by p.how, a.id`,
  );
  const apart = await rows<TwoRecords & { by_whom: string }>(
    db,
    sql`select d.first_crm, d.first_id, d.second_crm, d.second_id, d.by_whom, ${names}
        from pair_decisions d
        left join snapshots a on a.sync = d.sync and a.crm = d.first_crm and a.id = d.first_id
        left join snapshots b on b.sync = d.sync and b.crm = d.second_crm and b.id = d.second_id
        where d.sync = ${sync} and d.ended_at is null and d.decision = 'apart' order by d.id`,
  );
  const alone = await rows<{ crm: Crm; id: RecordId; leader: RecordId | null; free: boolean }>(
    db,
    sql`select s.crm, s.id, d.leader, s.pair is null as free from snapshots s
        left join duplicates d on d.sync = s.sync and d.crm = s.crm and d.id = s.id
        where s.sync = ${sync} and not s.deleted and (d.leader is not null or s.pair is null)
        order by s.crm, s.id`,
  );
  const records = await rows<{ crm: Crm; n: number }>(
    db,
    sql`select crm, count(*)::int as n from snapshots where sync = ${sync} and not deleted group by crm`,
  );
  const inProposal = new Set(
    proposed.flatMap((row) => [`${row.first_crm}:${row.first_id}`, `${row.second_crm}:${row.second_id}`]),
  );
  const perSide = <T>(of: (crm: Crm) => T): Record<Crm, T> =>
    Object.fromEntries(sides.map((crm) => [crm, of(crm)]));
  return {
    sync,
    sides,
    records: perSide((crm) => records.find((row) => row.crm === crm)?.n ?? 0),
    pairs: [
      ...proposed.map((row) => reported(row, row.band, row.score, row.facts)),
      ...made.map((row) =>
        reported(row, row.how === 'accepted' ? 'accepted' : 'adopted', 1, [madeFact(row.how, row.made_by)]),
      ),
      ...apart.map((row) => reported(row, 'apart', 0, [{ code: 'apart', what: row.by_whom }])),
    ],
    orphans: perSide((crm) =>
      alone
        .filter(
          (row) => row.crm === crm && row.free && row.leader === null && !inProposal.has(`${crm}:${row.id}`),
        )
        .map((row) => row.id),
    ),
    duplicates: perSide((crm) => groups(alone.filter((row) => row.crm === crm))),
  };
}

function reported(row: TwoRecords, band: PairBand, score: number, facts: readonly MatchFact[]): ReportedPair {
  return {
    ids: { [row.first_crm]: row.first_id, [row.second_crm]: row.second_id },
    names: { [row.first_crm]: row.first_name ?? '', [row.second_crm]: row.second_name ?? '' },
    ...{ band, score, facts },
  };
}

function madeFact(how: string, by: string): MatchFact {
  if (how === 'accepted') return { code: 'accepted', what: by };
  return { code: how === 'key' || how === 'created' ? 'own_key' : 'linked' };
}

/** Groups of at least two records that still exist. */
function groups(list: readonly { readonly id: RecordId; readonly leader: RecordId | null }[]): RecordId[][] {
  const byLeader = new Map<RecordId, RecordId[]>();
  for (const { id, leader } of list) {
    if (leader === null) continue;
    const group = byLeader.get(leader);
    if (group === undefined) byLeader.set(leader, [id]);
    else group.push(id);
  }
  return [...byLeader.values()].filter((group) => group.length > 1);
}
