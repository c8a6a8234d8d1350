import { ApiError } from '../errors.ts';
import { toId18 } from '../ids.ts';
import type { Field, Value } from '../schema/field.ts';
import { dateTimeText, isDay, toMs } from '../stamps.ts';

/**
 * Turns a JSON value into the stored form of a field.
 * Throws the platform's error: JSON_PARSER_ERROR for a wrong kind (the whole request is refused), a row error for a
 * value of the right kind that does not fit.
 */
export function fieldValue(field: Field, given: unknown): Value {
  if (given === null || given === undefined || given === '') {
    return field.type === 'boolean' ? false : null;
  }
  switch (field.type) {
    case 'boolean':
      return booleanValue(field, given);
    case 'currency':
    case 'double':
    case 'percent':
    case 'int':
      return numberValue(field, given);
    case 'date':
      return dateValue(field, given);
    case 'datetime':
      return dateTimeValue(field, given);
    case 'id':
    case 'reference':
      return toId18(textValue(field, given));
    default:
      return limitedText(field, textValue(field, given));
  }
}

function wrongKind(field: Field, given: unknown): ApiError {
  const kind =
    typeof given === 'string' ? 'VALUE_STRING' : typeof given === 'number' ? 'VALUE_NUMBER' : 'START_OBJECT';
  const shown = typeof given === 'object' ? '' : ` value ${String(given)}`;
  return new ApiError(
    'JSON_PARSER_ERROR',
    `Cannot deserialize instance of ${field.type === 'datetime' ? 'datetime' : field.type} from ${kind}${shown} or request may be missing a required field at [line:1, column:1]`,
  );
}

function booleanValue(field: Field, given: unknown): boolean {
  if (typeof given === 'boolean') return given;
  const text = String(given).toLowerCase();
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw wrongKind(field, given);
}

function numberValue(field: Field, given: unknown): number {
  const number = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw wrongKind(field, given);
  const rounded = field.type === 'int' ? Math.round(number) : roundTo(number, field.scale);
  const limit = 10 ** (field.precision - (field.type === 'int' ? 0 : field.scale));
  if (Math.abs(rounded) >= limit) {
    throw new ApiError(
      'NUMBER_OUTSIDE_VALID_RANGE',
      `${field.label}: value outside of valid range on numeric field: ${number}`,
      {
        fields: [field.name],
      },
    );
  }
  return rounded;
}

/** Half up on the decimal text, so that 1.005 with two decimals becomes 1.01 as it reads. */
function roundTo(number: number, scale: number): number {
  const text = String(number);
  if (text.includes('e') || (text.split('.')[1] ?? '').length <= scale) return number;
  return Math.sign(number) * Number(`${Math.round(Number(`${Math.abs(number)}e${scale}`))}e-${scale}`);
}

/** A datetime given to a date field loses its time, in the zone it was written in. */
function dateValue(field: Field, given: unknown): string {
  if (typeof given !== 'string') throw wrongKind(field, given);
  const day = Number.isNaN(toMs(given)) ? given : given.slice(0, 10);
  if (!isDay(day)) throw wrongKind(field, given);
  return day;
}

function dateTimeValue(field: Field, given: unknown): string {
  const ms = typeof given === 'string' ? toMs(given) : Number.NaN;
  if (Number.isNaN(ms)) throw wrongKind(field, given);
  return dateTimeText(ms);
}

function textValue(field: Field, given: unknown): string {
  if (typeof given === 'string') return given;
  if (typeof given === 'number' || typeof given === 'boolean') return String(given);
  throw wrongKind(field, given);
}

function limitedText(field: Field, text: string): string | null {
  const kept = field.type === 'textarea' ? text : text.trim();
  if (kept === '') return null;
  if (kept.length > field.length && field.length > 0) {
    throw new ApiError(
      'STRING_TOO_LONG',
      `${field.label}: data value too large: ${kept.slice(0, 255)} (max length=${field.length})`,
      {
        fields: [field.name],
      },
    );
  }
  if (field.type === 'email' && !/^[^\s@]+@[^\s@]+$/.test(kept)) {
    throw new ApiError('INVALID_EMAIL_ADDRESS', `${field.label}: invalid email address: ${kept}`, {
      fields: [field.name],
    });
  }
  return kept;
}
