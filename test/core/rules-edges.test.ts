import assert from 'node:assert/strict';
import { Environment } from '@marcbachmann/cel-js';
import { OppsyncError } from '../../src/core/errors.ts';
import { readOwnEvidence, testCondition } from '../../src/core/rules.ts';
import { toClosure } from '../../src/core/rules-closure.ts';
import { conditionCompiler } from '../../src/core/rules-condition.ts';
import { nearest } from '../../src/core/rules-nearest.ts';

const compile = conditionCompiler({ a: 'boolean', n: 'number', t: 'text' });

function refusal(source: string): string {
  const compiled = compile(source);
  assert.ok(!compiled.ok, `${source} was accepted`);
  return `${compiled.fault.offset}: ${compiled.fault.message}`;
}

describe('conditions at their edges', () => {
  it('are missing, never false, while what they read is missing', () => {
    const missing = { a: null, n: null, t: null };
    for (const source of [
      't in ["x"]',
      't.contains("x")',
      'size(t) > 1',
      'a ? a : a',
      '-n < 1.0',
      'a || a',
    ]) {
      const compiled = compile(source);
      assert.ok(compiled.ok, source);
      assert.equal(compiled.condition.test(missing), null, source);
    }
    const member = compile('"x" in [t, "y"]');
    assert.ok(member.ok);
    assert.equal(member.condition.test(missing), null);
    assert.equal(member.condition.test({ ...missing, t: 'z' }), false);
    assert.match(refusal('t in t'), /After "in" a list/);
  });

  it('name the construct that rules may not use', () => {
    assert.match(refusal('[n] == [n]'), /Rules may not use a list except after "in"/);
    assert.match(refusal('{} == {}'), /Rules may not use \{ \}/);
    assert.match(refusal('a && 5 % 2 == 1'), /^5: Rules may not use %;/);
  });

  it('say where a type does not fit, and how to write a number', () => {
    assert.match(refusal('a && n + 1 > 2.0'), /^5: .*write numbers with a point, such as 5\.0$/);
    const other = refusal('a && t + a == t');
    assert.match(other, /^5: /);
    assert.doesNotMatch(other, /with a point/);
    assert.match(
      refusal('n + 1.0'),
      /^0: A condition must be true or false; this gives a number\. Compare it/,
    );
  });

  it('point at where reading stopped', () => {
    assert.match(refusal('a &&'), /^4: /);
    assert.match(refusal('a && "open'), /^5: /);
  });

  it('never combine numbers of two kinds, even unchecked', () => {
    const environment = new Environment({ unlistedVariablesAreDyn: true });
    const sum = toClosure(environment.parse('x + 1').ast, new Set());
    assert.throws(() => sum({ x: 1.5 }), /numbers of two kinds/);
    assert.equal(sum({ x: null }), null);
  });
});

describe('the nearest name', () => {
  it('allows one edit in a short name, and a third in a long one', () => {
    assert.equal(nearest('abd', ['abc']), 'abc');
    assert.equal(nearest('axy', ['abc']), null);
    assert.equal(nearest('ISCLOSD', ['isWon', 'isClosed']), 'isClosed');
    assert.equal(nearest('daysSinceContct', ['daysInStage', 'daysSinceContact']), 'daysSinceContact');
    assert.equal(nearest('paid', ['unrelatedName']), null);
  });

  it('counts insertions, deletions and replacements, against nothing too', () => {
    assert.equal(nearest('paiid', ['paid']), 'paid');
    assert.equal(nearest('pad', ['paid']), 'paid');
    assert.equal(nearest('', ['a', 'bc']), 'a');
    assert.equal(nearest('a', ['']), '');
    assert.equal(nearest('kitten', ['sitting']), null);
    assert.equal(nearest('kitens', ['kitchen', 'kittens']), 'kittens');
    assert.equal(nearest('abcd', []), null);
  });
});

describe("a team's own evidence at its edges", () => {
  it('is missing, and named, where it has another type than declared', () => {
    const declared = { word: 'text', count: 'number', yes: 'boolean' } as const;
    assert.deepEqual(readOwnEvidence(declared, { word: 5, count: Number.NaN, yes: 'true' }), {
      facts: { word: null, count: null, yes: null },
      unreadable: ['word', 'count', 'yes'],
    });
    assert.deepEqual(readOwnEvidence(declared, { word: 'w', count: 2, yes: false }), {
      facts: { word: 'w', count: 2, yes: false },
      unreadable: [],
    });
    assert.deepEqual(readOwnEvidence(declared, { word: '', count: null }).unreadable, []);
  });

  it('sets the record aside when a condition fails, whatever was thrown', () => {
    for (const [thrown, said] of [
      [new RangeError('too far'), /Rule one of profile p failed on this record: too far\./],
      ['plain words', /Rule one of profile p failed on this record: plain words\./],
    ] as const) {
      const test = (): boolean => {
        throw thrown;
      };
      assert.throws(
        () => testCondition('p', 'one', { source: 'a', reads: [], test }, {}),
        (error) => error instanceof OppsyncError && error.recovery === 'skip' && said.test(error.message),
      );
    }
  });
});
