import assert from 'node:assert/strict';
import { classify, STANDARD_PROFILE } from '../../src/core/classify.ts';
import { FLAGS } from '../../src/core/classify-flags.ts';
import type { Evidence } from '../../src/core/opportunity.ts';
import { flagText, reasonText, sentence } from '../../src/core/sentence.ts';

const NOW = Date.UTC(2026, 10, 23);
const verdict = (evidence: Evidence) => classify(evidence, { profile: STANDARD_PROFILE, now: NOW });
const about = { name: 'Acme renewal', amount: '1234567.50', currency: 'EUR', stageLabel: 'Closed Won' };

describe('sentences', () => {
  const won = verdict({ isClosed: true, isWon: true, stageKey: 'a' });

  it('say what it is and why, in English and French', () => {
    assert.equal(
      sentence(won, about, 'en'),
      'Acme renewal (EUR 1,234,567.50) is closed and won: the CRM says so (stage “Closed Won”).',
    );
    assert.equal(
      sentence(won, about, 'fr'),
      'Acme renewal (1 234 567,50 EUR) est fermée et gagnée : le CRM le dit (étape « Closed Won »).',
    );
  });

  it('say what is remarkable and when the last contact was', () => {
    const open = verdict({
      isClosed: false,
      stageKey: 'a',
      closeDate: '2026-10-01',
      lastContactAt: NOW - 40 * 86_400_000,
    });
    assert.equal(
      sentence(open, { name: 'Acme' }, 'en'),
      'Acme is active: the CRM says so; its close date has passed; stale: no contact for 40 days.',
    );
    assert.equal(reasonText(open, 'en'), 'Active: the CRM says so.');
  });

  it('ask a person where nothing decides', () => {
    assert.equal(
      sentence(verdict({}), { name: 'Acme' }, 'en'),
      'Acme is undecided: a person must look; it has no stage.',
    );
    assert.equal(
      sentence(verdict({}), { name: '' }, 'fr'),
      'Cette opportunité est indéterminée : une personne doit regarder ; elle n’a pas d’étape.',
    );
  });

  it('keep to one short line whatever the name', () => {
    const text = sentence(
      won,
      { ...about, name: `${'🇫🇷'.repeat(80)}\nline\u0000two`, stageLabel: 'x'.repeat(300) },
      'en',
    );
    assert.ok(text.length <= 250 && !text.includes('\n') && !text.includes('\u0000'));
    assert.ok(text.isWellFormed());
  });

  it('leave out an amount that is none', () => {
    assert.match(sentence(won, { name: 'Acme', amount: 'a lot', currency: 'EUR' }, 'en'), /^Acme is closed/);
    assert.match(sentence(won, { name: 'Acme', amount: null }, 'en'), /^Acme is closed/);
  });

  it('have words for every flag in both languages', () => {
    for (const flag of Object.keys(FLAGS)) {
      assert.notEqual(flagText(flag, 'en'), flagText(flag, 'fr'));
    }
    assert.equal(flagText('given_up', 'en'), 'given up');
  });
});
