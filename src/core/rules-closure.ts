/**
 * Turns a parsed CEL expression into a function with three-valued logic. Only what rules need is allowed: nothing that can
 * loop, nothing that can reach into an object, and no `matches`, whose backtracking can hang on a short text.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { type RuleFault, type RuleFaultName, ruleFault } from './rule-faults.ts';
import type { Facts } from './rules.ts';
import type { SentenceParams } from './told.ts';

type CelValue = boolean | number | bigint | string | null;
type Closure = (facts: Facts) => CelValue;

/** An expression uses something rules may not use. */
export class ConditionRefused extends Error {
  override readonly name = 'ConditionRefused';
  readonly fault: RuleFault;
  readonly offset: number;

  constructor(name: RuleFaultName, offset: number, params: SentenceParams = {}) {
    const fault = ruleFault(name, params);
    super(fault.message);
    this.fault = fault;
    this.offset = offset;
  }
}

/** Compiles a node; adds the variables it reads to `reads`. Throws ConditionRefused. */
export function toClosure(node: ASTNode, reads: Set<string>): Closure {
  const below = (child: ASTNode): Closure => toClosure(child, reads);
  switch (node.op) {
    case 'value':
      return constant(node.args, node.start);
    case 'id': {
      const name = node.args;
      reads.add(name);
      return (facts) => facts[name] ?? null;
    }
    case '!_': {
      const inner = below(node.args);
      return (facts) => {
        const value = inner(facts);
        return value === null ? null : !value;
      };
    }
    case '-_': {
      const inner = below(node.args);
      return (facts) => {
        const value = inner(facts);
        return typeof value === 'number' || typeof value === 'bigint' ? -value : null;
      };
    }
    case '&&':
      return both(below(node.args[0]), below(node.args[1]));
    case '||':
      return either(below(node.args[0]), below(node.args[1]));
    case '?:': {
      const [test, yes, no] = [below(node.args[0]), below(node.args[1]), below(node.args[2])];
      return (facts) => {
        const chosen = test(facts);
        return chosen === null ? null : chosen ? yes(facts) : no(facts);
      };
    }
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '+':
    case '-':
    case '*':
    case '/':
      return combined(node.op, below(node.args[0]), below(node.args[1]));
    case 'in':
      return among(node.args[0], node.args[1], below);
    case 'call':
    case 'rcall':
      return call(node, below);
    default:
      throw refused(node);
  }
}

function constant(value: unknown, offset: number): Closure {
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return () => value;
  if (typeof value === 'bigint') return () => value;
  throw new ConditionRefused(value === null ? 'no_null' : 'no_value', offset);
}

function both(left: Closure, right: Closure): Closure {
  return (facts) => {
    const a = left(facts);
    if (a === false) return false;
    const b = right(facts);
    if (b === false) return false;
    return a === null || b === null ? null : true;
  };
}

function either(left: Closure, right: Closure): Closure {
  return (facts) => {
    const a = left(facts);
    if (a === true) return true;
    const b = right(facts);
    if (b === true) return true;
    return a === null || b === null ? null : false;
  };
}

type Combining = '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/';

function combined(operator: Combining, left: Closure, right: Closure): Closure {
  const apply = COMBINE[operator];
  return (facts) => {
    const a = left(facts);
    const b = right(facts);
    return a === null || b === null ? null : apply(a, b);
  };
}

// The type check has made sure that both sides have the same type, or are numbers of two kinds in a comparison.
type Present = Exclude<CelValue, null>;
const COMBINE: Readonly<Record<Combining, (a: Present, b: Present) => CelValue>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '+': (a, b) =>
    typeof a === 'string'
      ? a + String(b)
      : arithmetic(
          a,
          b,
          (x, y) => x + y,
          (x, y) => x + y,
        ),
  '-': (a, b) =>
    arithmetic(
      a,
      b,
      (x, y) => x - y,
      (x, y) => x - y,
    ),
  '*': (a, b) =>
    arithmetic(
      a,
      b,
      (x, y) => x * y,
      (x, y) => x * y,
    ),
  '/': (a, b) =>
    arithmetic(
      a,
      b,
      (x, y) => x / y,
      (x, y) => x / y,
    ),
};

function arithmetic(
  a: Present,
  b: Present,
  numbers: (x: number, y: number) => number,
  integers: (x: bigint, y: bigint) => bigint,
): CelValue {
  if (typeof a === 'number' && typeof b === 'number') return numbers(a, b);
  if (typeof a === 'bigint' && typeof b === 'bigint') return integers(a, b);
  throw new TypeError('numbers of two kinds cannot be combined');
}

function among(item: ASTNode, list: ASTNode, below: (node: ASTNode) => Closure): Closure {
  if (list.op !== 'list') throw new ConditionRefused('after_in', list.start);
  const sought = below(item);
  const members = list.args.map(below);
  return (facts) => {
    const value = sought(facts);
    if (value === null) return null;
    let missing = false;
    for (const member of members) {
      const candidate = member(facts);
      if (candidate === value) return true;
      if (candidate === null) missing = true;
    }
    return missing ? null : false;
  };
}

const TEXT_TESTS: Readonly<Record<string, (text: string, part: string) => boolean>> = {
  startsWith: (text, part) => text.startsWith(part),
  endsWith: (text, part) => text.endsWith(part),
  contains: (text, part) => text.includes(part),
};

function call(node: Extract<ASTNode, { op: 'call' | 'rcall' }>, below: (node: ASTNode) => Closure): Closure {
  if (node.op === 'call') {
    const [name, args] = node.args;
    const only = args.length === 1 ? args[0] : undefined;
    if (name === 'known' && only?.op === 'id') {
      const value = below(only);
      return (facts) => value(facts) !== null;
    }
    if (name === 'size' && only !== undefined) {
      const value = below(only);
      return (facts) => {
        const text = value(facts);
        return text === null ? null : BigInt([...String(text)].length);
      };
    }
    throw new ConditionRefused('no_call', node.start, { name });
  }
  const [name, receiver, args] = node.args;
  const test = Object.hasOwn(TEXT_TESTS, name) ? TEXT_TESTS[name] : undefined;
  const only = args.length === 1 ? args[0] : undefined;
  if (test === undefined || only === undefined) {
    throw new ConditionRefused('no_text_call', node.start, { name });
  }
  const text = below(receiver);
  const part = below(only);
  return (facts) => {
    const a = text(facts);
    const b = part(facts);
    return a === null || b === null ? null : test(String(a), String(b));
  };
}

function refused(node: ASTNode): ConditionRefused {
  switch (node.op) {
    case '.':
    case '.?':
    case '[]':
    case '[?]':
      return new ConditionRefused('no_dots', node.start);
    case 'list':
      return new ConditionRefused('lone_list', node.start);
    case 'map':
      return new ConditionRefused('no_map', node.start);
    default:
      return new ConditionRefused('no_operator', node.start, { operator: node.op });
  }
}
