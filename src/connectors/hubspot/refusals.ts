/** Why values cannot be written, known before asking HubSpot. Pure. */
import type { ErrorDetails } from '../../core/errors.ts';
import type { Fields, Value } from '../../core/opportunity.ts';
import { isPlainDate } from './calendar.ts';
import type { HubspotFieldFact } from './fields.ts';
import { instantOf } from './map.ts';
import { isImplied } from './native-values.ts';
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
    const named =
      fact === undefined ? `for the field ${field}` : `${fact.native}, which holds the field ${field}`;
    return refusal('NO_PROPERTY', field, `HubSpot has no property ${named}.`, remedyForMissing(field, shape));
  }
  if (isImplied(fact, value, shape)) return null;
  if (!fact.writable) {
    return refusal(
      'READ_ONLY_PROPERTY',
      field,
      `The HubSpot property ${fact.native} is read-only.`,
      'Let HubSpot win in the policy of this field, or allow editing of the property.',
    );
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
      `The value for ${native} has ${value.length} characters; HubSpot takes ${fact.maxLength}.`,
      'Shorten the value.',
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
      return /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value) ? null : malformed(fact, 'a number');
    case 'date':
      return isPlainDate(value) ? null : malformed(fact, 'a date (YYYY-MM-DD)');
    case 'instant':
      return instantOf(value) === null ? malformed(fact, 'a moment (ISO 8601)') : null;
    case 'boolean':
      return value === 'true' || value === 'false' ? null : malformed(fact, 'true or false');
    default:
      return choiceRefusal(fact, value);
  }
}

function stageRefusal(field: string, value: string, shape: Shape): ErrorDetails | null {
  if (shape.stageByKey.get(value)?.active === true) return null;
  return refusal(
    'UNKNOWN_STAGE',
    field,
    `HubSpot has no deal stage ${value} (pipeline id / stage id).`,
    'Correct the stage map, or create the stage in HubSpot.',
  );
}

function noStage(field: string): ErrorDetails {
  return refusal(
    'STAGE_REQUIRED',
    field,
    'The stage of a HubSpot deal cannot be cleared.',
    'Map the blank stage to a stage, or let blanks be ignored for this field.',
  );
}

function ownerRefusal(field: string, value: string, shape: Shape): ErrorDetails | null {
  const owner = shape.ownerByEmail.get(value.toLowerCase());
  if (owner?.active === true) return null;
  return refusal(
    owner === undefined ? 'UNKNOWN_OWNER' : 'INACTIVE_OWNER',
    field,
    owner === undefined
      ? `No HubSpot user has the address ${value}.`
      : `The HubSpot user ${value} is deactivated and cannot own deals.`,
    'Map this owner to another one in the owner table, or set a fallback owner.',
  );
}

function currencyRefusal(field: string, value: string, shape: Shape): ErrorDetails | null {
  const { currencies, currency } = shape.facts;
  const allowed = currencies ?? (currency === null ? null : [currency]);
  if (allowed === null || allowed.includes(value)) return null;
  return refusal(
    'INACTIVE_CURRENCY',
    field,
    `${value} is not a currency of this HubSpot account (${allowed.join(', ')}).`,
    `Add ${value} in the HubSpot settings under Account defaults, Currency.`,
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
    `The HubSpot property ${fact.native} has no option ${foreign.join(', ')}.`,
    'Add the option to the property in HubSpot, or map the value in the configuration.',
  );
}

function malformed(fact: HubspotFieldFact, wanted: string): ErrorDetails {
  return refusal(
    'BAD_VALUE',
    fact.field,
    `The value for the HubSpot property ${fact.native} is not ${wanted}.`,
    'Correct the value in the other CRM.',
  );
}

function remedyForMissing(field: string, shape: Shape): string {
  const known = shape.facts.problems.find((problem) => problem.field === field);
  return known?.remedy ?? 'Create the property in HubSpot, or correct the configuration.';
}

function refusal(code: string, field: string, message: string, remedy: string): ErrorDetails {
  return { recovery: 'skip', code, crm: 'hubspot', field, message, remedy };
}
