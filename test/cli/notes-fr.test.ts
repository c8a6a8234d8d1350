import assert from 'node:assert/strict';
import { wordsFor } from '../../src/cli/locale/index.ts';
import { NOTES_FR } from '../../src/cli/locale/notes-fr.ts';
import { noteWords } from '../../src/cli/present/note-words.ts';
import * as creation from '../../src/core/creation-notes.ts';
import * as reconcile from '../../src/core/reconcile-notes.ts';
import { crmTitle } from '../../src/crm-title.ts';

const RULES = ['back', 'skip', 'approval', 'create'] as const;
const about = { crm: 'hubspot', field: 'dealStep', from: 'Open', stage: 'Won', pipeline: 'Sales' };
const stage = { from: 'salesforce', key: 'K', label: 'Odd', to: 'hubspot' };

const NOTES: readonly reconcile.Note[] = [
  reconcile.unmappedStage({ ...stage, pipeline: null }),
  reconcile.unmappedStage({ ...stage, pipeline: 'Sales' }),
  reconcile.outsideRecordType({ crm: 'salesforce', field: 'stage', value: 'Won', type: 'Renewal' }),
  ...RULES.map((rule) => reconcile.againstPipelineRule({ rule, ...about })),
  reconcile.readOnly('amount', 'hubspot'),
  reconcile.lineItems('salesforce'),
  reconcile.leftAsIs('amount', 'ann'),
  reconcile.setByCrmNote('closeDate', 'hubspot'),
  reconcile.excludedPipeline('hubspot', 'p'),
  reconcile.DELETED,
  reconcile.EDITED_AND_DELETED,
  reconcile.COUNTERPART_DELETED,
  creation.maybePaired('hubspot'),
  creation.claimedByOthers('hubspot'),
  creation.apartFrom('hubspot'),
  creation.linkedElsewhere('hubspot'),
  creation.lostCounterpart('hubspot'),
  creation.seemsDuplicate('salesforce'),
  creation.waitsForCompleteReading('hubspot'),
  creation.missingForCreation('hubspot', 'salesforce', ['owner', 'stage']),
  creation.movedSincePlan(['amount'], 'salesforce'),
  creation.goneSincePlan('salesforce'),
  creation.pairedSincePlan(),
  creation.fateUnknown('hubspot'),
];

describe('why records wait, in French', () => {
  for (const note of NOTES)
    it(`${note.cause}: ${note.message.slice(0, 40)}…`, () => {
      assert.ok(Object.hasOwn(NOTES_FR, note.cause), 'is not told in French');
      const told = noteWords({ ...note, code: note.cause }, wordsFor('fr'));
      for (const [french, english] of [
        [told.message, note.message],
        [told.remedy, note.remedy],
      ] as const) {
        assert.notEqual(french, english);
        assert.doesNotMatch(french, /[{}[\]]/, 'something is left to fill in');
      }
      // What names the thing in English names it in French.
      for (const value of Object.values(note.params ?? {}))
        if (note.message.includes(value))
          assert.ok(told.message.includes(crmTitle(value)), `${crmTitle(value)} is missing`);
      // English says the same as what was noted, and calls a CRM what people call it.
      const { message } = noteWords({ ...note, code: note.cause }, wordsFor('en'));
      assert.equal(message.toLowerCase(), note.message.toLowerCase());
      assert.doesNotMatch(message, /\b(hubspot|salesforce)\b/);
    });

  it('a cause nobody translated is told as it was noted', () => {
    const told = { message: 'm', remedy: 'r' };
    assert.deepEqual(noteWords({ ...told, code: 'refused_X' }, wordsFor('fr')), told);
    // So is one that an older version noted without something its sentence needs by now.
    assert.deepEqual(
      noteWords({ ...told, code: 'read_only_field', params: { field: 'x' } }, wordsFor('fr')),
      told,
    );
  });
});
