import { Decimal } from 'decimal.js';
import type { FieldKind, Value } from './opportunity.ts';

/** Blank text and null mean the same: nothing there. Whitespace alone is blank. */
export function isBlank(value: Value): boolean {
  return value === null || value.trim() === '';
}

/**
 * Do two canonical values mean the same? Decimals by number (`10` = `10.00`), instants by moment, dates by calendar date,
 * choices order-free, people and currencies without case, text after NFC and trimming. Values that cannot be read as
 * their kind are compared as text, so that nothing is ever equal by accident.
 */
export function sameValue(kind: FieldKind, a: Value, b: Value): boolean {
  if (a === b) return true;
  if (isBlank(a) || isBlank(b)) return isBlank(a) && isBlank(b);
  return comparable(kind, a as string) === comparable(kind, b as string);
}

/** The text by which values of a kind are compared; equal meaning gives equal text. */
export function comparable(kind: FieldKind, value: string): string {
  const text = value.trim().normalize('NFC');
  switch (kind) {
    case 'decimal':
      return comparableDecimal(text);
    case 'instant':
      return comparableInstant(text);
    case 'choices':
      return [...new Set(text.split(';').map((part) => part.trim()))].filter(Boolean).sort().join(';');
    case 'person':
    case 'boolean':
      return text.toLowerCase().normalize('NFC');
    case 'currency':
      return text.toUpperCase().normalize('NFC');
    case 'text':
      return text.replaceAll('\r\n', '\n');
    default:
      return text;
  }
}

function comparableDecimal(text: string): string {
  // Decimal also reads hexadecimal and the like; an amount is only ever a plain or scientific decimal number.
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,4})?$/i.test(text)) return text;
  return new Decimal(text).toString();
}

/** A calendar date, or a moment with its zone: without one the answer would depend on the machine. */
const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d))?$/i;

function comparableInstant(text: string): string {
  // Date.parse alone reads almost any text with a number in it as some date.
  const moment = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(moment) ? text : String(moment);
}
