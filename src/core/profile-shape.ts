/** Checks that a parsed profile has the keys and types a profile may have. Conditions are checked later. */

import type { RuleEffect, WhenMissing } from './profile.ts';
import type { CriterionSource, ProfileFault, ProfileSource, RuleSource } from './profile-compile.ts';
import type { VariableType } from './rules.ts';
import { nearest } from './rules-nearest.ts';
import type { Texts } from './sentence-locale.ts';
import type { Phase } from './verdict.ts';

const PHASES: readonly Phase[] = [
  'prospecting',
  'qualifying',
  'meeting',
  'proposing',
  'negotiating',
  'committing',
  'finalising',
  'paused',
];
const OUTCOMES: readonly Exclude<RuleEffect['outcome'], null>[] = ['lost', 'cancelled'];
const TYPES: readonly VariableType[] = ['boolean', 'number', 'text'];
const WHEN_MISSING: readonly WhenMissing[] = ['trust-crm', 'hold', 'review'];
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,40}$/;
/** CEL has words of its own. */
const VARIABLE = /^(?!(?:true|false|null|in|known|size)$)[A-Za-z][A-Za-z0-9_]{0,40}$/;
const MOST_ENTRIES = 200;

type Path = readonly (string | number)[];

export type Shaped =
  | { readonly ok: true; readonly source: ProfileSource }
  | { readonly ok: false; readonly faults: readonly ProfileFault[] };

/** All faults of shape at once, or the profile as written. */
export function checkShape(written: unknown): Shaped {
  const check = new Check();
  const root = check.map([], written, [
    'name',
    'extends',
    'describe',
    'engagement',
    'whenMissing',
    'evidence',
    'criteria',
    'rules',
  ]);
  const name = check.text(['name'], root['name'], NAME);
  const describe = check.texts(['describe'], root['describe']);
  const parent = root['extends'] === undefined ? undefined : check.text(['extends'], root['extends'], NAME);
  const whenMissing =
    root['whenMissing'] === undefined
      ? undefined
      : check.oneOf(['whenMissing'], root['whenMissing'], WHEN_MISSING);
  const source: ProfileSource = {
    name,
    describe,
    ...(parent === undefined ? {} : { extends: parent }),
    ...(whenMissing === undefined ? {} : { whenMissing }),
    engagement: engagement(check, root['engagement']),
    evidence: evidence(check, root['evidence']),
    criteria: criteria(check, root['criteria']),
    rules: rules(check, root['rules']),
  };
  return check.faults.length === 0 ? { ok: true, source } : { ok: false, faults: check.faults };
}

function engagement(check: Check, written: unknown): NonNullable<ProfileSource['engagement']> {
  if (written === undefined) return {};
  const map = check.map(['engagement'], written, ['engagedDays', 'quietDays']);
  const days: { engagedDays?: number; quietDays?: number } = {};
  for (const key of ['engagedDays', 'quietDays'] as const) {
    if (map[key] !== undefined) days[key] = check.days(['engagement', key], map[key]);
  }
  return days;
}

function evidence(check: Check, written: unknown): Readonly<Record<string, VariableType>> {
  const found: Record<string, VariableType> = {};
  for (const [name, type] of check.entries(['evidence'], written)) {
    if (!VARIABLE.test(name))
      check.fail(['evidence', name], `${name} cannot be the name of an evidence field`);
    else found[name] = check.oneOf(['evidence', name], type, TYPES) ?? 'boolean';
  }
  return found;
}

function criteria(check: Check, written: unknown): Readonly<Record<string, CriterionSource>> {
  const found: Record<string, CriterionSource> = {};
  for (const [name, value] of check.entries(['criteria'], written)) {
    const path = ['criteria', name];
    if (!NAME.test(name)) check.fail(path, `${name} cannot be the name of a criterion`);
    const map = check.map(path, value, ['required', 'when', 'describe']);
    const { required } = map;
    if (required !== undefined && typeof required !== 'boolean')
      check.fail([...path, 'required'], 'required must be true or false');
    found[name] = {
      required: required === true,
      when: check.text([...path, 'when'], map['when']),
      describe: check.texts([...path, 'describe'], map['describe']),
    };
  }
  return found;
}

function rules(check: Check, written: unknown): readonly RuleSource[] {
  if (written === undefined) return [];
  if (!Array.isArray(written) || written.length > MOST_ENTRIES) {
    check.fail(['rules'], `rules must be a list of at most ${MOST_ENTRIES}`);
    return [];
  }
  return written.map((value: unknown, at): RuleSource => {
    const path = ['rules', at];
    const map = check.map(path, value, ['id', 'when', 'effect', 'describe']);
    return {
      id: check.text([...path, 'id'], map['id'], NAME),
      when: check.text([...path, 'when'], map['when']),
      effect: effect(check, [...path, 'effect'], map['effect']),
      describe: check.texts([...path, 'describe'], map['describe']),
    };
  });
}

function effect(check: Check, path: Path, written: unknown): Partial<RuleEffect> {
  const map = check.map(path, written, ['phase', 'outcome', 'flag']);
  const phase =
    map['phase'] === undefined ? undefined : check.oneOf([...path, 'phase'], map['phase'], PHASES);
  const outcome =
    map['outcome'] === undefined ? undefined : check.oneOf([...path, 'outcome'], map['outcome'], OUTCOMES);
  const flag = map['flag'] === undefined ? undefined : check.text([...path, 'flag'], map['flag'], NAME);
  if (Object.keys(map).length === 0) check.fail(path, 'an effect needs a phase, an outcome or a flag');
  return {
    ...(phase === undefined ? {} : { phase }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(flag === undefined ? {} : { flag }),
  };
}

/** Collects faults; answers something of the right type so that checking can go on. */
class Check {
  readonly faults: ProfileFault[] = [];

  fail(path: Path, message: string): void {
    this.faults.push({ path, message, offset: 0 });
  }

  map(path: Path, value: unknown, allowed: readonly string[]): Readonly<Record<string, unknown>> {
    const entries = this.entries(path, value, true);
    for (const [key] of entries) {
      if (allowed.includes(key)) continue;
      const guess = nearest(key, allowed);
      this.fail([...path, key], `Unknown key ${key}${guess === null ? '' : `; did you mean ${guess}?`}`);
    }
    return Object.fromEntries(entries);
  }

  entries(path: Path, value: unknown, needed = false): [string, unknown][] {
    if (value === undefined && !needed) return [];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.fail(path, `${path.at(-1) ?? 'A profile'} must be a table of keys and values`);
      return [];
    }
    const entries = Object.entries(value);
    if (entries.length <= MOST_ENTRIES) return entries;
    this.fail(path, `${path.at(-1) ?? 'A profile'} may have at most ${MOST_ENTRIES} entries`);
    return [];
  }

  text(path: Path, value: unknown, form?: RegExp): string {
    if (typeof value === 'string' && value.trim() !== '' && (form === undefined || form.test(value)))
      return value;
    // `when: true` is a condition too.
    if (typeof value === 'boolean' && path.at(-1) === 'when') return String(value);
    this.fail(
      path,
      form === undefined
        ? `${String(path.at(-1))} must be a text`
        : `${String(path.at(-1))} must be a short name of letters, digits, - and _`,
    );
    return '';
  }

  texts(path: Path, value: unknown): Texts {
    const map = this.map(path, value, ['en', 'fr']);
    return { en: this.text([...path, 'en'], map['en']), fr: this.text([...path, 'fr'], map['fr']) };
  }

  days(path: Path, value: unknown): number {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 3_650) return value;
    this.fail(path, `${String(path.at(-1))} must be a whole number of days, 0 to 3650`);
    return 0;
  }

  oneOf<T extends string>(path: Path, value: unknown, allowed: readonly T[]): T | undefined {
    const found = allowed.find((one) => one === value);
    if (found === undefined) this.fail(path, `${String(path.at(-1))} must be one of ${allowed.join(', ')}`);
    return found;
  }
}
