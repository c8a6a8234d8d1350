import type { AccountFacts, FieldFact } from '../../core/account-facts.ts';
import type { Fields, Value } from '../../core/opportunity.ts';
import { accountIndex } from './account-index.ts';
import { exactNumber } from './decimal-text.ts';

const REASON_LENGTH = 255;

/** The first `length` code points, ending in an ellipsis when something was cut off. */
export function shortened(value: string, length: number): string {
  const points = [...value];
  return points.length <= length ? value : `${points.slice(0, length - 1).join('')}…`;
}

function nativeValue(fact: FieldFact, value: Value, facts: AccountFacts): unknown {
  if (value === null) return null;
  if (fact.field === 'reason') return shortened(value, fact.maxLength ?? REASON_LENGTH);
  if (fact.kind === 'decimal') return exactNumber(value);
  if (fact.kind === 'boolean') return value === 'true';
  if (fact.kind === 'person') return accountIndex(facts).owners.get(value.toLowerCase())?.id ?? value;
  return value;
}

/**
 * PURE. Canonical values as the JSON body of a record. Only for values without refusals (see refusals.ts). `null` clears.
 * The currency of an org that has only one cannot be written and need not be.
 */
export function nativeBody(
  write: { fields: Fields; owned: Fields },
  facts: AccountFacts,
): Record<string, unknown> {
  const { fields } = accountIndex(facts);
  const body: Record<string, unknown> = {};
  for (const [field, value] of [...Object.entries(write.fields), ...Object.entries(write.owned)]) {
    const fact = fields.get(field);
    if (fact !== undefined) body[fact.native] = nativeValue(fact, value, facts);
  }
  return body;
}
