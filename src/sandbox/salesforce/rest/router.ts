import { ingestJobs } from '../bulk/ingest-jobs.ts';
import { queryJobs } from '../bulk/query-jobs.ts';
import { ApiError, notFound } from '../errors.ts';
import type { Call, Reply } from './call.ts';
import { requireTable } from './call.ts';
import { collections } from './collections.ts';
import { composite } from './composite.ts';
import { createCustomField } from './custom-field.ts';
import { basicInformation, describe, describeGlobal } from './describe.ts';
import { picklistValues } from './picklist-values.ts';
import { query, queryMore } from './query.ts';
import { deleted, updated } from './replication.ts';
import { byExternalId, byId, create, methodNotAllowed } from './single-record.ts';

/** Answers one authenticated call below /services/data/vNN.0. */
export async function route(call: Call): Promise<Reply> {
  const [first, second] = call.path;
  switch (first) {
    case undefined:
      return { status: 200, body: resources(call) };
    case 'limits':
      return { status: 200, body: call.services.limits.body() };
    case 'query':
    case 'queryAll':
      requireMethod(call, 'GET');
      return second === undefined
        ? query(call, { includeDeleted: first === 'queryAll', tooling: false })
        : queryMore(call, second);
    case 'sobjects':
      return sobjects(call, 1);
    case 'composite':
      if (second === 'sobjects') return collections(call);
      if (second === undefined) return composite(call, route);
      throw notFound();
    case 'tooling':
      return tooling(call);
    case 'ui-api':
      requireMethod(call, 'GET');
      return picklistValues(call);
    case 'jobs':
      if (second === 'query') return queryJobs(call);
      if (second === 'ingest') return ingestJobs(call);
      throw notFound();
    default:
      throw notFound();
  }
}

function requireMethod(call: Call, method: string): void {
  if (call.method !== method) throw methodNotAllowed(call);
}

/** `/sobjects/{type}[/{id}|/{externalId}/{value}|/describe|/updated|/deleted]`, from segment `at` on. */
async function sobjects(call: Call, at: number): Promise<Reply> {
  const [type, second, third] = call.path.slice(at);
  if (type === undefined) return describeGlobal(call);
  const table = requireTable(call, type, call.path[0] === 'tooling');
  if (second === undefined)
    return call.method === 'POST' ? create(call, table) : basicInformation(call, table);
  if (third !== undefined) return byExternalId(call, table, second, third);
  switch (second) {
    case 'describe':
      return describe(call, table);
    case 'updated':
      return updated(call, table);
    case 'deleted':
      return deleted(call, table);
    default:
      return byId(call, table, second);
  }
}

async function tooling(call: Call): Promise<Reply> {
  const [, second, third] = call.path;
  if (second === 'query') {
    return third === undefined
      ? query(call, { includeDeleted: false, tooling: true })
      : queryMore(call, third);
  }
  if (second !== 'sobjects') throw notFound();
  if (third === 'CustomField' && call.path.length === 3 && call.method === 'POST')
    return createCustomField(call);
  return sobjects(call, 2);
}

function resources(call: Call): unknown {
  const base = `/services/data/v${call.version}`;
  const { baseUrl, organizationId } = call.org;
  return {
    tooling: `${base}/tooling`,
    jobs: `${base}/jobs`,
    query: `${base}/query`,
    queryAll: `${base}/queryAll`,
    sobjects: `${base}/sobjects`,
    composite: `${base}/composite`,
    limits: `${base}/limits`,
    'ui-api': `${base}/ui-api`,
    identity: `${baseUrl}/id/${organizationId}/${call.session.userId}`,
  };
}

const FIXED: ReadonlySet<string> = new Set([
  'describe',
  'updated',
  'deleted',
  'results',
  'resultPages',
  'batches',
  'successfulResults',
  'failedResults',
  'unprocessedrecords',
]);

/** Path of a call with ids and values replaced, for the counters. */
export function routeTemplate(version: string, path: readonly string[]): string {
  const out = path.map((segment, i) => {
    if (FIXED.has(segment)) return segment;
    const isLocator = (path[i - 1] === 'query' || path[i - 1] === 'queryAll') && segment.startsWith('0r8');
    const isJob = path[0] === 'jobs' && i === 2;
    const isRecordType = path[0] === 'ui-api' && i === 4;
    const parent = path.lastIndexOf('sobjects');
    const isComposite = path[0] === 'composite';
    const isRecord = parent >= 0 && !isComposite && i === parent + 2 && path.length === parent + 3;
    const isValue = parent >= 0 && !isComposite && i === parent + 3;
    return isLocator || isJob || isRecordType || isRecord || isValue ? '{id}' : segment;
  });
  return ['/services/data', `v${version}`, ...out].join('/');
}

/** Throws what an address with this version answers: 410 for a retired one, 404 for one that never was. */
export function checkVersion(segment: string): string {
  const version = /^v(\d+)\.0$/.exec(segment)?.[1];
  const number = Number(version);
  if (version !== undefined && number >= 31 && number <= 68) return `${version}.0`;
  if (version !== undefined && number >= 7 && number <= 30) {
    throw new ApiError('UNSUPPORTED_API_VERSION', `API version ${version}.0 is retired`, { status: 410 });
  }
  throw notFound();
}

/** Body of GET /services/data. */
export function versions(): unknown {
  const seasons = ['Winter', 'Spring', 'Summer'];
  const list: unknown[] = [];
  for (let number = 31; number <= 68; number += 1) {
    // 31.0 was Summer '14; three versions a year since.
    const step = number - 31 + 2;
    const label = `${seasons[step % 3]} '${14 + Math.floor(step / 3)}`;
    list.push({ label, url: `/services/data/v${number}.0`, version: `${number}.0` });
  }
  return list;
}
