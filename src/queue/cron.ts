/** Checks a schedule before it is stored: the five classic cron fields and an IANA time zone. */
import { OppsyncError } from '../core/errors.ts';

interface CronField {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly words: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** Sunday is 0 and 7, see crontab(5). */
const FIELDS: readonly CronField[] = [
  { name: 'minute', from: 0, to: 59, words: [] },
  { name: 'hour', from: 0, to: 23, words: [] },
  { name: 'day of month', from: 1, to: 31, words: [] },
  { name: 'month', from: 1, to: 12, words: MONTHS },
  { name: 'day of week', from: 0, to: 7, words: DAYS },
];

/** @throws OppsyncError `fix` that names the field at fault. */
export function checkSchedule(key: string, pattern: string, timeZone: string): void {
  const parts = pattern.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) {
    throw badSchedule(key, `"${pattern}" has ${parts.length} fields instead of 5`);
  }
  FIELDS.forEach((field, index) => {
    const part = parts[index] ?? '';
    if (!part.split(',').every((item) => fits(item, field))) {
      throw badSchedule(key, `"${part}" is no ${field.name} (${field.from} to ${field.to})`);
    }
  });
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    throw badSchedule(key, `"${timeZone}" is no time zone`);
  }
}

export function badSchedule(key: string, fault: string): OppsyncError {
  return new OppsyncError({
    recovery: 'fix',
    code: 'queue.schedule',
    message: `The schedule of ${key} cannot be used: ${fault}.`,
    remedy:
      'Write minute, hour, day, month and weekday, for example "0 2 * * *", and a zone such as Europe/Paris.',
  });
}

/** One item: `*`, a value or a range, each with an optional step. */
function fits(item: string, field: CronField): boolean {
  const [span = '', step, ...more] = item.split('/');
  if (more.length > 0 || (step !== undefined && !(/^\d+$/.test(step) && Number(step) > 0))) return false;
  if (span === '*') return true;
  const ends = span.split('-').map((text) => numberOf(text, field));
  const [first, last] = ends;
  if (ends.length > 2 || first === undefined || Number.isNaN(first)) return false;
  return last === undefined || first <= last;
}

/** NaN when the text is not a value of that field. */
function numberOf(text: string, field: CronField): number {
  const word = field.words.indexOf(text.toUpperCase());
  if (word >= 0) return word + field.from;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value >= field.from && value <= field.to ? value : Number.NaN;
}
