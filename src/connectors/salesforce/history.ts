import type { AccountFacts, FieldFact } from '../../core/account-facts.ts';
import type { ErrorDetails } from '../../core/errors.ts';
import type { FieldEntry, Histories } from '../../core/field-history.ts';
import type { EpochMs, RecordId } from '../../core/ids.ts';
import { accountIndex } from './account-index.ts';
import type { Client } from './client.ts';
import { type QueryAnswer, queryTogether } from './composite-query.ts';
import { fromAnswer } from './errors.ts';
import { canonicalValue, momentOf } from './map.ts';
import { queryPath, type Row, readResultPage } from './query.ts';
import { to18 } from './record-id.ts';
import { isIn, moment, select } from './soql.ts';

export const HISTORY_BATCH = 2_000;

/** Of these Salesforce always keeps a history, one row per save of any of them (OpportunityHistory). */
const ALWAYS_KEPT: ReadonlySet<string> = new Set(['StageName', 'Amount', 'CloseDate']);
/** The history of a record is hidden from this user, or part of it is: nothing can be known then. */
const HIDDEN = new Set(['INVALID_TYPE', 'INVALID_FIELD', 'NOT_FOUND', 'INSUFFICIENT_ACCESS']);
const USER_ID = /^005[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?$/;

type Entries = Map<RecordId, Record<string, FieldEntry[]>>;

/**
 * The history of these fields, in one call (more when it has over 2,000 rows). Stage, amount and close date come from
 * OpportunityHistory, others from OpportunityFieldHistory, where only tracked fields leave rows: a field without a row may as
 * well be untracked, and has no key in the answer.
 */
export async function readHistory(
  client: Client,
  apiVersion: string,
  ids: readonly RecordId[],
  fields: readonly string[],
  since: EpochMs | null,
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<Histories> {
  if (ids.length > HISTORY_BATCH) throw new RangeError(`${ids.length} histories in one call`);
  const index = accountIndex(facts);
  const wanted = fields.flatMap((field) => index.fields.get(field) ?? []).filter((fact) => fact.readable);
  const kept = wanted.filter((fact) => ALWAYS_KEPT.has(fact.native));
  const tracked = wanted.filter((fact) => !ALWAYS_KEPT.has(fact.native));
  const found: Entries = new Map(ids.map((id) => [to18(id), {}]));
  if (ids.length === 0 || wanted.length === 0) return found;
  const from = since === null ? '' : ` AND CreatedDate >= ${moment(since)}`;
  const where = isIn('OpportunityId', ids) + from;
  const queries = [
    ...(kept.length === 0 ? [] : [{ soql: keptQuery(kept, where), take: takeKept(kept), certain: kept }]),
    ...(tracked.length === 0
      ? []
      : [{ soql: trackedQuery(tracked, where), take: takeTracked(tracked), certain: [] }]),
  ];
  const answers = await queryTogether(
    client,
    queries.map(({ soql }) => queryPath(soql)),
    apiVersion,
    signal,
  );
  const self = client.userId();
  const emails = new Map(facts.owners.map((owner) => [owner.id, owner.email]));
  for (const [at, { take, certain }] of queries.entries()) {
    const rows = await allRows(client, answers[at], signal);
    if (rows === null) continue;
    // Where every change leaves a row, none means that there was no change.
    for (const record of found.values()) for (const { field } of certain) record[field] = [];
    for (const row of rows) {
      const record = found.get(to18(String(row['OpportunityId'])));
      const when = momentOf(row['CreatedDate']);
      if (record === undefined || when === null) continue;
      for (const [field, value] of take(row, emails)) {
        const list = record[field] ?? [];
        record[field] = list;
        list.push({ value, at: when, actor: actorOf(row, self) });
      }
    }
  }
  return found;
}

function keptQuery(facts: readonly FieldFact[], where: string): string {
  const fields = ['OpportunityId', 'CreatedDate', 'CreatedById', ...facts.map((fact) => fact.native)];
  return `${select({ fields, from: 'OpportunityHistory', where })} ${NEWEST_FIRST}`;
}

function trackedQuery(facts: readonly FieldFact[], where: string): string {
  const fields = ['OpportunityId', 'CreatedDate', 'CreatedById', 'Field', 'OldValue', 'NewValue'];
  const named = isIn('Field', facts.map(historyName));
  return `${select({ fields, from: 'OpportunityFieldHistory', where: `${where} AND ${named}` })} ${NEWEST_FIRST}`;
}

/** Stamps have a grain of one second: within it ids tell the order. */
const NEWEST_FIRST = 'ORDER BY CreatedDate DESC, Id DESC';

type Take = (row: Row, emails: ReadonlyMap<string, string>) => [string, FieldEntry['value']][];

function takeKept(facts: readonly FieldFact[]): Take {
  return (row) =>
    facts.flatMap((fact): [string, FieldEntry['value']][] => {
      const value = canonicalValue(row[fact.native], fact.kind);
      return value === undefined ? [] : [[fact.field, value]];
    });
}

function takeTracked(facts: readonly FieldFact[]): Take {
  const byName = new Map(facts.map((fact) => [historyName(fact), fact]));
  return (row, emails) => {
    const fact = byName.get(String(row['Field']));
    if (fact === undefined) return [];
    const { OldValue: before, NewValue: after } = row;
    if (fact.kind === 'person') {
      // A look-up writes two rows, one with names and one with ids.
      if (![before, after].every((value) => value === null || USER_ID.test(String(value)))) return [];
      const id = typeof after === 'string' ? to18(after) : null;
      return [[fact.field, id === null ? null : (emails.get(id) ?? id)]];
    }
    const value = canonicalValue(after, fact.kind);
    return value === undefined ? [] : [[fact.field, value]];
  };
}

/** The history calls a standard look-up by its relationship: `Owner` for `OwnerId`. */
function historyName(fact: FieldFact): string {
  return fact.native.endsWith('__c') ? fact.native : fact.native.replace(/(?<=.)Id$/, '');
}

function actorOf(row: Row, self: string | null): string | null {
  const author = row['CreatedById'];
  if (typeof author !== 'string') return null;
  const id = to18(author);
  return id === self ? 'engine' : `human:${id}`;
}

/** Null when the history is hidden from this user. */
async function allRows(
  client: Client,
  answer: QueryAnswer | undefined,
  signal: AbortSignal,
): Promise<Row[] | null> {
  if (answer === undefined) return null;
  if (!answer.ok) {
    const error = fromAnswer(answer);
    if (isHidden(error.details)) return null;
    throw error;
  }
  const rows = [...answer.page.rows];
  for (let next = answer.page.next; next !== null; ) {
    const page = await readResultPage(client, next, signal);
    rows.push(...page.rows);
    next = page.next;
  }
  return rows;
}

function isHidden({ code }: ErrorDetails): boolean {
  return [...HIDDEN].some((known) => code.startsWith(known));
}
