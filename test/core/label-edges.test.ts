import assert from 'node:assert/strict';
import { compileDictionary, type DictionarySource } from '../../src/core/dictionary.ts';
import { classifyLabel, detectLanguage, tableFor } from '../../src/core/label.ts';

const source = (language: string, more: Partial<DictionarySource>): DictionarySource => ({
  language,
  accents: 'keep',
  won: {},
  lost: {},
  cancelled: {},
  paused: {},
  open: {},
  ...more,
});

const AA = source('aa', {
  won: { words: ['ganar', 'fin'] },
  lost: { words: ['perder', 'fin'] },
  fallback: ['bb', 'zz'],
});
const BB = source('bb', { won: { words: ['irabazi', 'same'] }, lost: { words: ['opposite'] } });
const CC = source('cc', { lost: { words: ['opposite'] }, won: { words: ['same'] } });
const EN = source('en', { won: { words: ['won'] }, lost: { words: ['lost'] } });
const withoutEnglish = compileDictionary([AA, BB, CC]);
const withEnglish = compileDictionary([AA, BB, EN]);
const UNKNOWN = { class: 'unknown', phase: null, language: null };

describe('reading stage names at the edges', () => {
  it('works in a dictionary without English', () => {
    assert.deepEqual(classifyLabel('ganar', 'aa', withoutEnglish), {
      class: 'won',
      phase: null,
      language: 'aa',
    });
    assert.deepEqual(classifyLabel('won', 'aa', withoutEnglish), UNKNOWN);
    assert.deepEqual(classifyLabel('ganar', 'qq', withoutEnglish), UNKNOWN);
  });

  it('asks a related language last, and passes over one it does not have', () => {
    assert.equal(classifyLabel('irabazi', 'aa', withEnglish).language, 'bb');
    assert.equal(classifyLabel('won', 'aa', withEnglish).language, 'en');
    assert.deepEqual(classifyLabel('nothing', 'aa', withEnglish), UNKNOWN);
  });

  it('does not ask on when the name has two meanings in its own language', () => {
    assert.deepEqual(classifyLabel('fin', 'aa', withEnglish), UNKNOWN);
    assert.deepEqual(classifyLabel('fin', null, withEnglish), UNKNOWN);
  });

  it('names no language where several know the name alike', () => {
    assert.deepEqual(classifyLabel('same', null, withoutEnglish), {
      class: 'won',
      phase: null,
      language: null,
    });
    assert.equal(classifyLabel('irabazi', ' ', withoutEnglish).language, 'bb');
    assert.deepEqual(classifyLabel('nothing', null, withoutEnglish), UNKNOWN);
  });

  it('decides nothing where two languages disagree about the name', () => {
    const divided = compileDictionary([
      source('aa', { won: { words: ['gift'] } }),
      source('bb', { lost: { words: ['gift'] } }),
    ]);
    assert.deepEqual(classifyLabel('gift', null, divided), UNKNOWN);
    assert.equal(classifyLabel('gift', 'bb', divided).class, 'lost');
  });

  it('takes a list of names only when all say the same', () => {
    assert.equal(classifyLabel('ganar / won', 'aa', withEnglish).class, 'won');
    assert.deepEqual(classifyLabel('ganar / lost', 'aa', withEnglish), UNKNOWN);
    assert.deepEqual(classifyLabel('ganar / fin', 'aa', withEnglish), UNKNOWN);
    assert.deepEqual(classifyLabel('ganar / nothing', 'aa', withEnglish), UNKNOWN);
  });

  it('forgets when it has remembered enough, without a change of answer', () => {
    for (let at = 0; at <= 5_001; at += 1) classifyLabel(`name ${at} x`, 'aa', withEnglish);
    assert.equal(classifyLabel('ganar', 'aa', withEnglish).class, 'won');
  });

  it('detects no language in a tie, and finds a table by its longest known tag', () => {
    assert.equal(detectLanguage(['same'], withoutEnglish), null);
    assert.equal(detectLanguage(['same', 'irabazi'], withoutEnglish), 'bb');
    assert.equal(detectLanguage(['x'.repeat(200)], withoutEnglish), null);
    assert.equal(tableFor('AA_xx-yy', withEnglish)?.language, 'aa');
    assert.equal(tableFor('', withEnglish), null);
  });
});
