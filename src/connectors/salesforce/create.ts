import type { AccountFacts } from '../../core/account-facts.ts';
import type { CreateResult, Creator, NewRecord } from '../../core/connector-port.ts';
import type { ErrorDetails } from '../../core/errors.ts';
import type { PairKey } from '../../core/ids.ts';
import type { Snapshot } from '../../core/opportunity.ts';
import type { Clock } from '../../core/ports.ts';
import { accountIndex } from './account-index.ts';
import { type CollectionDeps, sendCollection } from './collection.ts';
import { OWNED_NATIVE_FIELDS, selectList } from './fields.ts';
import { nativeBody } from './native-values.ts';
import { readSelected } from './read.ts';
import { refusalsOf } from './refusals.ts';
import { told } from './sentences.ts';
import { isIn, select } from './soql.ts';
import { WRITE_BATCH } from './write.ts';

const KEY = OWNED_NATIVE_FIELDS.pairKey.native;
const KEYS_PER_READ = 200;

/** Makes opportunities by collection upsert on the unique external id field. */
export function createCreator(deps: CollectionDeps & { readonly clock: Clock }, apiVersion: string): Creator {
  return {
    required: ['name', 'stage', 'closeDate', 'owner'],
    keyBatch: KEYS_PER_READ,
    callsPerLook: 1,
    obstacles,
    readByKeys: (keys, facts, signal) => readByKeys(deps, apiVersion, keys, facts, signal),
    create: (records, facts, signal) => create(deps, records, facts, signal),
  };
}

const NOT_PERMITTED: ErrorDetails = {
  recovery: 'fix',
  code: 'salesforce.create_not_permitted',
  crm: 'salesforce',
  ...told('create_not_permitted'),
};

/** PURE. */
function obstacles(facts: AccountFacts): readonly ErrorDetails[] {
  if (facts.mayCreate === false) return [NOT_PERMITTED];
  const key = facts.fields.find((fact) => fact.field === 'pairKey');
  if (key?.writable === true && key.unique === true) return [];
  const why = key === undefined ? 'key_missing' : key.writable ? 'key_not_unique' : 'key_uneditable';
  return [
    {
      recovery: 'fix',
      code: 'salesforce.create_without_key',
      crm: 'salesforce',
      field: 'pairKey',
      ...told(why, { native: KEY }),
    },
  ];
}

/** One query, recycle bin included. */
async function readByKeys(
  deps: CollectionDeps & { readonly clock: Clock },
  apiVersion: string,
  keys: readonly PairKey[],
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<readonly Snapshot[]> {
  if (new Set(keys).size < keys.length) throw new Error('readByKeys was given the same key twice');
  if (keys.length === 0) return [];
  const soql = select({ fields: selectList(facts), from: 'Opportunity', where: isIn(KEY, keys) });
  return readSelected(deps.client, deps.clock, apiVersion, soql, true, facts, signal);
}

async function create(
  deps: CollectionDeps,
  records: readonly NewRecord[],
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<readonly CreateResult[]> {
  if (records.length > WRITE_BATCH)
    throw new Error(`${records.length} records in one call, ${WRITE_BATCH} allowed`);
  if (new Set(records.map(({ key }) => key)).size < records.length)
    throw new Error('create was given the same key twice');
  signal.throwIfAborted();
  const checked = records.map((record) => {
    const [refusal] = refusalsOf(record, facts);
    return {
      record,
      refusal,
      row: { id: record.key, body: { ...nativeBody(record, facts), [KEY]: record.key } },
    };
  });
  const sending = checked.filter(({ refusal }) => refusal === undefined).map(({ row }) => row);
  const to = { path: `/composite/sobjects/Opportunity/${KEY}`, type: 'Opportunity' } as const;
  const outcomeOf = await sendCollection(deps, to, sending, accountIndex(facts).canonical, signal);
  return checked.map(({ record: { key }, refusal, row }): CreateResult => {
    if (refusal !== undefined)
      return { key, ok: false, error: { ...refusal, recovery: 'skip', record: key } };
    const outcome = outcomeOf(row);
    if (!outcome.ok) return { key, ...outcome };
    return { key, ok: true, id: outcome.id, created: outcome.created !== false };
  });
}
