/**
 * The shortest decimal text of a JSON number, never in exponent form. JSON numbers arrive as doubles, so this is the exact
 * value Salesforce sent as long as it has at most 15 significant digits.
 */
export function decimalText(value: number): string {
  const short = String(value);
  const exponent = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(short);
  if (exponent === null) return short === '-0' ? '0' : short;
  const [, sign = '', whole = '', fraction = '', power = '0'] = exponent;
  const digits = whole + fraction;
  const point = whole.length + Number(power);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0')}`;
}

/** Sign, whole digits and fraction digits of a decimal text, without leading or trailing zeros; null when it is not one. */
export function decimalParts(text: string): { negative: boolean; whole: string; fraction: string } | null {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = ''] = match;
  return {
    negative: sign === '-',
    whole: whole.replace(/^0+(?=\d)/, ''),
    fraction: fraction.replace(/0+$/, ''),
  };
}

/** A decimal text as a JSON number, or null when a double would not say exactly the same. */
export function exactNumber(text: string): number | null {
  const wanted = decimalParts(text);
  if (wanted === null) return null;
  const value = Number(text);
  const got = decimalParts(decimalText(value));
  if (got === null || got.whole !== wanted.whole || got.fraction !== wanted.fraction) return null;
  if (value !== 0 && got.negative !== wanted.negative) return null;
  return value === 0 ? 0 : value;
}
