import type { z } from 'zod';
import type { SentenceParams } from '../core/told.ts';

/**
 * What is wrong with the settings of a connection, by kind, each with its keys; never with their values, which may be secrets.
 * `wrong` repeats what the schema says.
 */
export function settingsFaults(issues: readonly z.core.$ZodIssue[], path: string): SentenceParams {
  const missing: string[] = [];
  const unknown: string[] = [];
  const wrong: string[] = [];
  for (const issue of issues) {
    const at = [path, ...issue.path.map(String)];
    const key = at.join('.');
    if (issue.code === 'unrecognized_keys')
      unknown.push(...issue.keys.map((name) => [...at, name].join('.')));
    else if (issue.code === 'invalid_type' && issue.input === undefined) missing.push(key);
    else if (issue.code === 'invalid_type') wrong.push(`${key} (${issue.expected})`);
    else wrong.push(`${key} (${issue.message})`);
  }
  return {
    ...(missing.length === 0 ? {} : { missing: missing.join(', ') }),
    ...(unknown.length === 0 ? {} : { unknown: unknown.join(', ') }),
    ...(wrong.length === 0 ? {} : { wrong: wrong.join(', ') }),
  };
}

/** The first key that is wrong. */
export function firstFault(issues: readonly z.core.$ZodIssue[], path: string): string {
  const [first] = issues;
  const more = first?.code === 'unrecognized_keys' ? first.keys.slice(0, 1) : [];
  return [path, ...(first?.path ?? []).map(String), ...more].join('.');
}
