import assert from 'node:assert/strict';
import { Environment } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { readProfileFiles } from '../../config/rules/read.ts';
import { classify } from '../../src/core/classify.ts';
import { OppsyncError } from '../../src/core/errors.ts';
import { parseProfile, parseProfiles } from '../../src/core/profile-yaml.ts';
import type { Facts } from '../../src/core/rules.ts';
import { conditionCompiler } from '../../src/core/rules-condition.ts';

const VARIABLES = { a: 'boolean', b: 'boolean', n: 'number', t: 'text' } as const;
const compile = conditionCompiler(VARIABLES);
const NONE: Facts = { a: null, b: null, n: null, t: null };

function test(source: string, facts: Partial<Facts> = {}): boolean | null {
  const compiled = compile(source);
  assert.ok(compiled.ok, compiled.ok ? '' : compiled.fault.message);
  return compiled.condition.test({ ...NONE, ...facts } as Facts);
}

function refusal(source: string): string {
  const compiled = compile(source);
  assert.ok(!compiled.ok, `${source} was accepted`);
  return `${compiled.fault.offset}: ${compiled.fault.message}`;
}

describe('conditions', () => {
  it('know yes, no and missing', () => {
    assert.equal(test('a && b', { a: true, b: true }), true);
    assert.equal(test('a && b', { a: true }), null);
    assert.equal(test('a && b', { a: false }), false);
    assert.equal(test('a && b', { b: false }), false);
    assert.equal(test('a || b', { b: true }), true);
    assert.equal(test('a || b', { a: false }), null);
    assert.equal(test('!a'), null);
    assert.equal(test('n > 5'), null);
    assert.equal(test('n > 5', { n: 6 }), true);
    assert.equal(test('known(n) && n > 5.5', { n: null }), false);
    assert.equal(test('t in ["x", "y"]', { t: 'y' }), true);
    assert.equal(test('t.startsWith("ab") && size(t) > 2', { t: 'abc' }), true);
    assert.equal(test('a ? n > 1 : n < 1', { a: false, n: 0 }), true);
  });

  it('refuse what could hang, loop or reach further than the variables', () => {
    assert.match(refusal('t.matches("(a+)+$")'), /^0: Rules may not call matches/);
    assert.match(refusal('a || t.matches("x")'), /^5: Rules may not call matches/);
    assert.match(refusal('matches(t, "x")'), /may not call matches/);
    assert.match(refusal('[1, 2].exists(x, x > 1)'), /Rules may not/);
    assert.match(refusal('t.constructor == "x"'), /variables are flat/);
    assert.match(refusal('t["__proto__"] == "x"'), /variables are flat/);
    assert.match(refusal('{"a": 1} == {"a": 1}'), /may not use \{ \}/);
    assert.match(refusal('a == null'), /known\(name\)/);
    assert.match(refusal('constructor'), /Unknown variable constructor/);
    assert.match(refusal('__proto__'), /__proto__ is a word of the rule language/);
  });

  it('refuse what is too large', () => {
    assert.match(refusal(`a${' || a'.repeat(400)}`), /at most 1000 characters/);
    assert.match(refusal(`${'!'.repeat(500)}a`), /./);
    assert.match(refusal(`${'('.repeat(200)}a${')'.repeat(200)}`), /./);
  });

  it('name the nearest variable, the place, and what a number lacks', () => {
    assert.match(
      conditionFault('stageLable == "x"'),
      /^0: Unknown variable stageLable; did you mean stageLabel\?$/,
    );
    assert.match(refusal('a && n == 5'), /^5: .*write numbers with a point, such as 5\.0/);
    assert.match(refusal('n'), /must be true or false/);
    assert.match(refusal('a &&'), /^4: The condition is incomplete/);
    assert.match(refusal('a )'), /^2: This was not expected here: \)$/);
    assert.match(refusal('t == "x'), /^5: A text is opened with a quote/);
    assert.match(refusal('t == 5.0'), /^0: text == number: both sides must be of one kind/);
    assert.match(refusal('t = "a and b"'), /A single = compares nothing; write ==/);
    assert.match(refusal('a AND b'), /Write && for and/);
    assert.match(refusal('t == “x”'), /Quotes must be straight/);
    assert.match(
      refusal('t == absent'),
      /^5: Unknown variable absent; text goes in quotes, and \S+ lists the/,
    );

    assert.match(refusal('!t'), /cannot be understood/);
  });

  it('decide as the CEL library does wherever nothing is missing', () => {
    const cel = new Environment()
      .registerVariable('a', 'bool')
      .registerVariable('b', 'bool')
      .registerVariable('n', 'double')
      .registerVariable('t', 'string');
    const leaf = fc.constantFrom(
      'a',
      'b',
      'true',
      'n > 2',
      'n <= 2.5',
      'n + 1.0 == 3.0',
      'n * 2.0 != n',
      '-n < 0',
      't == "x"',
      't != ""',
      't in ["x", "é"]',
      't.contains("x")',
      'size(t) >= 1',
      't < "m"',
      'n / 2.0 > 1.0',
      '7 / 2 == 3',
    );
    const { expression } = fc.letrec<{ expression: string }>((tie) => ({
      expression: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        leaf,
        tie('expression').map((inner) => `!(${inner})`),
        fc
          .tuple(tie('expression'), fc.constantFrom('&&', '||', '==', '!='), tie('expression'))
          .map(([x, op, y]) => `(${x}) ${op} (${y})`),
        fc
          .tuple(tie('expression'), tie('expression'), tie('expression'))
          .map(([x, y, z]) => `(${x}) ? (${y}) : (${z})`),
      ),
    }));
    const facts = fc.record({
      a: fc.boolean(),
      b: fc.boolean(),
      n: fc.constantFrom(0, 1, 2, 2.5, -3),
      t: fc.constantFrom('', 'x', 'é', 'xyz', '😀'),
    });
    fc.assert(
      fc.property(expression, facts, (source, values) => {
        const compiled = compile(source);
        if (!compiled.ok) return;
        assert.equal(compiled.condition.test(values), cel.parse(source)(values), source);
      }),
      { numRuns: 2_000 },
    );
  });
});

function conditionFault(source: string): string {
  const compiled = conditionCompiler({ stageLabel: 'text', stageKey: 'text' })(source);
  assert.ok(!compiled.ok);
  return `${compiled.fault.offset}: ${compiled.fault.message}`;
}

describe('profiles from YAML', () => {
  const shipped = parseProfiles(readProfileFiles());
  const texts = 'describe: {en: something, fr: quelque chose}';
  const message = (source: string): string => {
    try {
      parseProfile(source, 'team.yaml', shipped);
    } catch (error) {
      assert.ok(error instanceof OppsyncError && error.recovery === 'fix');
      return error.message;
    }
    return assert.fail('accepted');
  };

  it('extend a shipped one, replace its parts and add their own evidence', () => {
    const profile = parseProfile(
      `name: team\nextends: strict\n${texts}\nwhenMissing: hold\nevidence:\n  deposit: number\ncriteria:\n  finance:\n    required: true\n    when: paid || deposit >= 1000\n    ${texts}\n`,
      'team.yaml',
      shipped,
    );
    const won = (custom: Record<string, number | boolean>) =>
      classify(
        {
          isClosed: true,
          isWon: true,
          stageKey: 's',
          custom: { accepted: true, contractSigned: true, ...custom },
        },
        { profile, now: 0 },
      );
    assert.equal(won({ deposit: 1_500 }).status, 'closed');
    assert.equal(won({ deposit: 500, paid: false }).phase, 'finalising');
    assert.deepEqual(won({ deposit: 500 }).flags, ['completeness_missing']);
    assert.deepEqual(won({ deposit: '1500' as unknown as number }).flags, [
      'completeness_missing',
      'evidence_unreadable',
    ]);
  });

  it('point at the fault with file, line, column and caret', () => {
    const text = message(
      `name: team\n${texts}\nrules:\n  - id: one\n    when: a_days > 3\n    effect: {phase: paused}\n    ${texts}\n  - id: two\n    when: "isWon && stageLable == 'x'"\n    effect: {flag: x}\n    ${texts}\n`,
    );
    assert.equal(
      text.split('\n').slice(3).join('\n'),
      `team.yaml:9:21: Unknown variable stageLable; did you mean stageLabel?\n      when: "isWon && stageLable == 'x'"\n${' '.repeat(22)}^`,
    );
    assert.match(text, /^team\.yaml:5:11: Unknown variable a_days/);
  });

  const faults: [string, string, RegExp][] = [
    ['broken YAML', 'name: [', /^team\.yaml:1:\d+: /],
    ['not a table', '- a', /made of lines such as name: ours/],
    ['nothing', '', /made of lines such as name: ours/],
    [
      'an unknown key',
      `name: team\n${texts}\nrulse: []\n`,
      /:3:\d+: Unknown key rulse; did you mean rules\?/,
    ],
    ['a name twice', `name: team\nname: team\n${texts}`, /unique/],
    ['an unknown parent', `name: team\nextends: standart\n${texts}`, /:2:10: There is no profile standart/],
    ['a missing text', 'name: team\ndescribe: {en: x}\n', /:2:1: fr is missing here; add fr: /],
    [
      'a rule that would win a sale',
      `name: team\n${texts}\nrules:\n  - id: r\n    when: paid\n    effect: {outcome: won}\n    ${texts}\n`,
      /must be one of lost, cancelled/,
    ],
    [
      'a rule twice',
      `name: team\n${texts}\nrules:\n  - &r\n    id: r\n    when: paid\n    effect: {flag: x}\n    ${texts}\n  - *r\n`,
      /Rule r is there twice/,
    ],
    [
      'evidence named like a variable',
      `name: team\n${texts}\nevidence: {isWon: boolean}\n`,
      /already is a variable/,
    ],
    [
      'evidence named like a prototype',
      `name: team\n${texts}\nevidence: {__proto__: boolean}\n`,
      /cannot be the name/,
    ],
    [
      'thresholds the wrong way round',
      `name: team\n${texts}\nengagement: {engagedDays: 30, quietDays: 10}\n`,
      /must not be less/,
    ],
    [
      'aliases that explode',
      `a: &a [x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nname: [*c,*c,*c,*c,*c,*c]\n`,
      /alias/i,
    ],
    ['a text too large', `#${'x'.repeat(100_001)}`, /at most 100000/],
  ];
  for (const [name, source, expected] of faults) {
    it(`refuse ${name}`, () => assert.match(message(source), expected));
  }

  it('refuse a circle', () => {
    const file = (name: string, parent: string) => ({
      file: `${name}.yaml`,
      text: `name: ${name}\nextends: ${parent}\n${texts}\n`,
    });
    assert.throws(() => parseProfiles([file('x', 'y'), file('y', 'x')]), /circle/);
  });

  it('send a record to quarantine when a rule fails on it', () => {
    const profile = parseProfile(
      `name: team\nextends: standard\n${texts}\nrules:\n  - id: boom\n    when: size(stageLabel) / (size(stageLabel) - size(stageLabel)) > 1\n    effect: {flag: x}\n    ${texts}\n`,
      'team.yaml',
      shipped,
    );
    assert.throws(
      () => classify({ isClosed: false, stageKey: 's', stageLabel: 'abc' }, { profile, now: 0 }),
      (error) =>
        error instanceof OppsyncError && error.recovery === 'skip' && error.details.code === 'rule.failed',
    );
    assert.equal(classify({ isClosed: false, stageKey: 's' }, { profile, now: 0 }).status, 'active');
  });

  it('may close as lost what goes stale, never as won', () => {
    const profile = parseProfile(
      `name: team\nextends: standard\n${texts}\nrules:\n  - id: given-up\n    when: status == "active" && daysSinceContact > 365\n    effect: {outcome: lost, flag: given_up}\n    ${texts}\n`,
      'team.yaml',
      shipped,
    );
    const verdict = classify(
      { isClosed: false, stageKey: 's', lastContactAt: 0 },
      { profile, now: 400 * 86_400_000 },
    );
    assert.equal(`${verdict.status}/${verdict.outcome} ${verdict.flags.join()}`, 'closed/lost given_up');
  });
});
