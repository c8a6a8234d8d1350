import type { AccountFacts } from '../core/account-facts.ts';
import type { CreationRules } from '../core/creation.ts';
import { type ErrorDetails, OppsyncError } from '../core/errors.ts';
import { faultOf } from '../core/fault-sentences.ts';
import type { Group } from '../core/group.ts';
import { type Crm, refKey } from '../core/ids.ts';
import type { SyncRuntime } from './deps.ts';
import type { TaskContext } from './task.ts';

/** What this run may make; undefined where the configuration lets no CRM get new records. */
export async function creationRules(context: TaskContext): Promise<CreationRules | undefined> {
  const { deps, run, runtime } = context;
  const { create, name } = runtime.settings;
  if (create === undefined || Object.keys(create).length === 0) return undefined;
  const complete = new Set<Crm>();
  for (const crm of Object.keys(create)) {
    const fullAt = (await deps.store.cursor(name, crm))?.fullAt ?? null;
    if (fullAt !== null && fullAt >= run.startedAt) complete.add(crm);
  }
  const required = (crm: Crm): readonly string[] => context.connector(crm).creator?.required ?? [];
  return { into: create, complete, required };
}

/** The groups, unpaired records with what speaks for a counterpart that they may have already. */
export async function withHurdles(
  context: TaskContext,
  rules: CreationRules | undefined,
  groups: readonly Group[],
): Promise<readonly Group[]> {
  if (rules === undefined) return groups;
  const { sides, name } = context.runtime.settings;
  const single = groups
    .filter(({ pair }) => pair === null)
    .flatMap(({ members }) => members.filter(({ deleted }) => !deleted))
    .filter(({ crm }) => sides.some((other) => other !== crm && rules.into[other] !== undefined));
  const hurdles = await context.deps.store.creationHurdles(
    name,
    single.map(({ crm, id }) => ({ crm, id })),
  );
  if (hurdles.size === 0) return groups;
  return groups.map((group) => {
    const found = group.members.flatMap((member) => hurdles.get(refKey(member)) ?? [])[0];
    return group.pair === null && found !== undefined ? { ...group, hurdle: found } : group;
  });
}

/**
 * A run that is to make records does not start where they could not be made safely: without a unique key field in the
 * target, or without the key field in the CRM of the originals.
 *
 * @throws OppsyncError `fix` with the remedy
 */
export function requireCreators(runtime: SyncRuntime, facts: Readonly<Record<Crm, AccountFacts>>): void {
  const { create, sides } = runtime.settings;
  for (const crm of Object.keys(create ?? {})) {
    const { creator } = runtime.connectors[crm] ?? {};
    const about = facts[crm];
    if (about === undefined) continue;
    const [obstacle] = creator === undefined ? [cannot(crm)] : creator.obstacles(about);
    if (obstacle !== undefined) throw new OppsyncError(obstacle);
    for (const other of sides) {
      const holds = facts[other]?.fields.some((fact) => fact.field === 'pairKey' && fact.writable) === true;
      if (!holds) throw new OppsyncError(noKeyField(crm, other));
    }
  }
}

function cannot(crm: Crm): ErrorDetails {
  return {
    recovery: 'fix',
    ...faultOf('create.not_possible', { crm, side: crm }),
    crm,
  };
}

function noKeyField(crm: Crm, other: Crm): ErrorDetails {
  return {
    recovery: 'fix',
    ...faultOf('create.no_key_field', { to: crm, crm: other }),
    crm: other,
    field: 'pairKey',
  };
}
