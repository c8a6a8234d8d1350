/** Turns a profile as written into one that runs: every condition checked, every fault reported with its place. */
import type { Criterion, Profile, Rule, RuleEffect, WhenMissing } from './profile.ts';
import { type RuleFault, ruleFault } from './rule-faults.ts';
import { type Condition, STANDARD_EVIDENCE, VARIABLES, type VariableType } from './rules.ts';
import { conditionCompiler } from './rules-condition.ts';
import type { Texts } from './sentence-locale.ts';

/** A profile as it is written, after its shape was checked. */
export interface ProfileSource {
  readonly name: string;
  readonly extends?: string;
  readonly describe: Texts;
  readonly engagement?: { readonly engagedDays?: number; readonly quietDays?: number };
  readonly whenMissing?: WhenMissing;
  readonly evidence?: Readonly<Record<string, VariableType>>;
  readonly criteria?: Readonly<Record<string, CriterionSource>>;
  readonly rules?: readonly RuleSource[];
}

export interface CriterionSource {
  readonly required?: boolean;
  readonly when: string;
  readonly describe: Texts;
}

export interface RuleSource {
  readonly id: string;
  readonly when: string;
  readonly effect: Partial<RuleEffect>;
  readonly describe: Texts;
}

/** A fault in a profile: where in the source (keys and indexes), and at which character of the condition there. */
export interface ProfileFault extends RuleFault {
  readonly path: readonly (string | number)[];
  readonly offset: number;
}

export type CompiledProfile =
  | { readonly ok: true; readonly profile: Profile }
  | { readonly ok: false; readonly faults: readonly ProfileFault[] };

/**
 * Compiles a profile over its parent. Criteria of the same name and rules of the same id replace the parent's; a profile's
 * own rules come before the parent's. All faults are reported at once.
 */
export function compileProfile(source: ProfileSource, parent: Profile | null): CompiledProfile {
  const faults: ProfileFault[] = [];
  const evidence = { ...STANDARD_EVIDENCE, ...parent?.evidence, ...source.evidence };
  for (const name of Object.keys(source.evidence ?? {})) {
    if (Object.hasOwn(VARIABLES, name)) {
      faults.push({ path: ['evidence', name], offset: 0, ...ruleFault('evidence_taken', { name }) });
    }
  }
  const compile = conditionCompiler({ ...VARIABLES, ...evidence });
  const condition = (path: readonly (string | number)[], text: string): Condition => {
    const compiled = compile(text);
    if (compiled.ok) return compiled.condition;
    faults.push({ path, ...compiled.fault });
    return NEVER;
  };

  const criteria = new Map<string, Criterion>((parent?.criteria ?? []).map((known) => [known.name, known]));
  for (const [name, written] of Object.entries(source.criteria ?? {})) {
    criteria.set(name, {
      name,
      required: written.required ?? false,
      when: condition(['criteria', name, 'when'], written.when),
      describe: written.describe,
    });
  }
  const rules = new Map<string, Rule>();
  for (const [at, written] of (source.rules ?? []).entries()) {
    if (rules.has(written.id)) {
      faults.push({ path: ['rules', at, 'id'], offset: 0, ...ruleFault('rule_twice', { id: written.id }) });
    }
    rules.set(written.id, {
      id: written.id,
      when: condition(['rules', at, 'when'], written.when),
      effect: {
        phase: written.effect.phase ?? null,
        outcome: written.effect.outcome ?? null,
        flag: written.effect.flag ?? null,
      },
      describe: written.describe,
    });
  }
  for (const known of parent?.rules ?? []) if (!rules.has(known.id)) rules.set(known.id, known);

  const engagement = {
    engagedDays: source.engagement?.engagedDays ?? parent?.engagement.engagedDays ?? 14,
    quietDays: source.engagement?.quietDays ?? parent?.engagement.quietDays ?? 30,
  };
  if (engagement.quietDays < engagement.engagedDays) {
    const days = { quiet: String(engagement.quietDays), engaged: String(engagement.engagedDays) };
    faults.push({ path: ['engagement'], offset: 0, ...ruleFault('days_crossed', days) });
  }
  if (faults.length > 0) return { ok: false, faults };
  return {
    ok: true,
    profile: {
      name: source.name,
      describe: source.describe,
      engagement,
      whenMissing: source.whenMissing ?? parent?.whenMissing ?? 'trust-crm',
      evidence,
      criteria: [...criteria.values()],
      rules: [...rules.values()],
    },
  };
}

const NEVER: Condition = { source: 'false', reads: [], test: () => false };
