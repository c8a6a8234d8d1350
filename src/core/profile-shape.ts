/** Checks that a parsed profile has the keys and types a profile may have. Conditions are checked later. */

import type { RuleEffect, WhenMissing } from './profile.ts';
import type { CriterionSource, ProfileFault, ProfileSource, RuleSource } from './profile-compile.ts';
import { type RuleFaultName, ruleFault } from './rule-faults.ts';
import type { VariableType } from './rules.ts';
import { nearest } from './rules-nearest.ts';
import type { Texts } from './sentence-locale.ts';
import type { SentenceParams } from './told.ts';
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
    if (!VARIABLE.test(name)) check.fail(['evidence', name], 'evidence_name', { name });
    else found[name] = check.oneOf(['evidence', name], type, TYPES) ?? 'boolean';
  }
  return found;
}

function criteria(check: Check, written: unknown): Readonly<Record<string, CriterionSource>> {
  const found: Record<string, CriterionSource> = {};
  for (const [name, value] of check.entries(['criteria'], written)) {
    const path = ['criteria', name];
    if (!NAME.test(name)) check.fail(path, 'criterion_name', { name });
    const map = check.map(path, value, ['required', 'when', 'describe']);
    const { required } = map;
    if (required !== undefined && typeof required !== 'boolean')
      check.fail([...path, 'required'], 'not_yes_or_no', { key: 'required' });
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
    check.fail(['rules'], 'not_a_list', { key: 'rules', most: String(MOST_ENTRIES) });
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
  const isGroup = typeof written === 'object' && written !== null;
  if (isGroup && Object.keys(map).length === 0) check.fail(path, 'empty_effect');
  return {
    ...(phase === undefined ? {} : { phase }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(flag === undefined ? {} : { flag }),
  };
}

/** Collects faults; answers something of the right type so that checking can go on. */
class Check {
  readonly faults: ProfileFault[] = [];

  fail(path: Path, fault: RuleFaultName, params: SentenceParams = {}): void {
    this.faults.push({ path, offset: 0, ...ruleFault(fault, params) });
  }

  /** What is not there at all is told as missing, with an example of what to add. */
  #wrong(path: Path, value: unknown, fault: RuleFaultName, params: SentenceParams = {}): void {
    const key = String(path.at(-1));
    if (value === undefined) this.fail(path, 'missing', { key, ...exampleOf(key) });
    else this.fail(path, fault, { key, ...params });
  }

  map(path: Path, value: unknown, allowed: readonly string[]): Readonly<Record<string, unknown>> {
    const entries = this.entries(path, value, true);
    for (const [key] of entries) {
      if (allowed.includes(key)) continue;
      const guess = nearest(key, allowed);
      const hint: SentenceParams = guess === null ? { known: allowed.join(', ') } : { near: guess };
      this.fail([...path, key], 'unknown_key', { key, ...hint });
    }
    return Object.fromEntries(entries);
  }

  entries(path: Path, value: unknown, needed = false): [string, unknown][] {
    if (value === undefined && !needed) return [];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      if (path.length === 0) this.fail(path, 'not_a_profile');
      else this.#wrong(path, value, 'not_a_group');
      return [];
    }
    const entries = Object.entries(value);
    if (entries.length <= MOST_ENTRIES) return entries;
    this.fail(path, 'too_many', { key: String(path.at(-1) ?? 'profile'), most: String(MOST_ENTRIES) });
    return [];
  }

  text(path: Path, value: unknown, form?: RegExp): string {
    if (typeof value === 'string' && value.trim() !== '' && (form === undefined || form.test(value)))
      return value;
    // `when: true` is a condition too.
    if (typeof value === 'boolean' && path.at(-1) === 'when') return String(value);
    this.#wrong(path, value, form === undefined ? 'not_text' : 'not_a_name');
    return '';
  }

  texts(path: Path, value: unknown): Texts {
    const map = this.map(path, value, ['en', 'fr']);
    return { en: this.text([...path, 'en'], map['en']), fr: this.text([...path, 'fr'], map['fr']) };
  }

  days(path: Path, value: unknown): number {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 3_650) return value;
    this.#wrong(path, value, 'not_days');
    return 0;
  }

  oneOf<T extends string>(path: Path, value: unknown, allowed: readonly T[]): T | undefined {
    const found = allowed.find((one) => one === value);
    if (found === undefined) {
      const written: SentenceParams = typeof value === 'string' ? { found: value } : {};
      this.#wrong(path, value, 'not_one_of', { allowed: allowed.join(', '), ...written });
    }
    return found;
  }
}

const EXAMPLES: Readonly<Record<string, string>> = {
  name: 'name: ours',
  id: 'id: gone-quiet',
  describe: 'describe: { en: "…", fr: "…" }',
  en: 'en: "…"',
  fr: 'fr: "…"',
  when: 'when: paid',
  effect: 'effect: { flag: gone_quiet }',
};

function exampleOf(key: string): SentenceParams {
  const example = EXAMPLES[key];
  return example === undefined ? {} : { example };
}
