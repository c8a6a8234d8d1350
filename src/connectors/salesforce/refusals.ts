import type { AccountFacts, FieldFact } from '../../core/account-facts.ts';
import type { ErrorDetails, Recovery } from '../../core/errors.ts';
import type { Fields, Value } from '../../core/opportunity.ts';
import { accountIndex } from './account-index.ts';
import { decimalParts, exactNumber } from './decimal-text.ts';

/** Standard fields Salesforce never lets be blank. */
const REQUIRED = new Set(['name', 'stage', 'closeDate', 'owner', 'currency']);
/** Opportunity.Amount is a currency field (18,2). */
const AMOUNT_WHOLE_DIGITS = 16;
const AMOUNT_FRACTION_DIGITS = 2;

interface Reason {
  readonly code: string;
  readonly says: string;
  readonly remedy: string;
  readonly recovery?: Recovery;
}

const MAP_IT = 'Map the value to one that exists, or add it in Salesforce.';
const CORRECT_IT = 'Correct the value in the other CRM.';

function quoted(value: string): string {
  const points = [...value];
  return `"${points.length > 60 ? `${points.slice(0, 60).join('')}…` : value}"`;
}

function stageReason(value: string, facts: AccountFacts): Reason | null {
  if (facts.stages.length === 0) return null;
  const stage = accountIndex(facts).stages.get(value);
  if (stage === undefined) {
    return { code: 'stage_unknown', says: `stage ${quoted(value)} does not exist`, remedy: MAP_IT };
  }
  if (stage.active) return null;
  return {
    code: 'stage_inactive',
    says: `stage ${quoted(value)} is no longer offered`,
    remedy: 'Map to an active stage, or activate this one in Salesforce.',
  };
}

function personReason(value: string, facts: AccountFacts): Reason | null {
  const owner = accountIndex(facts).owners.get(value.toLowerCase());
  if (owner?.active === true) return null;
  const says = owner === undefined ? 'belongs to no user' : 'belongs to a user who is not active';
  return {
    code: owner === undefined ? 'owner_unknown' : 'owner_inactive',
    says: `${quoted(value)} ${says}`,
    remedy: 'Give the person an active Salesforce user, or map the owner to somebody who has one.',
  };
}

function decimalReason(value: string, fact: FieldFact): Reason | null {
  const parts = decimalParts(value);
  if (parts === null)
    return { code: 'not_a_number', says: `${quoted(value)} is not a number`, remedy: CORRECT_IT };
  const tooLarge = parts.whole.length > AMOUNT_WHOLE_DIGITS;
  if (fact.field === 'amount' && (tooLarge || parts.fraction.length > AMOUNT_FRACTION_DIGITS)) {
    return {
      code: 'number_does_not_fit',
      says: `${value} does not fit ${AMOUNT_WHOLE_DIGITS} digits and ${AMOUNT_FRACTION_DIGITS} decimals`,
      remedy: CORRECT_IT,
    };
  }
  if (exactNumber(value) !== null) return null;
  return {
    code: 'number_not_exact',
    says: `${value} has more digits than the API carries exactly`,
    remedy: 'Round the amount, or enter it in Salesforce by hand.',
  };
}

function isCalendarDate(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value) || value < '1700-01-01' || value > '4000-12-31') return false;
  const at = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(value);
}

function choiceReason(value: string, allowed: readonly string[]): Reason | null {
  if (allowed.includes(value)) return null;
  return {
    code: 'choice_not_allowed',
    says: `${quoted(value)} is not one of the allowed values`,
    remedy: MAP_IT,
  };
}

function shapeReason(value: string, fact: FieldFact, facts: AccountFacts): Reason | null {
  switch (fact.kind) {
    case 'stage':
      return stageReason(value, facts);
    case 'person':
      return personReason(value, facts);
    case 'decimal':
      return decimalReason(value, fact);
    case 'date':
      return isCalendarDate(value)
        ? null
        : {
            code: 'not_a_date',
            says: `${quoted(value)} is not a date Salesforce can hold`,
            remedy: CORRECT_IT,
          };
    case 'instant':
      return Number.isNaN(Date.parse(value))
        ? { code: 'not_a_moment', says: `${quoted(value)} is not a date and time`, remedy: CORRECT_IT }
        : null;
    case 'boolean':
      return value === 'true' || value === 'false'
        ? null
        : { code: 'not_a_boolean', says: `${quoted(value)} is neither true nor false`, remedy: CORRECT_IT };
    case 'currency':
      return choiceReason(value, facts.currencies ?? [value]);
    case 'choices':
      return (
        value
          .split(';')
          .map((one) => choiceReason(one, fact.choices ?? [one]))
          .find((reason) => reason !== null) ?? null
      );
    case 'choice':
      return choiceReason(value, fact.choices ?? [value]);
    case 'text':
      return null;
  }
}

function reasonAgainst(field: string, value: Value, facts: AccountFacts): Reason | null {
  const fact = accountIndex(facts).fields.get(field);
  if (fact === undefined) {
    if (field === 'currency' && value !== null) {
      if (value === facts.currency) return null;
      return {
        code: 'currency_not_allowed',
        says: `the org has a single currency${facts.currency === null ? '' : ` (${facts.currency})`}, not ${quoted(value)}`,
        remedy: 'Enable multiple currencies in Salesforce, or exclude deals in other currencies.',
      };
    }
    return {
      code: 'field_missing',
      says: 'the field does not exist or is hidden from the integration user',
      remedy: 'Provision the field and grant access to it, or take it out of the configuration.',
      recovery: 'fix',
    };
  }
  if (!fact.writable) {
    return {
      code: 'field_read_only',
      says: `the integration user cannot edit ${fact.native}`,
      remedy: `Grant edit access to ${fact.native} by permission set, or do not sync the field.`,
      recovery: 'fix',
    };
  }
  if (value === null) {
    if (!REQUIRED.has(field)) return null;
    return {
      code: 'required',
      says: 'Salesforce does not let it be blank',
      remedy: 'Fill it in the other CRM.',
    };
  }
  const shape = shapeReason(value, fact, facts);
  if (shape !== null) return shape;
  const isText = fact.kind !== 'person' && fact.kind !== 'decimal' && field !== 'reason';
  if (isText && fact.maxLength !== null && [...value].length > fact.maxLength) {
    return {
      code: 'too_long',
      says: `the text is longer than ${fact.maxLength} characters`,
      remedy: 'Shorten it in the other CRM.',
    };
  }
  return null;
}

/** PURE. Why these values cannot be written, one per field; empty when they can. */
export function refusalsOf(write: { fields: Fields; owned: Fields }, facts: AccountFacts): ErrorDetails[] {
  const entries = [...Object.entries(write.fields), ...Object.entries(write.owned)];
  return entries.flatMap(([field, value]) => {
    const reason = reasonAgainst(field, value, facts);
    if (reason === null) return [];
    return [
      {
        recovery: reason.recovery ?? 'skip',
        code: `salesforce.${reason.code}`,
        message: `Salesforce cannot take ${field}: ${reason.says}.`,
        remedy: reason.remedy,
        crm: 'salesforce',
        field,
      },
    ];
  });
}
