/** How two amounts of money stand to each other when a deal was entered twice. */

export type AmountRelation =
  | { readonly is: 'equal' }
  /** One with tax, one without: the rate in per cent. */
  | { readonly is: 'tax'; readonly percent: number }
  /** Rounded by somebody: less than 2 % apart. */
  | { readonly is: 'rounded' }
  /** The same figure, a power of a hundred or a thousand apart: cents, or "k". */
  | { readonly is: 'unit' }
  /** Anything else; how many per cent the larger is above the smaller. */
  | { readonly is: 'apart'; readonly percent: number };

/** Value-added and sales taxes of OECD and neighbouring countries, in per cent; standard and common reduced rates. */
const TAX_RATES = [
  5, 5.5, 6, 7, 7.7, 8, 8.1, 9, 10, 12, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 25.5, 27,
];

/**
 * What an amount may mean, most likely first. A plain decimal means itself; text as people type it (`1.234,50 €`,
 * `12'000`, `12k`) is read too, and where a single separator may be either mark, both ways count. Empty when it is none.
 */
export function amountReadings(text: string): readonly number[] {
  const bare = text.trim();
  if (/^[+-]?\d+(\.\d+)?$/.test(bare)) {
    const value = Number(bare);
    return /^\d{1,3}\.\d{3}$/.test(bare) ? [value, value * 1000] : [value];
  }
  const figure = /[+-]?\d[\d.,'’\s\u00a0\u202f]*/u.exec(bare);
  if (figure === null) return [];
  const rest = bare.slice(figure.index + figure[0].length).trim();
  const scale = /^k\b/i.test(rest) ? 1000 : /^(m|mio|mn)\b/i.test(rest) ? 1_000_000 : 1;
  const digits = figure[0].replaceAll(/['’\s\u00a0\u202f]/gu, '');
  const mark = Math.max(digits.lastIndexOf('.'), digits.lastIndexOf(','));
  const whole = Number(digits.replaceAll(/[.,]/g, ''));
  if (!Number.isFinite(whole)) return [];
  if (mark < 0) return [whole * scale];
  const decimals = digits.length - mark - 1;
  const fraction = whole / 10 ** decimals;
  const kinds = new Set(digits.replaceAll(/[^.,]/g, ''));
  const marks = digits.replaceAll(/[^.,]/g, '').length;
  if (kinds.size === 2) return [fraction * scale];
  if (marks > 1) return [whole * scale];
  return decimals === 3 ? [whole * scale, fraction * scale] : [fraction * scale];
}

/** The most telling relation between two amounts. Symmetric. */
export function relateAmounts(x: number, y: number): AmountRelation {
  if (x === y || Math.abs(x - y) < 0.005) return { is: 'equal' };
  const low = Math.min(Math.abs(x), Math.abs(y));
  const high = Math.max(Math.abs(x), Math.abs(y));
  if (low === 0 || x < 0 !== y < 0) return { is: 'apart', percent: 100 };
  const ratio = high / low;
  if (ratio < 1.3) {
    for (const rate of TAX_RATES) {
      const gross = low * (1 + rate / 100);
      // Whoever computed it rounded to cents or to whole units.
      if (Math.abs(gross - high) <= Math.max(0.011, Math.min(0.51, high * 0.0005)))
        return { is: 'tax', percent: rate };
    }
  }
  if (ratio <= 1.02) return { is: 'rounded' };
  if (Math.abs(ratio - 100) < 0.001 || Math.abs(ratio - 1000) < 0.01) return { is: 'unit' };
  return { is: 'apart', percent: Math.round((ratio - 1) * 100) };
}
