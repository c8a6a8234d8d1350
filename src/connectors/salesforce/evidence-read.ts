import { z } from 'zod';
import type { EvidenceAbout, EvidencePage, EvidenceReader, ReadPosition } from '../../core/connector-port.ts';
import { type ErrorDetails, OppsyncError } from '../../core/errors.ts';
import type { FoundItem } from '../../core/findings.ts';
import type { EpochMs, RecordId } from '../../core/ids.ts';
import type { Clock } from '../../core/ports.ts';
import type { Client } from './client.ts';
import { fromAnswer } from './errors.ts';
import { EVIDENCE_OBJECTS, type EvidenceObject, itemOf } from './evidence-objects.ts';
import { type SalesforceFacts, salesforceFacts } from './fields.ts';
import { momentOf } from './map.ts';
import { isRow, queryPath, type ResultPage, toResultPage } from './query.ts';
import { to18 } from './record-id.ts';
import { told } from './sentences.ts';
import { moment, select, text } from './soql.ts';

/** Rows are stamped when their transaction begins and appear when it ends. */
const OVERLAP_MS = 10 * 60_000;
/** A contact longer ago than this says no more than none; the platform archives activities after a year. */
const WINDOW_MS = 400 * 86_400_000;
/** Queries in one composite call, which counts as one. */
const PER_CALL = 5;
const ROWS_PER_QUERY = 2_000;
/** The opportunity itself, by the stamps of the contract and the quote it names: they change without touching it. */
const PARENTS = 'Opportunity';

const NOT_TO_BE_SEEN: readonly string[] = ['INVALID_TYPE', 'INVALID_FIELD', 'INSUFFICIENT_ACCESS'];

const schema = z.object({
  full: z.boolean(),
  from: z.number(),
  to: z.number(),
  open: z.array(
    z.object({ object: z.string(), after: z.object({ id: z.string(), at: z.number() }).nullable() }),
  ),
  refused: z.boolean(),
});
type Position = z.output<typeof schema>;
type Source = Position['open'][number];

/** Reads activities, quotes and orders by their own stamps, all kinds in one call of up to 10,000 rows. */
export function evidenceReader(client: Client, clock: Clock, apiVersion: string): EvidenceReader {
  return {
    start(mark, given) {
      const facts = salesforceFacts(given);
      const open = sources(facts, mark !== null).map((object) => ({ object, after: null }));
      if (open.length === 0) return null;
      const to = Math.floor((clock.now() + facts.clockOffsetMs) / 1000) * 1000;
      const from = mark === null ? 0 : z.object({ until: z.number() }).parse(mark).until - OVERLAP_MS;
      return { full: mark === null, from, to, open, refused: false } satisfies Position;
    },
    about: (ids, _mark, facts, signal) =>
      readAbout(client, apiVersion, ids, salesforceFacts(facts), clock.now() + facts.clockOffsetMs, signal),
    page: (position, facts, signal) =>
      readPage(client, apiVersion, schema.parse(position), salesforceFacts(facts), signal),
  };
}

/** All kinds in one call. A kind with more rows than a call answers is left to a complete reading. */
async function readAbout(
  client: Client,
  apiVersion: string,
  ids: readonly RecordId[],
  facts: SalesforceFacts,
  now: EpochMs,
  signal: AbortSignal,
): Promise<EvidenceAbout> {
  const objects = sources(facts, false).map(objectOf);
  if (objects.length === 0) return { sources: [], items: [] };
  const given = `(${ids.map(text).join(', ')})`;
  const paths = objects.map(({ object, link, counts, isActivity }) => {
    const recent = isActivity ? `SystemModstamp >= ${moment(now - WINDOW_MS)}` : '';
    const where = [`${link} IN ${given}`, counts, recent].filter((part) => part !== '').join(' AND ');
    const fields = ['Id', 'IsDeleted', 'SystemModstamp', ...(facts.evidenceObjects[object] ?? [])];
    return queryPath(select({ fields, from: object, where, orderBy: ['SystemModstamp', 'Id'] }));
  });
  const answers = await askTogether(client, apiVersion, paths, signal);
  const seen = objects.flatMap((of, at) => {
    const answer = answers[at];
    if (answer === undefined) throw fromAnswer({ status: 200, body: '' });
    if (answer instanceof OppsyncError) {
      if (!NOT_TO_BE_SEEN.includes(answer.details.code)) throw answer;
      return [];
    }
    return answer.next === null ? [{ of, rows: answer.rows }] : [];
  });
  return {
    sources: seen.map(({ of }) => of.object),
    items: seen.flatMap(({ of, rows }) => rows.map((row) => itemOf(of, row))),
  };
}

/** What is read: the objects this user may see, activities only where they are wanted. */
function sources(facts: SalesforceFacts, changes: boolean): string[] {
  const seen = EVIDENCE_OBJECTS.filter(({ object }) => facts.evidenceObjects[object] !== undefined);
  const wanted = seen.filter(({ isActivity }) => !isActivity || facts.activities === 'auto');
  const hasParents = facts.fields.some(({ native }) => parentStamp(native) !== null);
  return [...(changes && hasParents ? [PARENTS] : []), ...wanted.map(({ object }) => object)];
}

async function readPage(
  client: Client,
  apiVersion: string,
  position: Position,
  facts: SalesforceFacts,
  signal: AbortSignal,
): Promise<EvidencePage> {
  const asked = position.open.slice(0, PER_CALL);
  const answers = await askTogether(
    client,
    apiVersion,
    asked.map((source) => soqlFor(source, position, facts)),
    signal,
  );
  const items: FoundItem[] = [];
  const reread: string[] = [];
  const open: Source[] = [];
  const refused: ErrorDetails[] = position.refused ? [] : hiddenObjects(facts);
  let left = 0;
  for (const [at, source] of asked.entries()) {
    const answer = answers[at];
    if (answer === undefined) throw fromAnswer({ status: 200, body: '' });
    if (answer instanceof OppsyncError) {
      if (!NOT_TO_BE_SEEN.includes(answer.details.code)) throw answer;
      refused.push({ ...answer.details, recovery: 'fix', field: source.object });
      continue;
    }
    if (source.object === PARENTS) reread.push(...answer.rows.map((row) => to18(String(row['Id']))));
    else {
      const of = objectOf(source.object);
      items.push(...answer.rows.map((row) => itemOf(of, row)));
    }
    const last = answer.rows.at(-1);
    if (answer.next === null || last === undefined) continue;
    open.push({ ...source, after: { id: String(last['Id']), at: momentOf(last['SystemModstamp']) ?? 0 } });
    left = Math.max(left, Math.ceil(((answer.total ?? 0) - answer.rows.length) / ROWS_PER_QUERY));
  }
  const still = [...position.open.slice(PER_CALL), ...open];
  const next: Position | null = still.length === 0 ? null : { ...position, open: still, refused: true };
  return {
    items,
    reread,
    next: next as ReadPosition | null,
    mark: next === null ? { until: position.to } : null,
    calls: { made: 1, left: left + Math.ceil((position.open.length - asked.length) / PER_CALL) },
    refused,
  };
}

function objectOf(name: string): EvidenceObject {
  const found = EVIDENCE_OBJECTS.find(({ object }) => object === name);
  if (found === undefined) throw new Error(`no evidence is read from ${name}`);
  return found;
}

/** The query for the next rows of a kind, with the path it goes to: changes include what was deleted. */
function soqlFor(source: Source, { full, from, to }: Position, facts: SalesforceFacts): string {
  if (source.object === PARENTS) return parentsSoql(source, from, facts);
  const { object, ours, counts, isActivity } = objectOf(source.object);
  const { after } = source;
  const since = full ? (isActivity ? to - WINDOW_MS : null) : from;
  const place =
    after === null
      ? since === null
        ? null
        : `SystemModstamp >= ${moment(since)}`
      : `(SystemModstamp > ${moment(after.at)} OR (SystemModstamp = ${moment(after.at)} AND Id > ${text(after.id)}))`;
  const where = [ours, full ? counts : '', place ?? '', `SystemModstamp < ${moment(to + 1_000)}`];
  const fields = ['Id', 'IsDeleted', 'SystemModstamp', ...(facts.evidenceObjects[object] ?? [])];
  const soql = select({
    fields,
    from: object,
    where: where.filter((part) => part !== '').join(' AND '),
    orderBy: ['SystemModstamp', 'Id'],
  });
  return queryPath(soql, !full);
}

function parentsSoql({ after }: Source, from: number, facts: SalesforceFacts): string {
  const stamps = new Set(
    facts.fields.map(({ native }) => parentStamp(native)).filter((path) => path !== null),
  );
  const moved = [...stamps].map((stamp) => `${stamp} >= ${moment(from)}`).join(' OR ');
  const where = `(${moved})${after === null ? '' : ` AND Id > ${text(after.id)}`}`;
  return queryPath(select({ fields: ['Id', 'SystemModstamp'], from: PARENTS, where, orderBy: ['Id'] }));
}

function parentStamp(native: string): string | null {
  const relationship = /^(Contract|SyncedQuote)\./.exec(native)?.[1];
  return relationship === undefined ? null : `${relationship}.SystemModstamp`;
}

/** Several queries in one call; one that fails costs only itself. */
async function askTogether(
  client: Client,
  apiVersion: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<readonly (ResultPage | OppsyncError)[]> {
  const root = `/services/data/v${apiVersion}`;
  const compositeRequest = paths.map((path, at) => ({
    method: 'GET',
    referenceId: `q${at}`,
    url: root + path,
  }));
  const body = { allOrNone: false, compositeRequest };
  const answer = await client.call({ method: 'POST', path: '/composite', body, repeatable: true }, signal);
  const list = isRow(answer.body) ? answer.body['compositeResponse'] : undefined;
  const byId = new Map(
    (Array.isArray(list) ? list : []).filter(isRow).map((one) => [one['referenceId'], one]),
  );
  return paths.map((_, at) => {
    const one = byId.get(`q${at}`);
    const status = one?.['httpStatusCode'];
    if (one === undefined || typeof status !== 'number') throw fromAnswer({ status: 200, body: '' });
    return status === 200
      ? toResultPage(one['body'], answer.serverTime)
      : fromAnswer({ status, body: JSON.stringify(one['body']) });
  });
}

/** Activities exist in every org: not seeing them is a missing permission. What proves a contract may be out of use as well. */
function hiddenObjects({ evidenceObjects, activities, fields }: SalesforceFacts): ErrorDetails[] {
  const isSeen = (object: string): boolean =>
    evidenceObjects[object] !== undefined || fields.some(({ native }) => native.startsWith(`${object}.`));
  const proofs = ['Contract', 'Quote', 'Order'].filter((object) => !isSeen(object));
  const ofProofs = proofs.map(
    (object): ErrorDetails => ({
      ...{ recovery: 'fix', code: 'salesforce.object_hidden', crm: 'salesforce', field: object },
      ...told('proof_hidden', { object }),
    }),
  );
  if (activities === 'off') return ofProofs;
  const ofContact = ['Task', 'Event']
    .filter((object) => !isSeen(object))
    .map(
      (object): ErrorDetails => ({
        ...{ recovery: 'fix', code: 'salesforce.object_hidden', crm: 'salesforce', field: object },
        ...told('contact_hidden', { object }),
      }),
    );
  return [...ofContact, ...ofProofs];
}
