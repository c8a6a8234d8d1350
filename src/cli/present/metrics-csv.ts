/** Metrics as CSV (RFC 4180): one line per scope, safe to open in a spreadsheet program. */
import type { MetricsDocument } from '../../core/measure-portfolio.ts';
import { quotedCell, unlikeFormula } from './csv.ts';

type Cell = string | number | boolean | null;
/** Name, value, and whether it is a figure of ours (never a formula, however it begins). */
type Column = readonly [name: string, value: Cell, isFigure: boolean];

/**
 * Every figure of every scope; flows of a waterfall as `waterfall_start` and so on. Lists (reasons, stages, references) are
 * left to JSON. An empty cell means null: not known, not 0. With no scope there is no line.
 */
export function metricsCsv(document: MetricsDocument): string {
  const rows = document.scopes.map(({ by, currency, metrics }): readonly Column[] => [
    ['as_of', document.asOf, false],
    ['from', document.period.from, false],
    ['to', document.period.to, false],
    ...Object.entries(by).map(([name, value]): Column => [name, value ?? null, false]),
    ['currency', currency, false],
    ...figuresOf(metrics),
  ]);
  if (rows.length === 0) return '';
  const head = rows[0]?.map(([name]) => name) ?? [];
  const lines = rows.map((row) => {
    const cells = new Map(
      row.map(([name, value, isFigure]) => [
        name,
        isFigure ? String(value ?? '') : unlikeFormula(String(value ?? '')),
      ]),
    );
    return head.map((name) => cells.get(name) ?? '');
  });
  return [head, ...lines].map((cells) => `${cells.map(quotedCell).join(',')}\r\n`).join('');
}

function figuresOf(figures: object): readonly Column[] {
  return Object.entries(figures).flatMap(([name, value]: [string, unknown]): Column[] => {
    if (Array.isArray(value) || name === 'stage_conversion') return [];
    if (name === 'waterfall' || name === 'waterfall_due') {
      return FLOW_NAMES.map(
        (flow): Column => [
          `${name}_${flow}`,
          value === null ? null : ((value as Record<string, Cell>)[flow] ?? null),
          true,
        ],
      );
    }
    return [[name, value as Cell, true]];
  });
}

const FLOW_NAMES = [
  ...['start', 'new', 'reopened', 'pulled_in', 'increased', 'decreased', 'moved_out'],
  ...['won', 'lost', 'cancelled', 'undecided', 'end', 'watched'],
];
