import type { AccountFacts, FieldFact } from '../../core/account-facts.ts';
import type { ErrorDetails, Recovery } from '../../core/errors.ts';
import type { Fields, Value } from '../../core/opportunity.ts';
import type { SentenceParams } from '../../core/told.ts';
import { accountIndex } from './account-index.ts';
import { decimalParts, exactNumber } from './decimal-text.ts';
import { type SalesforceSentence, told } from './sentences.ts';

/** Standard fields Salesforce never lets be blank. */
const REQUIRED = new Set(['name', 'stage', 'closeDate', 'owner', 'currency']);
/** Opportunity.Amount is a currency field (18,2). */
const AMOUNT_WHOLE_DIGITS = 16;
const AMOUNT_FRACTION_DIGITS = 2;

interface Reason {
  readonly code: SalesforceSentence;
  readonly params?: SentenceParams;
  readonly recovery?: Recovery;
}

function quoted(value: string): string {
  const points = [...value];
  return `"${points.length > 60 ? `${points.slice(0, 60).join('')}…` : value}"`;
}

function stageReason(value: string, facts: AccountFacts): Reason | null {
  if (facts.stages.length === 0) return null;
  const stage = accountIndex(facts).stages.get(value);
  if (stage === undefined) {
    return { code: 'stage_unknown', params: { value: quoted(value) } };
  }
  if (stage.active) return null;
  return { code: 'stage_inactive', params: { value: quoted(value) } };
}

function personReason(value: string, facts: AccountFacts): Reason | null {
  const owner = accountIndex(facts).owners.get(value.toLowerCase());
  if (owner?.active === true) return null;
  return {
    code: owner === undefined ? 'owner_unknown' : 'owner_inactive',
    params: { value: quoted(value) },
  };
}

function decimalReason(value: string, fact: FieldFact): Reason | null {
  const parts = decimalParts(value);
  if (parts === null) return { code: 'not_a_number', params: { value: quoted(value) } };
  const tooLarge = parts.whole.length > AMOUNT_WHOLE_DIGITS;
  if (fact.field === 'amount' && (tooLarge || parts.fraction.length > AMOUNT_FRACTION_DIGITS)) {
    return {
      code: 'number_does_not_fit',
      params: { value, whole: String(AMOUNT_WHOLE_DIGITS), fraction: String(AMOUNT_FRACTION_DIGITS) },
    };
  }
  if (exactNumber(value) !== null) return null;
  return { code: 'number_not_exact', params: { value } };
}

function isCalendarDate(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value) || value < '1700-01-01' || value > '4000-12-31') return false;
  const at = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(value);
}

function choiceReason(value: string, allowed: readonly string[]): Reason | null {
  if (allowed.includes(value)) return null;
  return { code: 'choice_not_allowed', params: { value: quoted(value) } };
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
      return isCalendarDate(value) ? null : { code: 'not_a_date', params: { value: quoted(value) } };
    case 'instant':
      return Number.isNaN(Date.parse(value))
        ? { code: 'not_a_moment', params: { value: quoted(value) } }
        : null;
    case 'boolean':
      return value === 'true' || value === 'false'
        ? null
        : { code: 'not_a_boolean', params: { value: quoted(value) } };
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
        params: {
          value: quoted(value),
          ...(facts.currency === null ? {} : { currency: facts.currency }),
        },
      };
    }
    return { code: 'field_missing', recovery: 'fix' };
  }
  if (!fact.writable) {
    return { code: 'field_read_only', params: { native: fact.native }, recovery: 'fix' };
  }
  if (value === null) {
    if (!REQUIRED.has(field)) return null;
    return { code: 'required' };
  }
  const shape = shapeReason(value, fact, facts);
  if (shape !== null) return shape;
  const isText = fact.kind !== 'person' && fact.kind !== 'decimal' && field !== 'reason';
  if (isText && fact.maxLength !== null && [...value].length > fact.maxLength) {
    return { code: 'too_long', params: { most: String(fact.maxLength) } };
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
        ...told(reason.code, { field, ...reason.params }),
        crm: 'salesforce',
        field,
      },
    ];
  });
}
