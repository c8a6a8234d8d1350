/** Amounts as they are read, and their exact sums: whole numbers where an amount is small enough, decimals where it is not. */
import type { DecimalText } from './ids.ts';
import { Money, moneyOf, ZERO } from './measure-amount.ts';

/** Whole parts of an amount in a unit: four decimals, as many as any currency has. */
const PER_UNIT = 10_000;
const DECIMALS = 4;
/** Longest whole part that is counted in whole numbers; with its decimals it stays far from where numbers lose digits. */
const LONGEST = 11;
const MOST = 4_000_000_000_000_000;

/** An amount that may be added up by the million. */
export class Amount {
  /** Ten-thousandths; null: too large or too fine for them. */
  readonly parts: number | null;
  readonly #text: DecimalText;
  #money: Money | null = null;

  private constructor(parts: number | null, text: DecimalText, money: Money | null) {
    this.parts = parts;
    this.#text = text;
    this.#money = money;
  }

  /** The amount a text says; null when there is none or the text is no plain decimal number. */
  static of(text: DecimalText | null): Amount | null {
    if (text === null) return null;
    const parts = partsOf(text);
    if (parts !== null) return new Amount(parts, text, null);
    const money = moneyOf(text);
    return money === null ? null : new Amount(null, text, money);
  }

  /** The exact decimal. */
  get money(): Money {
    this.#money ??= new Money(this.#text);
    return this.#money;
  }

  /** Negative when this one is less, positive when it is more. */
  compare(other: Amount): number {
    return this.parts !== null && other.parts !== null
      ? this.parts - other.parts
      : this.money.comparedTo(other.money);
  }
}

/** The amount of what has none, where two are compared. */
export const NOTHING: Amount = Amount.of('0') as Amount;

/** An exact sum under way. */
export class Total {
  #parts = 0;
  #rest: Money = ZERO;

  /** Nothing adds nothing. */
  add(amount: Amount | null): void {
    if (amount === null) return;
    if (amount.parts === null) this.#rest = this.#rest.plus(amount.money);
    else this.#count(amount.parts);
  }

  subtract(amount: Amount | null): void {
    if (amount === null) return;
    if (amount.parts === null) this.#rest = this.#rest.minus(amount.money);
    else this.#count(-amount.parts);
  }

  get money(): Money {
    return this.#parts === 0 ? this.#rest : this.#rest.plus(new Money(this.#parts).div(PER_UNIT));
  }

  #count(parts: number): void {
    this.#parts += parts;
    if (Math.abs(this.#parts) < MOST) return;
    this.#rest = this.money;
    this.#parts = 0;
  }
}

/** Σ of amounts; what has none adds nothing. Empty: 0, because a sum over nothing is known. */
export function sumOf(amounts: Iterable<Amount | null>): Money {
  const total = new Total();
  for (const amount of amounts) total.add(amount);
  return total.money;
}

/** Arithmetic mean; null when empty. */
export function meanAmount(amounts: readonly Amount[]): Money | null {
  return amounts.length === 0 ? null : sumOf(amounts).div(amounts.length);
}

/** The middle amount, or the mean of the two middle ones; null when empty. */
export function medianAmount(amounts: readonly Amount[]): Money | null {
  if (amounts.length === 0) return null;
  const sorted = [...amounts].sort((a, b) => a.compare(b));
  const upper = sorted[sorted.length >> 1]?.money ?? ZERO;
  const lower = sorted[(sorted.length - 1) >> 1]?.money ?? ZERO;
  return upper.plus(lower).div(2);
}

/** Digits, at most one point: read without building anything. Null for every other text. */
function partsOf(text: string): number | null {
  const negative = text.charCodeAt(0) === 45;
  let value = 0;
  let digits = 0;
  let decimals = -1;
  for (let at = negative ? 1 : 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 46 && decimals < 0) decimals = 0;
    else if (code < 48 || code > 57) return null;
    else {
      value = value * 10 + (code - 48);
      digits += 1;
      if (decimals >= 0) decimals += 1;
    }
  }
  const after = Math.max(decimals, 0);
  if (digits === 0 || after > DECIMALS || digits - after > LONGEST) return null;
  const parts = value * 10 ** (DECIMALS - after);
  return negative ? 0 - parts : parts;
}
