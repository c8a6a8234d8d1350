/** The rate table of roll-ups, from its file. */
import { readFileSync } from 'node:fs';
import { OppsyncError } from './core/errors.ts';
import { faultOf } from './core/fault-sentences.ts';
import { type RateTable, readRates } from './core/rates.ts';

/** @throws OppsyncError `fix` when the file cannot be read or is no rate table */
export function rollupRates({
  file,
  currency,
}: {
  readonly file: string;
  readonly currency: string;
}): RateTable {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new OppsyncError({
      recovery: 'fix',
      ...faultOf('config.rollup_rates', { file, reason }),
    });
  }
  return readRates(text, currency);
}
