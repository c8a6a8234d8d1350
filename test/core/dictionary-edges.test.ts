import assert from 'node:assert/strict';
import { compileDictionary, type DictionarySource, type LanguageTable } from '../../src/core/dictionary.ts';
import { lookUp } from '../../src/core/dictionary-lookup.ts';
import { parseDictionary } from '../../src/core/dictionary-parse.ts';
import { OppsyncError } from '../../src/core/errors.ts';

/** A language with nothing but what every language must have. */
const BARE: DictionarySource = {
  language: 'XX',
  accents: 'keep',
  won: {},
  lost: {},
  cancelled: {},
  paused: {},
  open: {},
};

function tableOf(source: Partial<DictionarySource>): LanguageTable {
  const [table] = compileDictionary([{ ...BARE, ...source }]).tables;
  assert.ok(table !== undefined);
  return table;
}

describe('dictionary compilation at its edges', () => {
  it('accepts a language that knows no name at all', () => {
    const table = tableOf({});
    assert.equal(table.language, 'xx');
    assert.equal(table.meanings.size, 0);
    assert.equal(lookUp(table, 'won'), undefined);
    assert.deepEqual(table.fallback, []);
  });

  it('sorts the languages by code, and lets the later source of one count', () => {
    const dictionary = compileDictionary([
      { ...BARE, language: 'bb', won: { words: ['first'] } },
      { ...BARE, language: 'cc' },
      { ...BARE, language: 'aa', aliases: ['AA-X'] },
      { ...BARE, language: 'bb', won: { words: ['second'] } },
    ]);
    assert.deepEqual(
      dictionary.tables.map((table) => table.language),
      ['aa', 'bb', 'cc'],
    );
    const later = dictionary.languages.get('bb');
    assert.ok(later !== undefined);
    assert.deepEqual([...later.meanings.keys()], ['second']);
    assert.equal(dictionary.languages.get('aa-x')?.language, 'aa');
  });

  it('lets a name with two classes decide nothing, however often it is claimed', () => {
    const table = tableOf({
      won: { words: ['done'] },
      lost: { phrases: ['done'] },
      cancelled: { phrases: ['done'] },
    });
    assert.equal(lookUp(table, 'done'), null);
  });

  it('keeps a phase only where both claims name it', () => {
    const table = tableOf({
      open: { meeting: ['talk', 'visit', 'visit'], proposing: ['talk'], any: ['begun'] },
    });
    assert.deepEqual(lookUp(table, 'talk'), { class: 'open', phase: null });
    assert.deepEqual(lookUp(table, 'visit'), { class: 'open', phase: 'meeting' });
    assert.deepEqual(lookUp(table, 'begun'), { class: 'open', phase: null });
  });
});

describe('names put together, at their edges', () => {
  const table = tableOf({
    won: { words: ['won', 'settled'] },
    lost: { words: ['lost', 'settled'] },
    closing: ['closed'],
    joining: ['as'],
    nouns: ['deal'],
  });

  it('knows the joining word on either side, and no other word there', () => {
    assert.equal(lookUp(table, 'closedaswon')?.class, 'won');
    assert.equal(lookUp(table, 'lostasclosed')?.class, 'lost');
    assert.equal(lookUp(table, 'closedhalfwon'), undefined);
    assert.equal(lookUp(table, 'wonhalfclosed'), undefined);
  });

  it('carries a word of two meanings through every combination', () => {
    for (const key of ['closedsettled', 'settledclosed', 'closedassettled', 'dealclosedsettled'])
      assert.equal(lookUp(table, key), null, key);
  });
});

describe('dictionary files at their edges', () => {
  const written = { ...BARE, language: 'xx' };
  const refused = (change: object): string => {
    try {
      parseDictionary('xx.json', JSON.stringify({ ...written, ...change }));
    } catch (error) {
      assert.ok(error instanceof OppsyncError);
      assert.equal(error.recovery, 'fix');
      return error.message;
    }
    return 'accepted';
  };

  it('needs no steps, and takes steps without things', () => {
    assert.equal(refused({}), 'accepted');
    assert.equal(refused({ steps: { states: ['sent'] } }), 'accepted');
    assert.equal(refused({ steps: { things: { proposing: ['offer'] } } }), 'accepted');
  });

  it('names the file and the key at fault', () => {
    assert.match(refused({ won: [] }), /^xx\.json: won must be an object/);
    assert.match(refused({ lost: null }), /lost must be an object/);
    assert.match(refused({ open: 'all' }), /open must be an object/);
    assert.match(refused({ open: { dreaming: [] } }), /open has no phase dreaming/);
    assert.match(refused({ steps: { things: { any: ['x'] } } }), /steps\.things has no phase any/);
    assert.match(refused({ steps: { things: { dreaming: ['x'] } } }), /no phase dreaming/);
    assert.match(refused({ nouns: 'deal' }), /nouns must be a list of texts/);
    assert.match(refused({ nouns: [' '] }), /nouns must be a list of texts/);
    assert.match(refused({ nouns: [1] }), /nouns must be a list of texts/);
    assert.match(refused({ language: '' }), /language must be a code/);
    assert.match(refused({ language: 7 }), /language must be a code/);
    assert.match(refused({ accents: 'drop' }), /accents must be/);
    assert.match(refused({ colour: 'red' }), /unknown key colour/);
  });
});
