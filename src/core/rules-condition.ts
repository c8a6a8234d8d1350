/** Checks and compiles the condition of a rule: a bounded part of CEL over declared variables. */
import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import type { Condition, VariableType } from './rules.ts';
import { ConditionRefused, toClosure } from './rules-closure.ts';
import { nearest } from './rules-nearest.ts';

const LONGEST = 1_000;
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
export interface ConditionFault {
  readonly message: string;
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
      return fault(`A condition may have at most ${LONGEST} characters; this one has ${source.length}`, 0);
    }
    try {
      const parsed = environment.parse(source);
      const reads = new Set<string>();
      // Refusals come before the type check, so that "matches" is named as such.
      const test = toClosure(parsed.ast, reads);
      const unknown = findUnknown(parsed.ast, new Set(names));
      if (unknown !== null) {
        const guess = nearest(unknown.name, names);
        return fault(
          `Unknown variable ${unknown.name}${guess === null ? '' : `; did you mean ${guess}?`}`,
          unknown.offset,
        );
      }
      const checked = parsed.check();
      if (!checked.valid) {
        return fault(explain(summaryOf(checked.error)), checked.error?.range?.start ?? 0);
      }
      if (checked.type !== 'bool')
        return fault(`A condition must be true or false; this gives a ${checked.type}`, 0);
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
      if (error instanceof ConditionRefused) return fault(error.message, error.offset);
      return fault(summaryOf(error), rangeOf(error));
    }
  };
}

function fault(message: string, offset: number): Compiled {
  return { ok: false, fault: { message, offset } };
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

function summaryOf(error: unknown): string {
  if (
    typeof error === 'object' &&
    error !== null &&
    'summary' in error &&
    typeof error.summary === 'string'
  ) {
    return error.summary;
  }
  return error instanceof Error ? (error.message.split('\n')[0] ?? error.message) : String(error);
}

function rangeOf(error: unknown): number {
  const range = typeof error === 'object' && error !== null && 'range' in error ? error.range : null;
  const start = typeof range === 'object' && range !== null && 'start' in range ? range.start : 0;
  return typeof start === 'number' ? start : 0;
}

/** Adds what to do to the commonest type error: whole numbers are another type than numbers in CEL. */
function explain(summary: string): string {
  return /double .* int|int .* double/.test(summary)
    ? `${summary}; write numbers with a point, such as 5.0`
    : summary;
}
