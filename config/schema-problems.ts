import type { z } from 'zod';
import type { KeyPath } from './document.ts';
import { pathText } from './document.ts';
import { nearest } from './nearest.ts';
import { isSecretKey } from './secrecy.ts';
import type { ProblemCode } from './sentences.ts';

/** A problem before it is given its place in the file. */
export interface BareProblem {
  readonly code: ProblemCode;
  readonly path: KeyPath;
  readonly params: Readonly<Record<string, string>>;
  readonly atKey: boolean;
}

/** What a person reads for a type name. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of keys',
  record: 'a group of keys',
  null: 'nothing',
};

/** Words for a found value; never its text when the key may hold a secret. */
export function foundText(value: unknown, path: KeyPath): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a group of keys';
  if (isSecretKey(pathText(path))) return typeof value === 'string' ? 'text' : `a ${typeof value}`;
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function valueAt(root: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null
        ? (value as Record<string | number, unknown>)[part]
        : undefined,
    root,
  );
}

type Issue = z.core.$ZodIssue;

/** The branch of a union a person most likely meant: one that got past the type of the value itself. */
function branchOf(issue: Issue & { code: 'invalid_union' }): readonly Issue[] | null {
  return (
    issue.errors.find((branch) => branch.length > 0 && branch.every((inner) => inner.path.length > 0)) ??
    issue.errors.find((branch) => branch.some((inner) => inner.code === 'unrecognized_keys')) ??
    null
  );
}

function expectedOf(issue: Issue): string {
  if (issue.code === 'invalid_type') return TYPE_WORDS[issue.expected] ?? issue.expected;
  if (issue.code === 'invalid_value') return issue.values.map((value) => String(value)).join(', ');
  if (issue.code === 'invalid_union')
    return [...new Set(issue.errors.flatMap((branch) => branch.slice(0, 1).map(expectedOf)))].join(' or ');
  return issue.message;
}

/**
 * Turns what the schema refused into problems, each at its own key path.
 * @param known answers which keys are known at a path, for suggestions
 */
export function schemaProblems(
  issues: readonly Issue[],
  root: unknown,
  known: (path: KeyPath) => readonly string[],
  base: KeyPath = [],
): readonly BareProblem[] {
  return issues.flatMap((issue): readonly BareProblem[] => {
    const path: KeyPath = [...base, ...(issue.path as (string | number)[])];
    const value = valueAt(root, path);
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => {
        const here = known(path);
        const near = nearest(key, here);
        const params = {
          key,
          ...(near !== null ? { near } : here.length > 0 ? { known: here.join(', ') } : {}),
        };
        return { code: 'unknown_key', path: [...path, key], params, atKey: true };
      });
    if (issue.code === 'invalid_union') {
      const branch = branchOf(issue);
      if (branch !== null) return schemaProblems(branch, root, known, path);
    }
    const expected = expectedOf(issue);
    if (value === undefined) return [{ code: 'missing', path, params: { expected }, atKey: true }];
    const found = foundText(value, path);
    if (issue.code === 'invalid_value' && issue.values.length > 1) {
      const near = typeof value === 'string' ? nearest(value, issue.values.map(String)) : null;
      return [
        {
          code: 'not_allowed',
          path,
          params: { expected, found, ...(near === null ? {} : { near }) },
          atKey: false,
        },
      ];
    }
    if (issue.code === 'too_small' || issue.code === 'too_big') {
      const least = issue.code === 'too_small';
      const limit = String(least ? issue.minimum : issue.maximum);
      const wording =
        issue.origin === 'string' ? 'text that is not empty' : `${least ? 'at least' : 'at most'} ${limit}`;
      return [{ code: 'range', path, params: { expected: wording, found }, atKey: false }];
    }
    return [{ code: 'wrong_type', path, params: { expected, found }, atKey: false }];
  });
}
