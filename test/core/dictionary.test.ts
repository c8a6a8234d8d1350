import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readDictionaryFiles } from '../../config/dictionaries/read.ts';
import { parseDictionaries, parseDictionary } from '../../src/core/dictionary-parse.ts';
import { classifyLabel, detectLanguage, tableFor } from '../../src/core/label.ts';
import { OUTCOME_NAMES, STEP_NAMES } from './dictionary-corpus.ts';
import { PRODUCT_NAMES } from './dictionary-products.ts';

const dictionary = parseDictionaries(readDictionaryFiles());
const read = (label: string, language: string | null = null) =>
  classifyLabel(label, language, dictionary).class;

describe('stage dictionary', () => {
  it('knows at least 40 languages', () => assert.ok(dictionary.tables.length >= 40));

  it('names of other products are never misread, with and without their language, and nearly all understood', () => {
    assert.ok(new Set(PRODUCT_NAMES.map(({ language }) => language)).size >= 25);
    for (const given of [true, false]) {
      const answers = PRODUCT_NAMES.map(({ language, label, meaning }) => ({
        ...{ language, label, meaning },
        said: read(label, given ? language : null),
      }));
      const wrong = answers.filter(({ said, meaning }) => said !== meaning && said !== 'unknown');
      assert.deepEqual(wrong, []);
      const right = answers.filter(({ said, meaning }) => said === meaning).length;
      assert.ok(right >= 0.95 * answers.length, `${right} of ${answers.length}`);
    }
  });

  describe('never by substring', () => {
    const traps: [string, string | null, string][] = [
      ['未成交', 'zh', 'lost'],
      ['成交', 'zh', 'won'],
      ['Pralaimėta', 'lt', 'lost'],
      ['Laimėta', 'lt', 'won'],
      ['Pralaimėta', null, 'lost'],
      ['ناموفق', 'fa', 'lost'],
      ['موفق', 'fa', 'won'],
      ['Analisis persepsi', 'id', 'open'],
      ['ID persoane decizie', 'ro', 'open'],
      ['Dobitak', null, 'unknown'],
      ['Dobitak', 'hr', 'unknown'],
      ['Dobitak', 'sr', 'unknown'],
      ['Won back later', 'en', 'unknown'],
      ['Nearly won', 'en', 'unknown'],
      ['Lost contact', 'en', 'unknown'],
      ['Not won', 'en', 'lost'],
      ['Wonder', null, 'unknown'],
      ['Closed', 'en', 'unknown'],
      ['Cerrado', 'es', 'unknown'],
      ['Fermé', 'fr', 'unknown'],
      ['', null, 'unknown'],
      ['80 %', null, 'unknown'],
      ['5', 'fr', 'unknown'],
      ['🎉', null, 'unknown'],
      ['won'.repeat(100), 'en', 'unknown'],
    ];
    for (const [label, language, expected] of traps) {
      it(`${label.slice(0, 30)} (${language ?? 'any language'}) is ${expected}`, () =>
        assert.equal(read(label, language), expected));
    }
  });

  describe('spelling that makes no difference', () => {
    const same: [string, string, string][] = [
      ['5 - Négociation (80%)', 'fr', 'open'],
      ['NEGOCIATION', 'fr', 'open'],
      ['03. Angebot', 'de', 'open'],
      ['[Won]', 'en', 'won'],
      ['✅ Closed Won', 'en', 'won'],
      ['6️⃣ Closed Won – 100 %', 'en', 'won'],
      ['closed_won', 'en', 'won'],
      ['ClosedWon', 'en', 'won'],
      ['CLOSED/LOST', 'en', 'lost'],
      ['Stage 4: Proposal', 'en', 'open'],
      ['Étape 2 : Démo', 'fr', 'open'],
      ['%80 Müzakere', 'tr', 'open'],
      ['KAZANILDI', 'tr', 'won'],
      ['Kazanildi', 'tr', 'won'],
      ['İPTAL EDİLDİ', 'tr', 'cancelled'],
      ['IPTAL EDILDI', 'tr', 'cancelled'],
      ['Fermee / Gagnee', 'fr', 'won'],
      ['Clôturé – gagné', 'fr', 'won'],
      ['Ｗｏｎ', 'en', 'won'],
      ['Выиграно', 'ru', 'won'],
      ['ПЕРЕГОВОРЫ', 'ru', 'open'],
      ['مُنتصر', 'ar', 'won'],
      ['ΚΕΡΔΙΣΜΕΝΗ', 'el', 'won'],
      ['Won / Gewonnen', 'de', 'won'],
      ['iv. Negotiation', 'en', 'open'],
      ['S3: Contract sent', 'en', 'open'],
    ];
    for (const [label, language, expected] of same) {
      it(`${label} (${language}) is ${expected}`, () => assert.equal(read(label, language), expected));
    }
  });

  it('understands regional tags, and falls back to English for names left untranslated', () => {
    assert.equal(tableFor('pt_BR', dictionary)?.language, 'pt');
    assert.equal(tableFor('zh-Hant-TW', dictionary)?.language, 'zh');
    assert.equal(tableFor('nb_NO', dictionary)?.language, 'no');
    assert.equal(tableFor('tlh', dictionary), null);
    assert.equal(read('Closed Won', 'ja'), 'won');
  });

  it('detects the language from the other stages of the pipeline', () => {
    assert.equal(
      detectLanguage(['Qualifizierung', 'Angebot erstellt', 'Gewonnen', 'Verloren'], dictionary),
      'de',
    );
    assert.equal(
      detectLanguage(['Qualification', 'Devis envoyé', 'Négociation', 'Gagné', 'Perdu'], dictionary),
      'fr',
    );
    assert.equal(detectLanguage(['Zzz', '1'], dictionary), null);
  });

  it('says the phase', () => {
    const phase = (label: string, language: string) => classifyLabel(label, language, dictionary).phase;
    assert.deepEqual(
      [
        phase('Négociation', 'fr'),
        phase('Angebot versendet', 'de'),
        phase('En pausa', 'es'),
        phase('デモ実施', 'ja'),
        phase('Contract sent', 'en'),
      ],
      ['negotiating', 'proposing', 'paused', 'meeting', 'finalising'],
    );
  });

  it('reads the same name the same way every time, whatever was read before', () => {
    const fresh = parseDictionaries(readDictionaryFiles());
    for (const label of ['Perdu', 'Won', 'Dobitak', 'Perdido']) {
      assert.deepEqual(classifyLabel(label, null, fresh), classifyLabel(label, null, dictionary));
    }
  });

  it('refuses a dictionary file that is not one, naming the key', () => {
    assert.throws(
      () => parseDictionary('x.json', '{"language":"xx","accents":"fold","won":{"words":[1]}}'),
      /x\.json: open must be/,
    );
    assert.throws(() => parseDictionary('x.json', '{"language":"xx","lnguage":1}'), /unknown key lnguage/);
    assert.throws(() => parseDictionary('x.json', '{'), /x\.json/);
  });
});

describe('stage dictionary on names written apart from it', () => {
  const score = (
    names: readonly (readonly [string, string, string])[],
    language: (of: string) => string | null,
  ) => {
    let right = 0;
    const wrong: string[] = [];
    const missed: string[] = [];
    for (const [of, label, expected] of names) {
      const got = read(label, language(of));
      if (got === expected) right += 1;
      else (got === 'unknown' ? missed : wrong).push(`${of} ${label}: ${got}, not ${expected}`);
    }
    return { right, wrong, missed };
  };
  for (const [title, names] of [
    ['endings', OUTCOME_NAMES],
    ['steps', STEP_NAMES],
  ] as const) {
    for (const given of [true, false]) {
      it(`reads ${title} ${given ? 'with' : 'without'} the language: never wrong, at least 85 % right`, () => {
        const { right, wrong, missed } = score(names, (of) => (given ? of : null));
        assert.deepEqual(wrong, []);
        assert.ok(right / names.length >= 0.85, `${right} of ${names.length}; missed: ${missed.join('; ')}`);
      });
    }
  }
});

describe('stage dictionary on the labels of other products', () => {
  const folder = new URL('../../../shared/fixtures/stage-labels/', import.meta.url);
  for (const given of [true, false]) {
    it(`is never wrong ${given ? 'with' : 'without'} the language, and right for 85 %`, function () {
      if (!existsSync(folder)) {
        console.log('    skipped: ../shared/fixtures/stage-labels is not there');
        this.skip();
      }
      let [count, right] = [0, 0];
      const wrong: string[] = [];
      for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
        const product = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as {
          classes: Record<string, string>;
          languages: Record<string, Record<string, string>>;
        };
        for (const [language, labels] of Object.entries(product.languages)) {
          if (tableFor(language, dictionary) === null) continue;
          for (const [key, label] of Object.entries(labels)) {
            const expected = product.classes[key];
            if (expected === undefined) continue;
            const got = read(label, given ? language : null);
            // These products know three classes: paused is open there.
            const as = got === 'paused' ? 'open' : got;
            count += 1;
            if (as === expected) right += 1;
            else if (as !== 'unknown') wrong.push(`${name} ${language} ${label}: ${got}, not ${expected}`);
          }
        }
      }
      assert.deepEqual(wrong, []);
      assert.ok(right / count >= 0.85, `${right} of ${count}`);
    });
  }
});
