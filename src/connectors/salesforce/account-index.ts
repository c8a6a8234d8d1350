import type { AccountFacts, FieldFact, OwnerInfo, StageInfo } from '../../core/account-facts.ts';

/** Look-ups into account facts, made once per facts object. */
export interface AccountIndex {
  readonly fields: ReadonlyMap<string, FieldFact>;
  readonly stages: ReadonlyMap<string, StageInfo>;
  /** By e-mail address; an active user is preferred to an inactive one with the same address. */
  readonly owners: ReadonlyMap<string, OwnerInfo>;
  /** Canonical name of a native field, or the native name itself. */
  canonical(native: string): string;
}

const indexes = new WeakMap<AccountFacts, AccountIndex>();

export function accountIndex(facts: AccountFacts): AccountIndex {
  const known = indexes.get(facts);
  if (known !== undefined) return known;
  const owners = new Map<string, OwnerInfo>();
  for (const owner of facts.owners) {
    if (owner.active || !owners.has(owner.email)) owners.set(owner.email, owner);
  }
  const names = new Map(
    [...facts.fields].reverse().map((fact) => [fact.native.toLowerCase(), fact.field] as const),
  );
  const made: AccountIndex = {
    fields: new Map(facts.fields.map((fact) => [fact.field, fact])),
    stages: new Map(facts.stages.map((stage) => [stage.key, stage])),
    owners,
    canonical: (native) => names.get(native.toLowerCase()) ?? native,
  };
  indexes.set(facts, made);
  return made;
}
