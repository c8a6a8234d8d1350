/** Canonical values as HubSpot properties. Pure; assumes that {@link ./refusals.ts} had nothing against them. */
import type { Fields, Value } from '../../core/opportunity.ts';
import { noonOf } from './calendar.ts';
import type { HubspotFieldFact } from './fields.ts';
import type { Shape } from './shape.ts';

/** The properties to send for these values. HubSpot clears a property that is set to the empty text. */
export function toProperties(write: { fields: Fields; owned: Fields }, shape: Shape): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const [field, value] of [...Object.entries(write.fields), ...Object.entries(write.owned)]) {
    const fact = shape.fieldByName.get(field);
    if (fact === undefined || isImplied(fact, value, shape)) continue;
    if (fact.kind === 'stage') Object.assign(properties, stageProperties(fact, value, shape));
    else properties[fact.native] = value === null ? '' : nativeText(fact, value, shape);
  }
  return properties;
}

/** In an account with one currency a deal holds none: it is the account's own already. */
export function isImplied(fact: HubspotFieldFact, value: Value, shape: Shape): boolean {
  return fact.field === 'currency' && shape.facts.currencies === null && value === shape.facts.currency;
}

function stageProperties(fact: HubspotFieldFact, value: Value, shape: Shape): Record<string, string> {
  if (value === null) return { [fact.native]: '', pipeline: '' };
  const stage = shape.stageByKey.get(value);
  const pipeline = stage?.pipeline ?? value.slice(0, Math.max(0, value.indexOf('/')));
  return { pipeline, [fact.native]: value.slice(pipeline.length + 1) };
}

function nativeText(fact: HubspotFieldFact, value: string, shape: Shape): string {
  switch (fact.kind) {
    case 'date':
      return fact.nativeType === 'datetime' ? (noonOf(value, shape.facts.timeZone) ?? value) : value;
    case 'person':
      return shape.ownerByEmail.get(value.toLowerCase())?.id ?? value;
    case 'choices':
      // A leading separator would add to what the deal holds instead of replacing it.
      return value
        .split(';')
        .filter((each) => each !== '')
        .join(';');
    default:
      return value;
  }
}
