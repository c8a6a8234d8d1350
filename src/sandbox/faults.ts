import { presetRule, presetsOf } from './fault-presets.ts';
import { type FaultEffect, type FaultRule, parseFaultRule, pathMatcher } from './fault-rule.ts';
import { objectOf, Refusal } from './refusal.ts';
import type { SandboxClock, SandboxRandom, Simulator } from './simulator.ts';

/** One active fault as `GET /_sandbox/faults` lists it. */
export interface FaultReport extends FaultRule {
  readonly id: number;
  readonly name: string;
  /** Requests that fitted path, method and time. */
  readonly matched: number;
  /** Requests that were met by the effect. */
  readonly hits: number;
}

export interface Faults {
  /** `{…rule}`, `{"preset":NAME,…rule keys that override}`, or a list of these. @throws {Refusal} nothing is added then. */
  add(value: unknown): void;
  clear(): void;
  list(): readonly FaultReport[];
  presets(): readonly string[];
  /** The effect that meets this request: the first rule that fires decides, and only rules up to it count the request. */
  meet(method: string, target: string): { readonly name: string; readonly effect: FaultEffect } | null;
}

interface Active {
  readonly id: number;
  readonly name: string;
  readonly rule: FaultRule;
  readonly matches: (target: string) => boolean;
  matched: number;
  hits: number;
}

const MAX_FAULTS = 200;

export function createFaults(crm: Simulator['crm'], clock: SandboxClock, random: SandboxRandom): Faults {
  let active: Active[] = [];
  let lastId = 0;
  const fires = (fault: Active, method: string, target: string): boolean => {
    const { rule } = fault;
    if (rule.method !== null && rule.method !== method) return false;
    if (!fault.matches(target)) return false;
    const now = clock.now();
    if (rule.after !== null && now < rule.after) return false;
    if (rule.before !== null && now >= rule.before) return false;
    fault.matched += 1;
    if (fault.matched < rule.nth) return false;
    if (rule.times !== null && fault.hits >= rule.times) return false;
    return rule.probability >= 1 || random.next() < rule.probability;
  };
  return {
    add(value) {
      const parsed = (Array.isArray(value) ? value : [value]).map((item) => ruleOf(crm, item));
      if (active.length + parsed.length > MAX_FAULTS) {
        throw new Refusal(`no more than ${MAX_FAULTS} faults at a time; DELETE /_sandbox/faults clears them`);
      }
      for (const { name, rule } of parsed) {
        const matches = rule.path === null ? () => true : pathMatcher(rule.path);
        active.push({ id: ++lastId, name, rule, matches, matched: 0, hits: 0 });
      }
    },
    clear() {
      active = [];
    },
    list: () => active.map(({ id, name, rule, matched, hits }) => ({ id, name, ...rule, matched, hits })),
    presets: () => presetsOf(crm),
    meet(method, target) {
      for (const fault of active) {
        if (!fires(fault, method, target)) continue;
        fault.hits += 1;
        return { name: fault.name, effect: fault.rule.effect };
      }
      return null;
    },
  };
}

function ruleOf(crm: Simulator['crm'], item: unknown): { name: string; rule: FaultRule } {
  const { preset, ...rest } = objectOf(item, 'a fault');
  if (preset === undefined) {
    const rule = parseFaultRule(rest);
    return { name: rule.effect.kind, rule };
  }
  if (typeof preset !== 'string') throw new Refusal('"preset" must be a name');
  return { name: preset, rule: parseFaultRule({ ...presetRule(crm, preset), ...rest }) };
}
