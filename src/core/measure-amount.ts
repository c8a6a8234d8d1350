/** Exact money arithmetic: sums are never rounded, quotients are rounded once, at the end. */
import { Decimal } from 'decimal.js';
import type { DecimalText } from './ids.ts';

/** Enough digits that no sum of amounts is ever cut; the package's own default keeps only 20. */
export const Money = Decimal.clone({ precision: 80, rounding: Decimal.ROUND_HALF_UP });
export type Money = Decimal;

export const ZERO: Money = new Money(0);

/** Places kept of averages, medians, rates and days. */
const QUOTIENT_PLACES = 6;
const PLAIN_NUMBER = /^[+-]?(\d{1,40}\.?\d{0,40}|\.\d{1,40})(e[+-]?\d{1,2})?$/i;

/** An amount as a number, or null when there is none or the text is no plain decimal number. */
export function moneyOf(text: DecimalText | null): Money | null {
  return text !== null && PLAIN_NUMBER.test(text.trim()) ? new Money(text.trim()) : null;
}

/** The exact decimal text, without exponent and without trailing zeros. */
export function decimalOf(value: Money): DecimalText {
  return value.isZero() ? '0' : value.toFixed();
}

/** Text of a quotient, rounded half up to 6 decimals; null stays null. */
export function quotientText(value: Money | null): DecimalText | null {
  return value === null ? null : decimalOf(value.toDecimalPlaces(QUOTIENT_PLACES));
}

/** part ÷ whole rounded to 6 decimals; null when the whole is 0: nothing is known of an empty set, so it is never 0. */
export function ratio(part: Money | number, whole: Money | number): number | null {
  const divisor = new Money(whole);
  return divisor.isZero() ? null : new Money(part).div(divisor).toDecimalPlaces(QUOTIENT_PLACES).toNumber();
}

/** Arithmetic mean of whole numbers such as days, rounded to 6 decimals; null when empty. */
export function mean(values: readonly number[]): number | null {
  let sum = 0;
  for (const value of values) sum += value;
  return ratio(sum, values.length);
}

/**
 * The value below which a share of the values lies: linear between the two nearest ranks, so that 0.5 is the median.
 * Rounded to 6 decimals; null when empty.
 */
export function quantile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const lower = sorted[Math.floor(at)] ?? 0;
  const upper = sorted[Math.ceil(at)] ?? lower;
  return Number((lower + (upper - lower) * (at - Math.floor(at))).toFixed(QUOTIENT_PLACES));
}
