import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isCalendarDay } from '../../core/calendar.ts';
import { moneyOf } from '../../core/measure-amount.ts';
import { DIVISIONS, type Division, type MetricsDocument } from '../../core/measure-portfolio.ts';
import { answerMetrics, type MetricsQuery } from '../../core/measure-query.ts';
import { type RateTable, readRates } from '../../core/rates.ts';
import { measuredLines, OFFLINE_CRMS, offlinePortfolio } from '../../offline-metrics.ts';
import { type CommandSpec, type Context, oneSync, printJson, withApp } from '../context.ts';
import { datasetSource } from '../dataset-source.ts';
import { EXIT } from '../exit-code.ts';
import { offlineRules } from '../offline-rules.ts';
import { textOption } from '../option-values.ts';
import { metricsText } from '../present/metrics.ts';
import { metricsCsv } from '../present/metrics-csv.ts';
import { printable } from '../present/text.ts';
import { unreadableFile } from '../unreadable-file.ts';
import { UsageError } from '../usage-error.ts';

export const metrics: CommandSpec = {
  usage: 'metrics',
  summary: (words) => words.say('command.metrics'),
  options: [
    { flags: '--by <divisions>', help: (words) => words.say('option.by'), parse: divisions },
    { flags: '--from <date>', help: (words) => words.say('option.from'), parse: day('--from') },
    { flags: '--to <date>', help: (words) => words.say('option.to'), parse: day('--to') },
    { flags: '--as-of <date>', help: (words) => words.say('option.as_of'), parse: day('--as-of') },
    { flags: '--crm <name>', help: (words) => words.say('option.crm'), parse: crm },
    { flags: '--quota <amount>', help: (words) => words.say('option.quota'), parse: amount },
    { flags: '--rates <file>', help: (words) => words.say('option.rates') },
    { flags: '--currency <code>', help: (words) => words.say('option.currency'), parse: currency },
    { flags: '--csv', help: (words) => words.say('option.csv') },
    { flags: '--dataset <file>', help: (words) => words.say('option.measure_dataset') },
    { flags: '--profile <name>', help: (words) => words.say('option.profile') },
    { flags: '--time-zone <zone>', help: (words) => words.say('option.time_zone'), parse: zone },
    { flags: '--skip-bad', help: (words) => words.say('option.skip_bad') },
  ],
  async run(context, _args, options) {
    if (context.options.json && options['csv'] === true) throw new UsageError('usage.csv_or_json');
    const query = await queryOf(context, options);
    const file = textOption(options, 'dataset');
    const document =
      file === undefined
        ? await withApp(context, (app) => app.metrics(oneSync(context, app), query))
        : await ofDataset(context, file, query, options);
    if (context.options.json) printJson(context, document);
    else if (options['csv'] === true) context.io.out(metricsCsv(document));
    else
      context.io.out(
        metricsText(document, context.words, context.colours, context.io.columns, file === undefined),
      );
    return EXIT.done;
  },
};

async function queryOf(context: Context, options: Record<string, unknown>): Promise<MetricsQuery> {
  const from = textOption(options, 'from') ?? null;
  const to = textOption(options, 'to') ?? null;
  if (from !== null && to !== null && from > to) throw new UsageError('usage.period', { from, to });
  return {
    asOf: textOption(options, 'asOf') ?? null,
    period: { from, to },
    by: Array.isArray(options['by']) ? (options['by'] as readonly Division[]) : [],
    crm: textOption(options, 'crm') ?? null,
    quota: textOption(options, 'quota') ?? null,
    rates: await ratesOf(context, options),
  };
}

async function ratesOf(context: Context, options: Record<string, unknown>): Promise<RateTable | null> {
  const file = textOption(options, 'rates');
  if (file === undefined) return null;
  const target = textOption(options, 'currency');
  if (target === undefined) throw new UsageError('usage.rates_currency');
  try {
    return readRates(await readFile(resolve(context.cwd, file), 'utf8'), target);
  } catch (error) {
    throw unreadableFile(file, error);
  }
}

async function ofDataset(
  context: Context,
  file: string,
  query: MetricsQuery,
  options: Record<string, unknown>,
): Promise<MetricsDocument> {
  const source = datasetSource(context, file);
  const lines = await measuredLines('again' in source ? source.again() : source.once, (number, fault) => {
    const line = String(number);
    const reason = printable(context.words.say(`line.${fault.code}`, fault.params));
    if (options['skipBad'] !== true) throw new UsageError('usage.bad_line', { file, line, reason });
    context.io.err(`${context.words.say('sandbox.skipped', { line, reason })}\n`);
  });
  context.signal.throwIfAborted();
  const portfolio = offlinePortfolio(lines, {
    ...offlineRules(context, textOption(options, 'profile')),
    readAt: context.now(),
    timeZone: textOption(options, 'timeZone') ?? 'UTC',
    // With a rate table the code names what everything is converted to, never what an amount without currency is in.
    currency: query.rates === null ? (textOption(options, 'currency') ?? null) : null,
  });
  return answerMetrics(portfolio, query);
}

function divisions(text: string): readonly Division[] {
  const given = text.split(',').map((word) => word.trim());
  return given.map((word) => {
    const known = DIVISIONS.find((division) => division === word);
    if (known === undefined)
      throw new UsageError('usage.division', { given: word, known: DIVISIONS.join(', ') });
    return known;
  });
}

function day(option: string): (text: string) => string {
  return (text) => {
    if (!isCalendarDay(text)) throw new UsageError('usage.date', { option, given: JSON.stringify(text) });
    return text;
  };
}

function amount(text: string): string {
  if (moneyOf(text)?.isPositive() !== true)
    throw new UsageError('usage.amount', { option: '--quota', given: JSON.stringify(text) });
  return text;
}

function crm(text: string): string {
  const given = text.toLowerCase();
  if (!OFFLINE_CRMS.includes(given))
    throw new UsageError('usage.crm', { given: JSON.stringify(text), known: OFFLINE_CRMS.join(', ') });
  return given;
}

function currency(text: string): string {
  if (!/^[A-Za-z]{3}$/.test(text)) throw new UsageError('usage.currency', { given: JSON.stringify(text) });
  return text.toUpperCase();
}

function zone(text: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return text;
  } catch {
    throw new UsageError('usage.time_zone', { given: JSON.stringify(text) });
  }
}
