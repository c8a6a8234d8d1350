/** A decimal number as digits and the count of them after the point. */
interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/**
 * Prints a double with every digit it really has, as HubSpot prints calculated numbers: 0.4 becomes
 * "0.40000000000000002220446049250313080847263336181640625" (hubspot.md §2.6, recorded).
 */
export function exactDouble(value: number): string {
  return print(decompose(value));
}

/** The exact product of a decimal text and a double, as hs_projected_amount shows it. Null when the text is no number. */
export function timesDouble(text: string, factor: number): string | null {
  const left = parseDecimal(text);
  if (left === null) return null;
  const right = decompose(factor);
  return print({ digits: left.digits * right.digits, scale: left.scale + right.scale });
}

/** The shortest text of a decimal: no sign on zero, no idle zeros, no exponent. Null when the text is no number. */
export function canonicalDecimal(text: string): string | null {
  const decimal = parseDecimal(text);
  return decimal === null ? null : print(decimal);
}

function parseDecimal(text: string): Decimal | null {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return null;
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  const scale = fraction.length - Number(exponent);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

const WORDS = new DataView(new ArrayBuffer(8));

function decompose(value: number): Decimal {
  if (Number.isSafeInteger(value)) return { digits: BigInt(value), scale: 0 };
  WORDS.setFloat64(0, value);
  const bits = WORDS.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = (biased === 0 ? fraction : fraction | 0x10000000000000n) * (bits >> 63n === 1n ? -1n : 1n);
  const power = (biased === 0 ? 1 : biased) - 1075;
  if (power >= 0) return { digits: mantissa << BigInt(power), scale: 0 };
  return { digits: mantissa * 5n ** BigInt(-power), scale: -power };
}

function print({ digits, scale }: Decimal): string {
  if (digits === 0n) return '0';
  const sign = digits < 0n ? '-' : '';
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  const whole = text.slice(0, text.length - scale);
  const fraction = text.slice(text.length - scale).replace(/0+$/, '');
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
