import assert from 'node:assert/strict';
import { EN } from '../../src/cli/locale/en.ts';
import { FR } from '../../src/cli/locale/fr.ts';
import { type MessageKey, wordsFor } from '../../src/cli/locale/index.ts';
import { runMain } from './run-main.ts';

const values = (template: string): string[] =>
  [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort();

describe('languages', () => {
  it('have the same keys', () => {
    assert.deepEqual(Object.keys(FR).sort(), Object.keys(EN).sort());
  });

  for (const key of Object.keys(EN) as MessageKey[])
    it(`${key} has the same values in both`, () => {
      assert.deepEqual(values(FR[key]), values(EN[key]));
      assert.notEqual(FR[key].trim(), '');
    });

  it('write numbers and counts their own way', () => {
    assert.equal(wordsFor('en').count('changes', 1234), '1,234 changes');
    assert.equal(wordsFor('fr').count('changes', 1234), '1\u202f234 changements');
    assert.equal(wordsFor('en').count('changes', 0), '0 changes');
    assert.equal(wordsFor('fr').count('changes', 0), '0 changement');
  });

  it('leave out the part whose value is missing', () => {
    assert.equal(wordsFor('en').say('sandbox.config', { file: 'a' }), 'Wrote a. Next: oppsync plan');
    assert.equal(
      wordsFor('en').say('sandbox.config', { file: 'a', given: 'a' }),
      'Wrote a. Next: oppsync plan --config a',
    );
  });

  it('change sentences and leave machine values alone', async () => {
    const french = await runMain(['plan', '--locale', 'fr']);
    assert.match(french.out, /Plan de main, exécution r_1/);
    const json = [await runMain(['plan', '--json']), await runMain(['plan', '--json', '--locale', 'fr'])];
    assert.equal(json[0]?.out, json[1]?.out);
    const error = await runMain(['plan', '--locale', 'fr'], { config: 'htp: {}\n' });
    assert.match(error.err, /clé inconnue htp ; vouliez-vous dire http \?/);
  });
});
