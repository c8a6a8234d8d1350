import assert from 'node:assert/strict';
import { reasonText, sentence } from '../../src/core/sentence.ts';
import type { Because, Verdict } from '../../src/core/verdict.ts';

const VERDICT: Verdict = {
  status: 'active',
  outcome: null,
  phase: null,
  engagement: { state: 'unknown', last: null, days: null },
  completeness: { accepted: null, contract: null, finance: null },
  flags: [],
  because: [],
};
const step = (decided: string | null, rule = 'criterion'): Because => ({ evidence: '', rule, decided });
const held = (...because: Because[]): Verdict => ({ ...VERDICT, flags: ['won_before_complete'], because });

describe('sentences at their edges', () => {
  it('list what is denied and what is not proven, in both languages', () => {
    const verdict = held(
      step('accepted: no'),
      step('finance: no'),
      step('contract: not evidenced'),
      step('handover: not evidenced'),
      step('other: yes'),
      step(null),
    );
    assert.match(
      reasonText(verdict, 'en'),
      /^Active: not yet: acceptance, payment; no proof: contract, handover/,
    );
    assert.match(
      reasonText(verdict, 'fr'),
      /^Active : pas encore : acceptation, paiement ; sans preuve : contrat, handover/,
    );
  });

  it('list only the kind there is', () => {
    const denied = reasonText(held(step('finance: no')), 'en');
    assert.match(denied, /not yet: payment/);
    assert.doesNotMatch(denied, /no proof/);
    const absent = reasonText(held(step('finance: not evidenced')), 'fr');
    assert.match(absent, /sans preuve : paiement/);
    assert.doesNotMatch(absent, /pas encore/);
  });

  it('give no reason where the trace has none', () => {
    assert.doesNotMatch(reasonText(held(), 'en'), /not yet|no proof/);
    assert.equal(sentence(VERDICT, { name: 'Acme' }, 'en'), 'Acme is active.');
    const own = { ...VERDICT, because: [step('active', 'rule-of-the-team'), step(null, 'crm-flags')] };
    assert.equal(sentence(own, { name: 'Acme' }, 'fr'), 'Acme est active.');
  });

  it('call a close without an outcome undecided', () => {
    assert.equal(reasonText({ ...VERDICT, status: 'closed' }, 'en'), 'Undecided.');
  });

  it('write amounts with their sign and cents, and with no currency', () => {
    const said = (amount: string, currency?: string): string =>
      sentence(VERDICT, { name: 'Acme', amount, ...(currency === undefined ? {} : { currency }) }, 'en');
    assert.equal(said('-1234.5', 'EUR'), 'Acme (EUR -1,234.50) is active.');
    assert.equal(said('1000.00'), 'Acme (1,000) is active.');
    assert.equal(said('7', ' '), 'Acme (7) is active.');
  });
});
