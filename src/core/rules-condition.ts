/** Checks and compiles the condition of a rule: a bounded part of CEL over declared variables. */
import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { type RuleFault, type RuleFaultName, ruleFault } from './rule-faults.ts';
import type { Condition, VariableType } from './rules.ts';
import { ConditionRefused, toClosure } from './rules-closure.ts';
import { toldByLibrary, typeNamed } from './rules-condition-fault.ts';
import { nearest } from './rules-nearest.ts';
import type { SentenceParams } from './told.ts';

const LONGEST = 1_000;
/** Where people find what a condition may be made of. */
const GUIDE = 'docs/guides/rules.md';
const LIMITS = {
  maxAstNodes: 200,
  maxDepth: 24,
  maxListElements: 100,
  maxMapEntries: 0,
  maxCallArguments: 4,
};
const CEL_TYPES: Readonly<Record<VariableType, string>> = {
  boolean: 'bool',
  number: 'double',
  text: 'string',
};

/** One fault in an expression, at a character offset from its start. */
export interface ConditionFault extends RuleFault {
  readonly offset: number;
}

export type Compiled =
  | { readonly ok: true; readonly condition: Condition }
  | { readonly ok: false; readonly fault: ConditionFault };

export type ConditionCompiler = (source: string) => Compiled;

/** A compiler for conditions over these variables. Never throws: a fault is returned with its place. */
export function conditionCompiler(variables: Readonly<Record<string, VariableType>>): ConditionCompiler {
  const environment = new Environment({ limits: LIMITS });
  for (const [name, type] of Object.entries(variables)) environment.registerVariable(name, CEL_TYPES[type]);
  environment.registerFunction('known(dyn): bool', (value: unknown) => value !== null);
  const names = Object.keys(variables);
  return (source) => {
    if (source.length > LONGEST) {
      return fault('long_condition', 0, { most: String(LONGEST), found: String(source.length) });
    }
    try {
      const parsed = environment.parse(source);
      const reads = new Set<string>();
      // Refusals come before the type check, so that "matches" is named as such.
      const test = toClosure(parsed.ast, reads);
      const unknown = findUnknown(parsed.ast, new Set(names));
      if (unknown !== null) {
        const guess = nearest(unknown.name, names);
        const hint: SentenceParams = guess === null ? { guide: GUIDE } : { near: guess };
        return fault('unknown_variable', unknown.offset, { name: unknown.name, ...hint });
      }
      const checked = parsed.check();
      if (!checked.valid) {
        return { ok: false, fault: toldByLibrary(checked.error, source) };
      }
      if (checked.type !== 'bool') return fault('not_a_decision', 0, typeNamed(checked.type ?? '', source));
      return {
        ok: true,
        condition: {
          source,
          reads: [...reads].sort(),
          test: (facts) => {
            const value = test(facts);
            return value === true ? true : value === false ? false : null;
          },
        },
      };
    } catch (error) {
      if (error instanceof ConditionRefused)
        return { ok: false, fault: { ...error.fault, offset: error.offset } };
      return { ok: false, fault: toldByLibrary(error, source) };
    }
  };
}

function fault(name: RuleFaultName, offset: number, params: SentenceParams): Compiled {
  return { ok: false, fault: { ...ruleFault(name, params), offset } };
}

function findUnknown(node: ASTNode, known: ReadonlySet<string>): { name: string; offset: number } | null {
  if (node.op === 'id') return known.has(node.args) ? null : { name: node.args, offset: node.start };
  for (const child of childrenOf(node)) {
    const found = findUnknown(child, known);
    if (found !== null) return found;
  }
  return null;
}

/** The nodes below a node, whatever its kind. */
export function childrenOf(node: ASTNode): ASTNode[] {
  const found: ASTNode[] = [];
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) for (const inner of part) visit(inner);
    else if (typeof part === 'object' && part !== null && 'op' in part) found.push(part as ASTNode);
  };
  visit(node.args);
  return found;
}
