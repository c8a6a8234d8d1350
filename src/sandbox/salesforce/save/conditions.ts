import { ApiError } from '../errors.ts';
import type { Org } from '../org.ts';
import type { Value } from '../schema/field.ts';
import type { Automation, Condition } from '../switches.ts';
import type { Draft } from './draft.ts';

/** Refuses the draft when a validation rule holds of it. */
export function checkValidationRules(org: Org, draft: Draft): void {
  for (const rule of org.switches.validationRules) {
    if (!holds(rule.when, draft)) continue;
    throw new ApiError('FIELD_CUSTOM_VALIDATION_EXCEPTION', rule.message, {
      fields: rule.field === undefined ? [] : [rule.field],
    });
  }
}

/** Automations whose condition the draft meets. */
export function triggeredBy(org: Org, draft: Draft): Automation[] {
  return org.switches.automations.filter((automation) => holds(automation.when, draft));
}

function holds(when: Condition, draft: Draft): boolean {
  const dot = when.field.indexOf('.');
  const object = dot < 0 ? 'Opportunity' : when.field.slice(0, dot);
  const name = when.field.slice(dot + 1);
  if (object !== draft.table.type.name || draft.table.column(name) === undefined) return false;
  const value = draft.get(name);
  if (when.changedTo !== undefined && !(value === when.changedTo && draft.changed(name))) return false;
  if (when.equals !== undefined && value !== when.equals) return false;
  if (when.isNull !== undefined && (value === null) !== when.isNull) return false;
  if (when.greaterThan !== undefined && !isGreater(value, when.greaterThan)) return false;
  if (when.lessThan !== undefined && !(value !== null && isGreater(when.lessThan, value))) return false;
  if (when.startsWith !== undefined && !(typeof value === 'string' && value.startsWith(when.startsWith)))
    return false;
  const onlyField = Object.keys(when).length === 1;
  return !onlyField || draft.changed(name);
}

function isGreater(a: Value, b: Value): boolean {
  return a !== null && b !== null && typeof a === typeof b && a > b;
}
