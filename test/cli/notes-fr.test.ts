import assert from 'node:assert/strict';
import { wordsFor } from '../../src/cli/locale/index.ts';
import { NOTES_FR } from '../../src/cli/locale/notes-fr.ts';
import { noteWords } from '../../src/cli/present/note-words.ts';
import * as creation from '../../src/core/creation-notes.ts';
import * as reconcile from '../../src/core/reconcile-notes.ts';

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
      const told = noteWords({ ...note, code: note.cause, params: note.params }, wordsFor('fr'));
      for (const [french, english] of [
        [told.message, note.message],
        [told.remedy, note.remedy],
      ] as const) {
        assert.notEqual(french, english);
        assert.doesNotMatch(french, /[{}[\]]/, 'something is left to fill in');
      }
      // What names the thing in English names it in French.
      for (const value of Object.values(note.params ?? {}))
        if (note.message.includes(value)) assert.ok(told.message.includes(value), `${value} is missing`);
      assert.equal(
        noteWords({ ...note, code: note.cause, params: note.params }, wordsFor('en')).message,
        note.message,
      );
    });

  it('a cause nobody translated is told as it was noted', () => {
    const given = { message: 'm', remedy: 'r', code: 'refused_X', params: undefined };
    assert.deepEqual(noteWords(given, wordsFor('fr')), { message: 'm', remedy: 'r' });
  });
});
