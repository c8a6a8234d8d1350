/** Several scopes as a table, one line each, as wide as the terminal allows. */
import type { Division, MetricsScope } from '../../core/measure-portfolio.ts';
import type { Colours } from '../colours.ts';
import type { Words } from '../locale/index.ts';
import { figuresIn, MISSING } from './figures.ts';
import { type FittedColumn, fittedTable } from './fitted-table.ts';
import { short } from './text.ts';

const IDLE = ['0', MISSING];

export function comparisonText(
  scopes: readonly MetricsScope[],
  words: Words,
  colours: Colours,
  columns: number,
): string {
  const { count, round, share, plainDays } = figuresIn(words);
  const byMonth = scopes.some(({ by }) => 'month' in by);
  const figure = (
    key: string,
    cell: (scope: MetricsScope) => string,
    more: Partial<FittedColumn<MetricsScope>> = {},
  ): FittedColumn<MetricsScope> => ({
    ...{ head: words.find(`metrics.head_${key}`) ?? key, cell, right: true },
    ...more,
  });
  // Scopes of one name follow each other, one per currency: the name is said once.
  const repeated = new Set(
    scopes.filter((scope, index) => {
      const before = scopes[index - 1];
      return before !== undefined && scopeName(before, words) === scopeName(scope, words);
    }),
  );
  const all: readonly FittedColumn<MetricsScope>[] = [
    {
      head: words.say('metrics.scope'),
      cell: (scope) => (repeated.has(scope) ? '' : scopeName(scope, words)),
      idle: [''],
      shrinkTo: 16,
    },
    ...(new Set(scopes.map(({ currency }) => currency)).size > 1
      ? [{ head: '', cell: ({ currency }: MetricsScope) => currency ?? '?' }]
      : []),
    ...(byMonth
      ? [figure('created', ({ metrics }) => count(metrics.created_count), { idle: IDLE, expendable: 5 })]
      : []),
    figure('open', ({ metrics }) => count(metrics.open_count), { expendable: 5 }),
    figure('open_sum', ({ metrics }) => round(metrics.open_amount), { idle: IDLE, expendable: 7 }),
    figure('weighted', ({ metrics }) => round(metrics.weighted_amount), { idle: IDLE, expendable: 3 }),
    figure('won', ({ metrics }) => count(metrics.won_count), { expendable: 9 }),
    figure('won_sum', ({ metrics }) => round(metrics.won_amount), { idle: IDLE, expendable: 8 }),
    figure('lost', ({ metrics }) => count(metrics.lost_count), { expendable: 6 }),
    figure('win_rate', ({ metrics }) => share(metrics.win_rate_count), { idle: [MISSING], expendable: 10 }),
    figure('cycle_won', ({ metrics }) => plainDays(metrics.cycle_won_median_days), {
      idle: [MISSING],
      expendable: 4,
    }),
    figure('unknown', ({ metrics }) => count(metrics.unknown_count), { idle: IDLE, expendable: 1 }),
  ];
  const { text, leftOut } = fittedTable(colours, all, scopes, columns);
  if (leftOut.length === 0) return text;
  return `${text}\n${colours.dim(words.say('metrics.narrow', { heads: leftOut.join(' · ') }))}\n`;
}

/** What a scope holds, as people say it: `Renewals · 2026-05`. Empty for everything. */
export function scopeName({ by }: MetricsScope, words: Words): string {
  return (Object.entries(by) as (readonly [Division, string | null])[])
    .map(([division, value]) => (value === null ? words.say(`metrics.none_${division}`) : short(value, 40)))
    .join(' · ');
}
