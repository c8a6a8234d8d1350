/** Metrics as people like to read them: one scope as a page, several as a table. */
import type { MetricsDocument } from '../../core/measure-portfolio.ts';
import type { Colours } from '../colours.ts';
import type { Words } from '../locale/index.ts';
import { comparisonText } from './metrics-comparison.ts';
import { pageText } from './metrics-page.ts';

/** A report for a terminal of that many columns. `stored`: of what a sync read, not of a file. */
export function metricsText(
  document: MetricsDocument,
  words: Words,
  colours: Colours,
  columns: number,
  stored: boolean,
): string {
  const { scopes, unconverted, counted } = document;
  const title = `${colours.bold(titleOf(document, words))}\n`;
  if (counted.opportunities === 0) {
    const next = stored ? `${words.say('metrics.nothing_yet')}\n` : '';
    return `${title}\n${words.say('metrics.nothing')}\n${next}`;
  }
  const [only] = scopes;
  const notes = [
    counted.paired === 0 ? null : words.count('metrics.paired', counted.paired),
    unconverted.length === 0 ? null : words.count('metrics.unconverted', unconverted.length),
    scopes.some(({ currency }) => currency === null) ? words.say('metrics.no_currency') : null,
  ].filter((note) => note !== null);
  return [
    title,
    scopes.length === 1 && only !== undefined
      ? pageText(only, words, colours, columns)
      : `\n${comparisonText(scopes, words, colours, columns)}`,
    ...notes.map((note) => `\n${colours.dim(note)}\n`),
  ].join('');
}

function titleOf({ asOf, period, counted, scopes }: MetricsDocument, words: Words): string {
  const [currency, ...others] = new Set(scopes.map((scope) => scope.currency));
  return words.say('metrics.title', {
    day: asOf,
    count: words.count('opportunities', counted.opportunities),
    ...(period.from === null ? {} : { from: period.from }),
    ...(period.to === null ? {} : { to: period.to }),
    ...(currency == null || others.length > 0 ? {} : { currency }),
  });
}
