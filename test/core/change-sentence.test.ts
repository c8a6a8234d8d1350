import assert from 'node:assert/strict';
import { CONNECTORS } from '../../src/connectors/index.ts';
import { changeSentence } from '../../src/core/change-sentence.ts';
import { OWNED_FIELDS, STANDARD_FIELDS } from '../../src/core/opportunity.ts';
import type { ChangeReason, FieldChange } from '../../src/core/plan.ts';
import { crmTitle } from '../../src/crm-title.ts';

const REASONS: readonly ChangeReason[] = ['copied', 'initial', 'filled', 'policy', 'classified', 'pair_key'];
const change = (more: Partial<FieldChange>): FieldChange => ({
  field: 'stage',
  owned: false,
  before: null,
  after: 'x',
  reason: 'copied',
  from: 'salesforce',
  was: 'Open',
  ...more,
});

describe('why one field is to change, in a sentence', () => {
  it('says what was agreed before, and who changed it', () => {
    assert.equal(
      changeSentence(change({}), 'en', crmTitle),
      'The stage changed in Salesforce since both sides agreed on "Open"',
    );
    assert.equal(
      changeSentence(change({ was: null }), 'en', crmTitle),
      'The stage changed in Salesforce since both sides agreed on blank',
    );
    assert.equal(
      changeSentence(change({ was: null }), 'fr', crmTitle),
      'L’étape a changé dans Salesforce depuis l’accord sur vide',
    );
  });

  it('leaves the name of a person as it is', () => {
    const undone = change({ reason: 'undo', by: 'ann' });
    assert.match(changeSentence(undone, 'en', crmTitle), /^ann takes back/);
    assert.match(changeSentence(undone, 'fr', crmTitle), /^ann reprend/);
  });

  it('names each CRM the way its people write it', () => {
    assert.match(changeSentence(change({ from: 'hubspot' }), 'en', crmTitle), /in HubSpot since/);
    assert.match(changeSentence(change({ from: 'hubspot' }), 'fr', crmTitle), /dans HubSpot depuis/);
    // Every CRM of the registry has a name for people.
    for (const crm of Object.keys(CONNECTORS)) assert.notEqual(crmTitle(crm), crm);
  });

  for (const locale of ['en', 'fr'] as const) {
    it(`every reason and field has its own words (${locale})`, () => {
      const byReason = REASONS.map((reason) => changeSentence(change({ reason }), locale, crmTitle));
      assert.equal(new Set(byReason).size, REASONS.length);
      const fields = [...Object.keys(STANDARD_FIELDS), ...OWNED_FIELDS];
      const byField = fields.map((field) => changeSentence(change({ field }), locale, crmTitle));
      assert.equal(new Set(byField).size, fields.length);
      for (const sentence of [...byReason, ...byField]) {
        assert.match(sentence, /^\p{Lu}/u);
        assert.doesNotMatch(sentence, /undefined|null/);
      }
      // No field is named by its machine name.
      for (const [at, field] of fields.entries())
        if (/[A-Z]/.test(field)) assert.ok(!byField[at]?.includes(field), field);
    });
  }

  it('a field of the team keeps its own name; one we own needs no source', () => {
    assert.match(changeSentence(change({ field: 'region' }), 'en', crmTitle), /^Region changed/);
    assert.equal(
      changeSentence(
        change({ field: 'status', owned: true, reason: 'classified', from: null }),
        'en',
        crmTitle,
      ),
      'The oppsync status: from how the opportunity was classified',
    );
  });
});
