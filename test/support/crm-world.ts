/** The state of both simulated CRMs as their own logs have it, to be compared with that after an undisturbed run. */
import type { DatasetLine, TruthEntry } from '../../src/sandbox/simulator.ts';
import type { CrmControl } from './sandbox.ts';

export interface World {
  /** Per record, its fields without what differs from run to run. */
  readonly state: Readonly<Record<string, DatasetLine['fields']>>;
  readonly created: readonly string[];
  /** `crm id field` that the program set to the same value more than once. */
  readonly writtenTwice: readonly string[];
  /** `crm id field` that the program set to different values. */
  readonly undecided: readonly string[];
  readonly pairKeyProblems: readonly string[];
}

/** Fields of ours and of the CRMs that are drawn, or count the time that has passed. */
const DRAWN = /pair_key|^hs_time_|^hs_days_|_by_?user_?id$/i;
const BEGAN = Date.now();

export async function worldOf(sandbox: {
  readonly salesforce: CrmControl;
  readonly hubspot: CrmControl;
}): Promise<World> {
  const opportunities = await sandbox.salesforce.records('Opportunity');
  const deals = await sandbox.hubspot.records('deal');
  const state: Record<string, DatasetLine['fields']> = {};
  for (const [id, fields] of [...opportunities, ...deals]) state[id] = withoutStamps(fields);
  const log = [...(await sandbox.salesforce.truth()), ...(await sandbox.hubspot.truth())].filter(
    (entry) => entry.type === 'Opportunity' || entry.type === 'deal',
  );
  return {
    state,
    created: log
      .filter((entry) => entry.action !== 'update' && entry.actor !== 'import')
      .map((entry) => entry.id),
    ...writes(log),
    pairKeyProblems: pairKeyProblems(opportunities, deals),
  };
}

/** `record field: value, instead of value`, the first of them. */
export function differences(world: World, expected: World): string[] {
  const found: string[] = [];
  for (const id of new Set([...Object.keys(world.state), ...Object.keys(expected.state)])) {
    const is = world.state[id] ?? {};
    const should = expected.state[id] ?? {};
    for (const field of new Set([...Object.keys(is), ...Object.keys(should)]))
      if (JSON.stringify(is[field]) !== JSON.stringify(should[field]))
        found.push(
          `${id} ${field}: ${JSON.stringify(is[field])}, instead of ${JSON.stringify(should[field])}`,
        );
  }
  return found.slice(0, 20);
}

/** Moments of this very process differ from run to run; all other dates must be the same. */
function withoutStamps(fields: DatasetLine['fields']): DatasetLine['fields'] {
  return Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => !DRAWN.test(name) && !isOfNow(value)),
  );
}

function isOfNow(value: unknown): boolean {
  const moment = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : 0;
  return moment >= BEGAN - 60_000;
}

function writes(log: readonly TruthEntry[]): Pick<World, 'writtenTwice' | 'undecided'> {
  const seen = new Map<string, Set<string>>();
  const writtenTwice: string[] = [];
  const undecided = new Set<string>();
  for (const { crm, id, actor, fields } of log) {
    if (actor !== 'engine') continue;
    for (const [field, { after }] of Object.entries(fields)) {
      if (isOfNow(after)) continue;
      const key = `${crm} ${id} ${field}`;
      const values = seen.get(key) ?? new Set();
      seen.set(key, values);
      if (values.has(JSON.stringify(after))) writtenTwice.push(key);
      values.add(JSON.stringify(after));
      if (values.size > 1) undecided.add(key);
    }
  }
  return { writtenTwice, undecided: [...undecided] };
}

/** Every pair carries one key on both sides, and no two pairs the same. */
function pairKeyProblems(
  opportunities: ReadonlyMap<string, DatasetLine['fields']>,
  deals: ReadonlyMap<string, DatasetLine['fields']>,
): string[] {
  const problems: string[] = [];
  const seen = new Set<unknown>();
  for (const [id, deal] of deals) {
    const key = deal['oppsync_pair_key'];
    const other = opportunities.get(String(deal['hs_salesforceopportunityid']))?.['Oppsync_Pair_Key__c'];
    if (typeof key !== 'string' || key !== other) problems.push(`${id}: ${String(key)} and ${String(other)}`);
    if (seen.has(key)) problems.push(`${id}: ${String(key)} twice`);
    seen.add(key);
  }
  return problems;
}
