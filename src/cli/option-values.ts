import { UsageError } from './usage-error.ts';

/** A parser for whole numbers within limits. */
export function wholeNumber(option: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most))
      throw new UsageError('usage.whole_number', {
        ...{ option, least: String(least), most: String(most), given: JSON.stringify(text) },
      });
    return value;
  };
}

/**
 * A parser for the moment records are judged at: of a day its end in UTC, so that what happened on that day has happened; a
 * moment (`2026-11-23T10:00:00Z`) as it is. Answers epoch ms.
 */
export function momentAtEndOf(option: string): (text: string) => number {
  return (text) => {
    const day = /^\d{4}-\d{2}-\d{2}$/.test(text);
    const moment = /^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})$/.test(text);
    const at = day ? Date.parse(`${text}T23:59:59.999Z`) : moment ? Date.parse(text) : Number.NaN;
    // Date.parse takes February 30th for March 2nd.
    if (Number.isNaN(at) || (day && !new Date(at).toISOString().startsWith(text)))
      throw new UsageError('usage.moment', { option, given: JSON.stringify(text) });
    return at;
  };
}

/** A parser for a JSON object. */
export function jsonObject(option: string): (text: string) => Readonly<Record<string, unknown>> {
  return (text) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      value = null;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new UsageError('usage.json', { option, given: JSON.stringify(text.slice(0, 60)) });
    return value as Readonly<Record<string, unknown>>;
  };
}

/** An option's value when it was given, with its type checked; undefined otherwise. */
export function numberOption(options: Record<string, unknown>, name: string): number | undefined {
  const value = options[name];
  return typeof value === 'number' ? value : undefined;
}

export function textOption(options: Record<string, unknown>, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

export function objectOption(
  options: Record<string, unknown>,
  name: string,
): Readonly<Record<string, unknown>> | undefined {
  const value = options[name];
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
