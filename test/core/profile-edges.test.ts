import assert from 'node:assert/strict';
import { OppsyncError } from '../../src/core/errors.ts';
import { compileProfile, type ProfileSource } from '../../src/core/profile-compile.ts';
import { parseProfile, parseProfiles } from '../../src/core/profile-yaml.ts';

const TEXTS = { en: 'x', fr: 'x' };
const HEAD = 'name: edge\ndescribe: { en: x, fr: x }\n';

function faultIn(text: string, parents: Parameters<typeof parseProfile>[2] = new Map()): string {
  try {
    parseProfile(text, 'edge.yaml', parents);
  } catch (error) {
    assert.ok(error instanceof OppsyncError);
    assert.equal(error.recovery, 'fix');
    return error.message;
  }
  return 'accepted';
}

describe('profiles at their edges', () => {
  it('compile from no more than a name, with the default thresholds', () => {
    const compiled = compileProfile({ name: 'least', describe: TEXTS }, null);
    assert.ok(compiled.ok);
    assert.deepEqual(compiled.profile.engagement, { engagedDays: 14, quietDays: 30 });
    assert.equal(compiled.profile.whenMissing, 'trust-crm');
    assert.deepEqual(compiled.profile.rules, []);
    assert.deepEqual(compiled.profile.criteria, []);
  });

  it('replace what the parent has under the same name, and keep the rest', () => {
    const parent = compileProfile(
      {
        name: 'parent',
        describe: TEXTS,
        whenMissing: 'hold',
        engagement: { engagedDays: 3, quietDays: 9 },
        criteria: { paid: { when: 'paid', describe: TEXTS }, signed: { when: 'accepted', describe: TEXTS } },
        rules: [
          { id: 'one', when: 'isClosed', effect: { flag: 'old' }, describe: TEXTS },
          { id: 'two', when: 'isClosed', effect: { outcome: 'lost' }, describe: TEXTS },
        ],
      },
      null,
    );
    assert.ok(parent.ok);
    const child: ProfileSource = {
      name: 'child',
      describe: TEXTS,
      criteria: { paid: { required: true, when: 'paid', describe: TEXTS } },
      rules: [{ id: 'one', when: 'isWon', effect: { phase: 'paused' }, describe: TEXTS }],
    };
    const compiled = compileProfile(child, parent.profile);
    assert.ok(compiled.ok);
    const { profile } = compiled;
    assert.deepEqual(
      profile.criteria.map((one) => `${one.name} ${one.required}`),
      ['paid true', 'signed false'],
    );
    assert.deepEqual(
      profile.rules.map((rule) => [rule.id, rule.when.source, rule.effect]),
      [
        ['one', 'isWon', { phase: 'paused', outcome: null, flag: null }],
        ['two', 'isClosed', { phase: null, outcome: 'lost', flag: null }],
      ],
    );
    assert.equal(profile.whenMissing, 'hold');
    assert.deepEqual(profile.engagement, { engagedDays: 3, quietDays: 9 });
  });

  it('report conditions that do not compile, each at its place', () => {
    const compiled = compileProfile(
      {
        name: 'faulty',
        describe: TEXTS,
        criteria: { paid: { when: 'payed', describe: TEXTS } },
        rules: [{ id: 'one', when: 'isClosed &&', effect: { flag: 'f' }, describe: TEXTS }],
      },
      null,
    );
    assert.ok(!compiled.ok);
    assert.deepEqual(
      compiled.faults.map((fault) => fault.path.join('.')),
      ['criteria.paid.when', 'rules.0.when'],
    );
  });

  it('refuse rules that are no list, and too many of them', () => {
    assert.match(faultIn(`${HEAD}rules: none\n`), /rules must be a list of at most 200/);
    assert.match(faultIn(`${HEAD}rules: [${'1,'.repeat(201)}]\n`), /rules must be a list of at most 200/);
    assert.equal(faultIn(`${HEAD}rules: []\n`), 'accepted');
  });

  it('refuse days that are no whole number in range', () => {
    for (const days of ['1.5', '-1', '3651', 'many'])
      assert.match(
        faultIn(`${HEAD}engagement: { quietDays: ${days} }\n`),
        /quietDays must be a whole number/,
      );
    assert.equal(faultIn(`${HEAD}engagement: { quietDays: 3650 }\n`), 'accepted');
  });

  it('refuse names, types and texts that a profile cannot have', () => {
    assert.match(faultIn(`${HEAD}evidence: { size: number }\n`), /size cannot be the name of an evidence/);
    assert.match(faultIn(`${HEAD}evidence: { mine: date }\n`), /mine must be one of boolean, number, text/);
    assert.match(faultIn(`${HEAD}criteria: { "a b": { when: paid } }\n`), /a b cannot be the name of a crit/);
    assert.match(faultIn(`${HEAD}criteria: { a: { required: 1 } }\n`), /required must be true or false/);
    assert.match(faultIn(`${HEAD}criteria: { a: { when: 1 } }\n`), /when must be a text/);
    assert.match(faultIn(`${HEAD}rules: [{ id: a, effect: {} }]\n`), /needs a phase, an outcome or a flag/);
    assert.match(faultIn(`${HEAD}zzzzzzzzzz: 1\n`), /Unknown key zzzzzzzzzz \(known here: name, extends, /);
    assert.match(faultIn(`${HEAD}rulse: []\n`), /Unknown key rulse; did you mean rules\?/);
    const always = '{ a: { when: true, describe: { en: x, fr: x } } }';
    assert.equal(faultIn(`${HEAD}criteria: ${always}\n`), 'accepted');
  });

  it('say that there is no profile to extend, with and without others', () => {
    const parent = parseProfile(HEAD, 'edge.yaml', new Map());
    assert.match(faultIn(`extends: other\n${HEAD}`), /no profile other to extend\n/);
    assert.match(faultIn(`extends: other\n${HEAD}`, new Map([['edge', parent]])), /there are edge/);
  });

  it('refuse one name twice', () => {
    assert.throws(
      () =>
        parseProfiles([
          { file: 'a.yaml', text: HEAD },
          { file: 'b.yaml', text: HEAD },
        ]),
      /b\.yaml: profile edge is there twice/,
    );
  });

  it('point at a fault inside quotes, and at the first line of a block', () => {
    const rule = (when: string): string =>
      `${HEAD}rules:\n  - id: one\n    when: ${when}\n    effect: { flag: f }\n    describe: { en: x, fr: x }\n`;
    assert.match(faultIn(rule('isClosd')), /^edge\.yaml:5:11: Unknown variable isClosd/);
    assert.match(faultIn(rule('"isClosd"')), /^edge\.yaml:5:12: Unknown variable isClosd/);
    assert.match(faultIn(rule("'isClosd'")), /^edge\.yaml:5:12: Unknown variable isClosd/);
    assert.match(faultIn(rule('|\n      isClosd')), /^edge\.yaml:5:11: Unknown variable isClosd/);
    assert.match(
      faultIn(rule('>\n      isWon &&\n      isClosd')),
      /^edge\.yaml:5:11: Unknown variable isClosd/,
    );
  });

  it('refuse an empty file, and text that multiplies itself', () => {
    assert.match(faultIn(''), /A profile is made of lines such as name: ours/);
    const bomb = `a: &a [x]\nb: &b [${'*a,'.repeat(30)}]\nc: [${'*b,'.repeat(30)}]\n`;
    assert.match(faultIn(bomb), /^edge\.yaml: .*alias/i);
  });
});
