/** What the opportunities of one account amount to, as it is kept in fields of the account. */
import { Amount, sumOf } from './amount.ts';
import { decimalOf, Money, quantile } from './measure-amount.ts';
import { cycleDays } from './measure-opportunity.ts';
import type { MeasuredRecord } from './measure-record.ts';
import { closingDay } from './measure-state.ts';
import type { Value } from './opportunity.ts';
import { latestRate, type RateTable, rateOn } from './rates.ts';

/** The fields of accounts that oppsync owns. All are numbers. */
export const ROLLUP_FIELDS = ['openAmount', 'wonAmount', 'winRate', 'medianCycleDays'] as const;
export type RollupField = (typeof ROLLUP_FIELDS)[number];

/** What is needed of one opportunity; its status and outcome are those of the verdict as reconciled. */
export type RolledRecord = Pick<
  MeasuredRecord,
  'status' | 'outcome' | 'amount' | 'currency' | 'createdAt' | 'closeDate' | 'closedAt'
>;

export interface RollupMoney {
  /** Currency of amounts that name none: that of the CRM account; null = not known. */
  readonly own: string | null;
  /** Converts all amounts into one currency; null = they are only added up where they are of one. */
  readonly rates: RateTable | null;
}

export interface Rollup {
  readonly values: Readonly<Record<RollupField, Value>>;
  /** Why both amounts are left blank: several currencies, or one without a rate. */
  readonly withheld: 'currencies' | 'rate' | null;
}

/** As the days of a cycle are told in the fields of each opportunity. */
const ZONE = 'UTC';
/** Decimals that fit the fields in both CRMs. */
const PLACES = { amount: 2, rate: 4 } as const;

/**
 * Rolls the opportunities of one account up, whatever the day, so that nothing changes with the clock alone:
 * - `openAmount` Σ amount of active ones; `wonAmount` Σ amount of won ones; rounded half up to 2 decimals at the end.
 * - `winRate` won ÷ (won + lost) by count, 0..1 with 4 decimals; null when nothing was won or lost. Cancelled ones and those
 *   that could not be decided are in no figure.
 * - `medianCycleDays` median of {@link cycleDays} of won ones; null without any.
 * Amounts of several currencies are never added up: with a rate table each is converted, closed ones at the rate of their
 * closing day and open ones at the latest rate of the table; without one both amounts are blank. No opportunity at all
 * gives blanks only.
 */
export function rollUp(records: readonly RolledRecord[], money: RollupMoney): Rollup {
  if (records.length === 0) return { values: blanks(), withheld: null };
  const open = records.filter(({ status }) => status === 'active');
  const closed = (outcome: RolledRecord['outcome']): readonly RolledRecord[] =>
    records.filter((record) => record.status === 'closed' && record.outcome === outcome);
  const won = closed('won');
  const decided = won.length + closed('lost').length;
  const cycles = won.map((record) => cycleDays(record, ZONE)).filter((days) => days !== null);
  const median = quantile(cycles, 0.5);
  const sums = sumsOf(open, won, money);
  return {
    values: {
      openAmount: sums.is === 'known' ? sums.open : null,
      wonAmount: sums.is === 'known' ? sums.won : null,
      // Rounded once: a quotient rounded before would now and then round the other way.
      winRate:
        decided === 0 ? null : decimalOf(new Money(won.length).div(decided).toDecimalPlaces(PLACES.rate)),
      medianCycleDays: median === null ? null : String(median),
    },
    withheld: sums.is === 'known' ? null : sums.is,
  };
}

/** What an account without opportunities holds. */
function blanks(): Record<RollupField, Value> {
  return { openAmount: null, wonAmount: null, winRate: null, medianCycleDays: null };
}

type Sums =
  | { readonly is: 'known'; readonly open: string; readonly won: string }
  | { readonly is: 'currencies' | 'rate' };

function sumsOf(open: readonly RolledRecord[], won: readonly RolledRecord[], money: RollupMoney): Sums {
  const { rates } = money;
  const text = (sum: Money): string => decimalOf(sum.toDecimalPlaces(PLACES.amount));
  if (rates !== null) {
    const converted = [open, won].map((list) => convertedSum(list, rates, money.own));
    const [openSum = null, wonSum = null] = converted;
    if (openSum === null || wonSum === null) return { is: 'rate' };
    return { is: 'known', open: text(openSum), won: text(wonSum) };
  }
  const currencies = new Set(
    [...open, ...won]
      .filter(({ amount }) => Amount.of(amount) !== null)
      .map(({ currency }) => (currency ?? money.own)?.toUpperCase() ?? null),
  );
  if (currencies.size > 1) return { is: 'currencies' };
  const sum = (list: readonly RolledRecord[]): Money => sumOf(list.map(({ amount }) => Amount.of(amount)));
  return { is: 'known', open: text(sum(open)), won: text(sum(won)) };
}

/** Null when an amount has no rate. */
function convertedSum(list: readonly RolledRecord[], rates: RateTable, own: string | null): Money | null {
  let sum = new Money(0);
  for (const record of list) {
    const amount = Amount.of(record.amount);
    if (amount === null) continue;
    const currency = record.currency ?? own;
    const day = closingDay(record, ZONE);
    const rate =
      currency === null ? null : day === null ? latestRate(rates, currency) : rateOn(rates, currency, day);
    if (rate === null) return null;
    sum = sum.plus(amount.money.times(rate));
  }
  return sum;
}
