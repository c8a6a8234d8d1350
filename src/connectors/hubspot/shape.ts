import type { AccountFacts, OwnerInfo, StageInfo } from '../../core/account-facts.ts';
import { type HubspotFacts, type HubspotFieldFact, hubspotFacts, requestedProperties } from './fields.ts';

/** Account facts indexed for mapping thousands of deals. */
export interface Shape {
  readonly facts: HubspotFacts;
  readonly properties: readonly string[];
  readonly readable: readonly HubspotFieldFact[];
  readonly fieldByName: ReadonlyMap<string, HubspotFieldFact>;
  readonly stageByKey: ReadonlyMap<string, StageInfo>;
  readonly ownerById: ReadonlyMap<string, OwnerInfo>;
  /** The active owner when several share an address. */
  readonly ownerByEmail: ReadonlyMap<string, OwnerInfo>;
}

const shapes = new WeakMap<AccountFacts, Shape>();

/** The indexes of these facts, made once per facts object. */
export function shapeOf(given: AccountFacts): Shape {
  const known = shapes.get(given);
  if (known !== undefined) return known;
  const facts = hubspotFacts(given);
  const owners = [...facts.owners].sort((a, b) => Number(a.active) - Number(b.active));
  const shape: Shape = {
    facts,
    properties: requestedProperties(facts),
    readable: facts.fields.filter((fact) => fact.readable),
    fieldByName: new Map(facts.fields.map((fact) => [fact.field, fact])),
    stageByKey: new Map(facts.stages.map((stage) => [stage.key, stage])),
    ownerById: new Map(owners.map((owner) => [owner.id, owner])),
    ownerByEmail: new Map(owners.map((owner) => [owner.email, owner])),
  };
  shapes.set(given, shape);
  return shape;
}
