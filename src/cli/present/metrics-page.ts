/** One scope as a page: what is open, what closed, how fast, what moved, and why. */
import type { MetricsScope } from '../../core/measure-portfolio.ts';
import type { ScopeMetrics } from '../../core/measure-scope.ts';
import type { Colours } from '../colours.ts';
import type { MessageKey, Words } from '../locale/index.ts';
import { figuresIn, MISSING } from './figures.ts';
import { scopeName } from './metrics-comparison.ts';
import { waterfallLines } from './metrics-waterfall.ts';
import { table } from './table.ts';
import { short } from './text.ts';

const STEPS_SHOWN = 12;
const REASONS_SHOWN = 5;

type Row = readonly (string | { readonly right: string })[];

export function pageText(scope: MetricsScope, words: Words, colours: Colours, columns: number): string {
  const { metrics } = scope;
  const block = (key: MessageKey, rows: readonly Row[]): string =>
    rows.length === 0 ? '' : `\n${colours.bold(words.say(key))}\n${table(colours, [], rows)}`;
  const waterfall = metrics.waterfall_due ?? metrics.waterfall;
  return [
    Object.keys(scope.by).length === 0 ? '' : `${scopeName(scope, words)}\n`,
    block('metrics.open', openRows(metrics, words)),
    block('metrics.closed', closedRows(metrics, words)),
    block('metrics.speed', speedRows(metrics, words)),
    block('metrics.movement', movementRows(metrics, words)),
    block('metrics.lost_reasons', reasonRows(metrics.lost_reasons, words)),
    block('metrics.won_reasons', reasonRows(metrics.won_reasons, words)),
    waterfall === null
      ? ''
      : `\n${colours.bold(words.say(metrics.waterfall_due === null ? 'metrics.waterfall' : 'metrics.waterfall_due'))}\n${waterfallLines(waterfall, words, colours, columns)}`,
    block('metrics.conversion', conversionRows(metrics, words)),
    block('metrics.agreement', agreementRows(metrics, words)),
  ].join('');
}

function openRows(metrics: ScopeMetrics, words: Words): readonly Row[] {
  const { count, money } = figuresIn(words);
  const rows: (readonly [MessageKey, number | null, string | null])[] = [
    ['metrics.open_total', metrics.open_count, metrics.open_amount],
    ['metrics.weighted', metrics.open_amount === '0' ? 0 : null, metrics.weighted_amount],
    ['metrics.no_amount', metrics.open_without_amount_count, null],
    ['metrics.overdue', metrics.overdue_count, metrics.overdue_amount],
    ['metrics.stale', metrics.stale_count, metrics.stale_amount],
    ['metrics.paused', metrics.paused_count, null],
    // Where none has a next step the field is not in use.
    ['metrics.next_step', metrics.next_step_missing_count % metrics.open_count || 0, null],
    ['metrics.unknown', metrics.unknown_count, metrics.unknown_amount],
  ];
  return rows
    .filter(([key, n]) => n !== 0 || key === 'metrics.open_total')
    .map(([key, n, value]) => [
      words.say(key),
      { right: n === null ? '' : count(n) },
      { right: value === null || (n !== null && value === '0') ? '' : money(value) },
    ]);
}

function closedRows(metrics: ScopeMetrics, words: Words): readonly Row[] {
  const { count, money, share, factor } = figuresIn(words);
  const amount = (text: string): { readonly right: string } => ({ right: text === '0' ? '' : money(text) });
  const rows: Row[] = [
    [words.say('metrics.created'), { right: count(metrics.created_count) }, amount(metrics.created_amount)],
    [words.say('metrics.won'), { right: count(metrics.won_count) }, amount(metrics.won_amount)],
    [words.say('metrics.lost'), { right: count(metrics.lost_count) }, amount(metrics.lost_amount)],
  ];
  if (metrics.cancelled_count > 0)
    rows.push([
      words.say('metrics.cancelled'),
      { right: count(metrics.cancelled_count) },
      amount(metrics.cancelled_amount),
    ]);
  rows.push([
    words.say('metrics.win_rate'),
    { right: share(metrics.win_rate_count) },
    // Where no lost one has an amount, a rate by amount would say that nothing was lost.
    { right: share(metrics.lost_count > 0 && metrics.lost_amount === '0' ? null : metrics.win_rate_amount) },
  ]);
  const inAmounts: readonly (readonly [MessageKey, string | null])[] = [
    ['metrics.velocity', metrics.velocity_per_day === null ? null : money(metrics.velocity_per_day)],
    ['metrics.quota', metrics.quota_attainment === null ? null : share(metrics.quota_attainment)],
    ['metrics.coverage', metrics.coverage === null ? null : factor(metrics.coverage)],
  ];
  for (const [key, text] of inAmounts)
    if (text !== null) rows.push([words.say(key), { right: '' }, { right: text }]);
  if (metrics.won_complete_no_reference.length > 0)
    rows.push([
      words.say('metrics.no_reference'),
      { right: count(metrics.won_complete_no_reference.length) },
    ]);
  return rows;
}

function speedRows(metrics: ScopeMetrics, words: Words): readonly Row[] {
  const { money, days } = figuresIn(words);
  const rows: (readonly [MessageKey, string, string])[] = [
    ['metrics.won_size', money(metrics.won_average_amount), money(metrics.won_median_amount)],
    ['metrics.cycle_won', days(metrics.cycle_won_mean_days), days(metrics.cycle_won_median_days)],
    ['metrics.cycle_lost', days(metrics.cycle_lost_mean_days), days(metrics.cycle_lost_median_days)],
    ['metrics.age', days(metrics.age_mean_days), days(metrics.age_median_days)],
  ];
  if (rows.every(([, mean]) => mean === MISSING)) return [];
  return [
    ['', { right: words.say('metrics.mean') }, { right: words.say('metrics.median') }],
    ...rows
      .filter(([, mean]) => mean !== MISSING)
      .map(([key, mean, median]): Row => [words.say(key), { right: mean }, { right: median }]),
  ];
}

/** What moved, as far as it was seen; nothing where nothing did. */
function movementRows(metrics: ScopeMetrics, words: Words): readonly Row[] {
  const { count, share } = figuresIn(words);
  const rows: (readonly [MessageKey, number, string])[] = [
    ['metrics.regressed', metrics.regressed_count, ''],
    ['metrics.reopened', metrics.reopened_count, ''],
    ['metrics.pushed', metrics.pushed_count, ''],
    ['metrics.slipped', metrics.slipped_count ?? 0, share(metrics.slippage_rate_count)],
  ];
  const seen = rows
    .filter(([, n]) => n > 0)
    .map(([key, n, part]): Row => [words.say(key), { right: count(n) }, { right: part }]);
  if (metrics.close_rate_amount === null) return seen;
  return [
    ...seen,
    [words.say('metrics.close_rate'), { right: '' }, { right: share(metrics.close_rate_amount) }],
  ];
}

function reasonRows(reasons: ScopeMetrics['lost_reasons'], words: Words): readonly Row[] {
  const { count, money, share } = figuresIn(words);
  // One unstated reason for everything says nothing.
  if (reasons.every(({ reason }) => reason === null)) return [];
  return reasons
    .slice(0, REASONS_SHOWN)
    .map(({ reason, count: n, amount, share: part }) => [
      reason === null ? words.say('metrics.unstated') : short(reason, 40),
      { right: count(n) },
      { right: share(part) },
      { right: amount === '0' ? '' : money(amount) },
    ]);
}

function conversionRows(metrics: ScopeMetrics, words: Words): readonly Row[] {
  const { count, share } = figuresIn(words);
  const steps = metrics.stage_conversion.steps.filter((step) => step.entered > 0).slice(0, STEPS_SHOWN);
  if (steps.length === 0) return [];
  return [
    [
      '',
      { right: words.say('metrics.entered') },
      { right: words.say('metrics.any_order') },
      { right: words.say('metrics.strict') },
    ],
    ...steps.map(
      (step): Row => [
        short(step.label, 40),
        { right: count(step.entered) },
        { right: share(step.conversion_any_order) },
        { right: share(step.conversion_strict) },
      ],
    ),
  ];
}

function agreementRows(metrics: ScopeMetrics, words: Words): readonly Row[] {
  if (metrics.linked_count === 0) return [];
  const { count, share } = figuresIn(words);
  const p50 = metrics.agreement_time_p50_seconds;
  const p95 = metrics.agreement_time_p95_seconds;
  return [
    [words.say('metrics.linked'), { right: count(metrics.linked_count) }],
    [words.say('metrics.agree'), { right: share(metrics.agreement_rate) }],
    ...(p50 === null || p95 === null
      ? []
      : [
          [
            words.say('metrics.agreement_time'),
            { right: `${words.duration(p50 * 1000)} · ${words.duration(p95 * 1000)}` },
          ],
        ]),
  ];
}
