/** What a request to a CRM is about, read from the request itself. */
import type { SimRequest } from '../../../src/sandbox/simulator.ts';
import type { CrmName } from './words.ts';

export type Kind = 'page' | 'read' | 'write' | 'create write' | 'describe';

export interface Asked {
  readonly kind: Kind;
  /** Records named by id, to read or to write. */
  readonly ids: readonly string[];
  /** For a write: what is sent for each record, by native names. */
  readonly sent: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

const NOTHING: Asked['sent'] = new Map();

export function askedBy(crm: CrmName, request: SimRequest): Asked {
  return crm === 'salesforce' ? askedOfSalesforce(request) : askedOfHubspot(request);
}

function askedOfSalesforce({ method, path, query, body }: SimRequest): Asked {
  if (method === 'PATCH' && path.endsWith('/composite/sobjects'))
    return writing(
      (JSON.parse(body.toString()) as { records: Sent }).records.map(({ id, ...rest }) => [id, rest]),
    );
  if (method === 'PATCH' && path.includes('/composite/sobjects/Opportunity/'))
    return { kind: 'create write', ids: [], sent: NOTHING };
  const soql = query.get('q') ?? (path.endsWith('/composite') ? decodeURIComponent(body.toString()) : '');
  if (soql.includes('FROM Opportunity WHERE Id IN'))
    return { kind: 'read', ids: soql.match(/006[0-9A-Za-z]{15}/g) ?? [], sent: NOTHING };
  if (soql.includes('FROM Opportunity WHERE Oppsync_Pair_Key__c IN'))
    return { kind: 'read', ids: [], sent: NOTHING };
  const isPage = /FROM Opportunity( |$)/.test(soql) || /\/query(All)?\/0r8/.test(path);
  return { kind: isPage ? 'page' : 'describe', ids: [], sent: NOTHING };
}

function askedOfHubspot({ method, path, body }: SimRequest): Asked {
  const batch = /\/deals\/batch\/(read|update)$/.exec(path)?.[1];
  if (batch !== undefined) {
    const { inputs } = JSON.parse(body.toString()) as { inputs: Sent };
    if (batch === 'update') return writing(inputs.map(({ id, properties }) => [id, properties ?? {}]));
    return { kind: 'read', ids: inputs.map(({ id }) => id), sent: NOTHING };
  }
  if (path.endsWith('/deals/batch/upsert')) return { kind: 'create write', ids: [], sent: NOTHING };
  const one = /\/objects\/deals\/(\d+)$/.exec(path)?.[1];
  if (one !== undefined) return { kind: 'read', ids: [one], sent: NOTHING };
  const isPage = path.endsWith('/deals/search') || (method === 'GET' && path.endsWith('/objects/deals'));
  return { kind: isPage ? 'page' : 'describe', ids: [], sent: NOTHING };
}

type Sent = readonly {
  readonly id: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}[];

function writing(records: readonly (readonly [string, Readonly<Record<string, unknown>>])[]): Asked {
  return { kind: 'write', ids: records.map(([id]) => id), sent: new Map(records) };
}
