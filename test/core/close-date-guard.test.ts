import assert from 'node:assert/strict';
import type { StageInfo } from '../../src/core/account-facts.ts';
import { type CloseDateSide, setByCrm } from '../../src/core/close-date-guard.ts';

const stage = (closed: boolean | null, won: boolean | null): StageInfo => ({
  ...{ key: `${closed}${won}`, label: '', pipeline: null, pipelineLabel: null, order: 1 },
  ...{ closed, won, probability: null, active: true },
});
const OPEN = stage(false, null);
const WON = stage(true, true);
const LOST = stage(true, false);
/** Still the 25th in New York. */
const CHANGED = Date.parse('2026-11-26T03:00:00Z');

const side = (given: Partial<CloseDateSide>): CloseDateSide => ({
  rewrites: 'ahead_when_won',
  timeZone: 'America/New_York',
  dateBefore: '2026-12-31',
  dateNow: '2026-11-26',
  stageBefore: OPEN,
  stageNow: WON,
  stageChangedAt: CHANGED,
  ...given,
});

describe('a close date that the CRM set itself', () => {
  const table: readonly [string, Partial<CloseDateSide>, boolean][] = [
    ['won before its date: today, as UTC counts', {}, true],
    ['… or as the account counts', { dateNow: '2026-11-25' }, true],
    ['another day was typed', { dateNow: '2026-11-24' }, false],
    ['a date that had passed is not moved', { dateBefore: '2026-11-01' }, false],
    ['a blank date is not moved', { dateBefore: null }, false],
    ['not on losing', { stageNow: LOST }, false],
    ['not on reopening', { stageBefore: WON, stageNow: OPEN }, false],
    ['not without a change of class', { stageBefore: OPEN, stageNow: OPEN }, false],
    ['on closing: won', { rewrites: 'on_closing' }, true],
    ['on closing: lost', { rewrites: 'on_closing', stageNow: LOST }, true],
    ['on closing: from won to lost', { rewrites: 'on_closing', stageBefore: WON, stageNow: LOST }, true],
    ['on closing: reopened', { rewrites: 'on_closing', stageBefore: WON, stageNow: OPEN }, true],
    ['on closing: a date that had passed', { rewrites: 'on_closing', dateBefore: '2026-01-01' }, true],
    ['on closing: no date before', { rewrites: 'on_closing', dateBefore: null }, true],
    ['on closing: within the same class', { rewrites: 'on_closing', stageBefore: WON }, false],
    ['on closing: another day', { rewrites: 'on_closing', dateNow: '2026-12-01' }, false],
    ['a closed stage that is neither', { rewrites: 'on_closing', stageNow: stage(true, null) }, true],
    ['this CRM leaves dates alone', { rewrites: false }, false],
    ['when the stage changed is not known', { stageChangedAt: null }, false],
    ['the date was never agreed on', { dateBefore: undefined }, false],
    ['the date was blanked', { rewrites: 'on_closing', dateNow: null }, false],
    ['the date was not read', { dateNow: undefined }, false],
    ['a stage nobody lists, before', { stageBefore: undefined }, false],
    ['a stage nobody lists, now', { stageNow: undefined }, false],
  ];
  for (const [what, given, expected] of table)
    it(`${what}: ${expected}`, () => assert.equal(setByCrm(side(given)), expected));
});
