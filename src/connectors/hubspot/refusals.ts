/** Why values cannot be written, known before asking HubSpot. Pure. */
import type { ErrorDetails } from '../../core/errors.ts';
import type { Fields, Value } from '../../core/opportunity.ts';
import type { Told } from '../../core/told.ts';
import { isPlainDate } from './calendar.ts';
import type { HubspotFieldFact } from './fields.ts';
import { instantOf } from './map.ts';
import { isImplied } from './native-values.ts';
import { told } from './sentences.ts';
import type { Shape } from './shape.ts';

/** One entry per value that HubSpot would refuse, or that could not be expressed there; empty when all can be written. */
export function refusalsOf(write: { fields: Fields; owned: Fields }, shape: Shape): readonly ErrorDetails[] {
  return [...Object.entries(write.fields), ...Object.entries(write.owned)]
    .map(([field, value]) => refusalOf(field, value, shape))
    .filter((refusal) => refusal !== null);
}

function refusalOf(field: string, value: Value, shape: Shape): ErrorDetails | null {
  const fact = shape.fieldByName.get(field);
  if (fact === undefined || !fact.readable) {
    const known = shape.facts.problems.find((problem) => problem.field === field);
    if (known !== undefined) return { ...known, recovery: 'skip', code: 'NO_PROPERTY' };
    return refusal(
      'NO_PROPERTY',
      field,
      fact === undefined
        ? told('no_property_for', { field })
        : told('no_property', { native: fact.native, field }),
    );
  }
  if (isImplied(fact, value, shape)) return null;
  if (!fact.writable) {
    return refusal('READ_ONLY_PROPERTY', field, told('read_only', { native: fact.native }));
  }
  if (value === null) return field === 'stage' ? noStage(field) : null;
  return valueRefusal(fact, value, shape);
}

function valueRefusal(fact: HubspotFieldFact, value: string, shape: Shape): ErrorDetails | null {
  const { field, native } = fact;
  if (fact.maxLength !== null && value.length > fact.maxLength) {
    return refusal(
      'TOO_LONG',
      field,
      told('too_long', { native, length: String(value.length), most: String(fact.maxLength) }),
    );
  }
  switch (fact.kind) {
    case 'stage':
      return stageRefusal(field, value, shape);
    case 'person':
      return ownerRefusal(field, value, shape);
    case 'currency':
      return currencyRefusal(field, value, shape);
    case 'decimal':
      return /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value) ? null : malformed(fact, 'bad_number');
    case 'date':
      return isPlainDate(value) ? null : malformed(fact, 'bad_date');
    case 'instant':
      return instantOf(value) === null ? malformed(fact, 'bad_moment') : null;
    case 'boolean':
      return value === 'true' || value === 'false' ? null : malformed(fact, 'bad_boolean');
    default:
      return choiceRefusal(fact, value);
  }
}

function stageRefusal(field: string, value: string, shape: Shape): ErrorDetails | null {
  if (shape.stageByKey.get(value)?.active === true) return null;
  return refusal('UNKNOWN_STAGE', field, told('unknown_stage', { value }));
}

function noStage(field: string): ErrorDetails {
  return refusal('STAGE_REQUIRED', field, told('stage_required'));
}

function ownerRefusal(field: string, value: string, shape: Shape): ErrorDetails | null {
  const owner = shape.ownerByEmail.get(value.toLowerCase());
  if (owner?.active === true) return null;
  return refusal(
    owner === undefined ? 'UNKNOWN_OWNER' : 'INACTIVE_OWNER',
    field,
    told(owner === undefined ? 'unknown_owner' : 'inactive_owner', { value }),
  );
}

function currencyRefusal(field: string, value: string, shape: Shape): ErrorDetails | null {
  const { currencies, currency } = shape.facts;
  const allowed = currencies ?? (currency === null ? null : [currency]);
  if (allowed === null || allowed.includes(value)) return null;
  return refusal(
    'INACTIVE_CURRENCY',
    field,
    told('inactive_currency', { value, allowed: allowed.join(', ') }),
  );
}

function choiceRefusal(fact: HubspotFieldFact, value: string): ErrorDetails | null {
  const { choices } = fact;
  if (choices === null) return null;
  const wanted = fact.kind === 'choices' ? value.split(';').filter((each) => each !== '') : [value];
  const foreign = wanted.filter((each) => !choices.includes(each));
  if (foreign.length === 0) return null;
  return refusal(
    'OPTION_NOT_ALLOWED',
    fact.field,
    told('no_option', { native: fact.native, value: foreign.join(', ') }),
  );
}

function malformed(
  fact: HubspotFieldFact,
  why: 'bad_number' | 'bad_date' | 'bad_moment' | 'bad_boolean',
): ErrorDetails {
  return refusal('BAD_VALUE', fact.field, told(why, { native: fact.native }));
}

function refusal(code: string, field: string, what: Told): ErrorDetails {
  return { recovery: 'skip', code, crm: 'hubspot', field, ...what };
}
