import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { DATASET_FR } from '../../src/cli/locale/dataset-fr.ts';
import { EN } from '../../src/cli/locale/en.ts';
import { FR } from '../../src/cli/locale/fr.ts';
import { type MessageKey, wordsFor } from '../../src/cli/locale/index.ts';
import { RULE_FAULTS_FR } from '../../src/cli/locale/rule-faults-fr.ts';
import { sentenceNamed } from '../../src/cli/locale/sentences.ts';
import { noteWords } from '../../src/cli/present/note-words.ts';
import { errorOfItem } from '../../src/connectors/hubspot/errors.ts';
import { HUBSPOT_SENTENCES } from '../../src/connectors/hubspot/sentences.ts';
import { fromRow } from '../../src/connectors/salesforce/errors.ts';
import { SALESFORCE_SENTENCES } from '../../src/connectors/salesforce/sentences.ts';
import { FAULT_SENTENCES } from '../../src/core/fault-sentences.ts';
import { NOTE_SENTENCES } from '../../src/core/note-sentences.ts';
import { ROLLUP_SENTENCES } from '../../src/core/rollup-remarks.ts';
import { RULE_FAULTS } from '../../src/core/rule-faults.ts';
import type { Sentence } from '../../src/core/told.ts';
import { DATASET_FAULTS } from '../../src/sandbox/dataset-faults.ts';
import { runMain } from './run-main.ts';

type Table = Readonly<Record<string, string>>;

const values = (template: string): string[] =>
  [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort();

const valuesOnce = (template: string): string[] => [...new Set(values(template))];
const optional = (template: string): string => [...template.matchAll(/\[[^\]]*\]/g)].join('');

/** Every sentence there is beside the keys of the locale files. */
const FAMILIES: Readonly<Record<string, Readonly<Record<string, Sentence>>>> = {
  ...{ fault: FAULT_SENTENCES, note: NOTE_SENTENCES, rollup: ROLLUP_SENTENCES },
  ...{ hubspot: HUBSPOT_SENTENCES, salesforce: SALESFORCE_SENTENCES },
};

/** Where sentences may stand in the code: tables that are compared here, and files whose own keys the locale files have. */
const TABLES = new Set([
  'src/core/fault-sentences.ts',
  'src/core/note-sentences.ts',
  'src/core/rollup-remarks.ts',
  'src/connectors/hubspot/sentences.ts',
  'src/connectors/salesforce/sentences.ts',
  'src/connectors/salesforce/vendor-codes.ts',
  // brake.*, verify.*, fault.rates.*
  'src/core/brakes.ts',
  'src/core/agreement-report.ts',
  'src/core/rates.ts',
  // What is said to the log alone.
  'src/http/receive-delivery.ts',
  'src/webhook-alarm.ts',
  'src/engine/own-circles.ts',
]);

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

  for (const [family, english] of Object.entries(FAMILIES))
    for (const [what, sentence] of Object.entries(english))
      it(`${family}.${what} is told in French`, () => {
        const french = sentenceNamed(`${family}.${what}`, 'fr');
        assert.ok(french !== null, 'there is no French sentence');
        for (const part of ['message', 'remedy'] as const) {
          assert.deepEqual(valuesOnce(french[part]), valuesOnce(sentence[part]), part);
          assert.notEqual(french[part], sentence[part]);
          // A part left out in one language is left out in the other.
          assert.deepEqual(valuesOnce(optional(french[part])), valuesOnce(optional(sentence[part])), part);
        }
      });

  it('tell what is wrong in a rule file or a dataset line, with the same values', () => {
    for (const [english, french] of [
      [RULE_FAULTS, RULE_FAULTS_FR],
      [DATASET_FAULTS, DATASET_FR],
    ] as readonly (readonly [Table, Table])[])
      for (const [what, sentence] of Object.entries(english)) {
        const told = french[what] ?? '';
        assert.deepEqual(values(told), values(sentence), what);
        assert.deepEqual(values(optional(told)), values(optional(sentence)), what);
        assert.notEqual(told, sentence);
      }
  });

  it('are spoken by everything that can go wrong: no sentence stands outside of the tables', () => {
    const written = globSync('src/{connectors,core,engine,http,queue,store}/**/*.ts')
      .concat(globSync('src/*.ts'))
      .filter((file) => !TABLES.has(file))
      .flatMap((file) => {
        const found = readFileSync(file, 'utf8').matchAll(
          /\bremedy:\s*(?:[^,;\n'"`]*\? *)?['"`](?!['"`])(.*)/g,
        );
        return [...found].map(([, text = '']) => `${file}: ${text}`);
      });
    assert.deepEqual(written, []);
  });

  it('tell why a CRM refused in the language asked for, and quote the CRM in its own', () => {
    const note = errorOfItem(
      { category: 'VALIDATION_ERROR', message: 'This step is not allowed here.' },
      '5',
    );
    assert.equal(
      noteWords(note, wordsFor('fr')).message,
      'HubSpot a refusé la transaction 5 : This step is not allowed here.',
    );
    const row = fromRow(
      [{ code: 'REQUIRED_FIELD_MISSING', message: 'Missing: [Grade]', fields: [] }],
      '006',
      String,
    );
    assert.equal(
      noteWords(row, wordsFor('fr')).message,
      'Opportunité 006 : un champ obligatoire est vide : Missing: [Grade].',
    );
    assert.equal(noteWords(row, wordsFor('en')).message, row.message);
    const doubtful = { ...row, says: `${row.says}/read_back` };
    assert.match(noteWords(doubtful, wordsFor('fr')).remedy, /^Rien à faire/);
  });

  it('change sentences and leave machine values alone', async () => {
    const french = await runMain(['plan', '--locale', 'fr']);
    assert.match(french.out, /Plan de main, exécution r_1/);
    const json = [await runMain(['plan', '--json']), await runMain(['plan', '--json', '--locale', 'fr'])];
    assert.equal(json[0]?.out, json[1]?.out);
    const error = await runMain(['plan', '--locale', 'fr'], { config: 'htp: {}\n' });
    assert.match(error.err, /clé inconnue htp ; vouliez-vous dire http \?/);
    const group = await runMain(['plan', '--locale', 'fr'], { config: 'connections: 1\n' });
    assert.match(group.err, /connections: attendu : un groupe de clés, trouvé : 1/);
    assert.match(group.err, /syncs: manque ; attendu : un groupe de clés/);
  });
});
