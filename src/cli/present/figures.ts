import type { DecimalText } from '../../core/ids.ts';
import type { Words } from '../locale/index.ts';

export const MISSING = '–';

/** Figures in the reader's language. What is not known is a dash, never a nought. */
export interface Figures {
  count(n: number): string;
  /** With two decimals, or none where there are none; exact however large. */
  money(text: DecimalText | null): string;
  /** To the nearest whole unit. */
  round(text: DecimalText | null): string;
  /** A share 0..1 as a percentage with one decimal. */
  share(value: number | null): string;
  /** `57 days` */
  days(value: number | null): string;
  /** `57`, where a heading says that it is days. */
  plainDays(value: number | null): string;
  /** `2.4 ×` */
  factor(value: number): string;
}

export function figuresIn(words: Words): Figures {
  const format = (options: Intl.NumberFormatOptions): Intl.NumberFormat =>
    new Intl.NumberFormat(words.locale, options);
  const amounts = format({
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
    trailingZeroDisplay: 'stripIfInteger',
  });
  const whole = format({ maximumFractionDigits: 0 });
  const shares = format({ style: 'percent', maximumFractionDigits: 1 });
  const inDays = format({ style: 'unit', unit: 'day', unitDisplay: 'long', maximumFractionDigits: 1 });
  const oneDecimal = format({ maximumFractionDigits: 1 });
  return {
    count: (n) => words.number(n),
    // Decimal text goes in as it is: as a number it would lose the cents of large amounts.
    money: (text) => (text === null ? MISSING : amounts.format(text as `${number}`)),
    round: (text) => (text === null ? MISSING : whole.format(text as `${number}`)),
    share: (value) => (value === null ? MISSING : shares.format(value)),
    days: (value) => (value === null ? MISSING : inDays.format(value)),
    plainDays: (value) => (value === null ? MISSING : oneDecimal.format(value)),
    factor: (value) => `${oneDecimal.format(value)} ×`,
  };
}
