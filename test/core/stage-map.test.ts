import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { StageInfo } from '../../src/core/account-facts.ts';
import {
  certainStageRows,
  indexStages,
  isMapped,
  proposeStageMap,
  sameStage,
  translateStage,
} from '../../src/core/stage-map.ts';
import { stage } from './reconcile-world.ts';

const A = 'a';
const B = 'b';
const open = (label: string, more: Partial<StageInfo> = {}): StageInfo => ({
  ...stage({ key: label }),
  ...more,
});
const won = (label: string, more: Partial<StageInfo> = {}): StageInfo => ({
  ...stage({ key: label, closed: true, won: true }),
  ...more,
});
const lost = (label: string, more: Partial<StageInfo> = {}): StageInfo => ({
  ...stage({ key: label, closed: true, won: false }),
  ...more,
});
const inOrder = (stages: readonly StageInfo[]): StageInfo[] =>
  stages.map((one, order) => ({ ...one, order }));
const certain = (a: readonly StageInfo[], b: readonly StageInfo[]): string[] =>
  certainStageRows({ crm: A, stages: inOrder(a) }, { crm: B, stages: inOrder(b) }).map(
    (row) => `${row[A]?.join()}=${row[B]?.join()}`,
  );
const proposed = (a: readonly StageInfo[], b: readonly StageInfo[]): string[] =>
  proposeStageMap({ crm: A, stages: inOrder(a) }, { crm: B, stages: inOrder(b) }).map(
    ({ row, why }) => `${row[A]?.join()}=${row[B]?.join()} ${why}`,
  );

describe('stages that mean the same', () => {
  const rows = [
    { a: ['A1'], b: ['p/1', 'q/1'] },
    { a: ['A2', 'A3'], b: ['p/2'] },
    { a: ['A3'], b: ['p/3'] },
  ];
  const index = indexStages([
    { crm: A, stages: ['A1', 'A2', 'A3'].map((key) => stage({ key })) },
    {
      crm: B,
      stages: ['p/1', 'p/2', 'p/3', 'q/1', 'q/2'].map((key) => stage({ key, pipeline: key.slice(0, 1) })),
    },
  ]);
  const toB = (key: string, current: string | null, out: string[] = []) =>
    translateStage(rows, index, { crm: A, key }, { crm: B, current, out });

  it('stand in one row', () => {
    assert.equal(sameStage(rows, { crm: A, key: 'A1' }, { crm: B, key: 'q/1' }), true);
    assert.equal(sameStage(rows, { crm: B, key: 'p/2' }, { crm: A, key: 'A3' }), true);
    assert.equal(sameStage(rows, { crm: A, key: 'A1' }, { crm: B, key: 'p/2' }), false);
    assert.equal(sameStage([], { crm: A, key: 'A1' }, { crm: B, key: 'A1' }), false);
    assert.equal(isMapped(rows, { crm: A, key: 'A3' }), true);
    assert.equal(isMapped(rows, { crm: B, key: 'q/2' }), false);
  });

  it('are kept where they are right, found in the present pipeline, and never in another', () => {
    assert.equal(toB('A1', 'q/1'), 'q/1');
    assert.equal(toB('A1', 'q/2'), 'q/1');
    assert.equal(toB('A1', 'p/3'), 'p/1');
    assert.equal(toB('A2', 'q/1'), null);
    assert.equal(toB('A9', 'p/1'), null);
  });

  it('without a present pipeline the first of the row is taken that is not left out', () => {
    assert.equal(toB('A1', null), 'p/1');
    assert.equal(toB('A1', 'gone'), 'p/1');
    assert.equal(toB('A1', null, ['p']), 'q/1');
    assert.equal(toB('A1', null, ['p', 'q']), null);
  });

  it('a row that leads with the stage comes before one that lists it among others', () => {
    assert.equal(toB('A3', null), 'p/3');
    assert.equal(translateStage(rows, index, { crm: B, key: 'p/2' }, { crm: A, current: null }), 'A2');
    assert.equal(translateStage(rows, index, { crm: B, key: 'p/2' }, { crm: A, current: 'A3' }), 'A3');
  });

  it('what is translated stands in one row with where it came from, and stays when translated again', () => {
    const key = fc.constantFrom('1', '2', '3', '4');
    const anyRows = fc.array(
      fc.record({
        a: fc.uniqueArray(key, { maxLength: 3 }),
        b: fc.uniqueArray(
          fc.tuple(fc.constantFrom('p', 'q'), key).map((parts) => parts.join('/')),
          { maxLength: 3 },
        ),
      }),
      { maxLength: 5 },
    );
    const stages = indexStages([
      {
        crm: B,
        stages: ['p', 'q'].flatMap((pipeline) =>
          ['1', '2', '3'].map((one) => stage({ key: `${pipeline}/${one}`, pipeline })),
        ),
      },
    ]);
    fc.assert(
      fc.property(anyRows, key, fc.constantFrom(null, 'p/1', 'q/2', 'q/9'), (map, from, current) => {
        const found = translateStage(map, stages, { crm: A, key: from }, { crm: B, current });
        if (found === null) return;
        assert.equal(sameStage(map, { crm: A, key: from }, { crm: B, key: found }), true);
        assert.equal(translateStage(map, stages, { crm: A, key: from }, { crm: B, current: found }), found);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('stages proposed to mean the same', () => {
  it('by label, without case, accents, numbering and percentages', () => {
    assert.deepEqual(certain([open('3. Qualifié (40%)'), open('Démo')], [open('demo'), open('QUALIFIE')]), [
      '3. Qualifié (40%)=QUALIFIE',
      'Démo=demo',
    ]);
    assert.deepEqual(certain([open('2. Встреча')], [open('Встреча')]), ['2. Встреча=Встреча']);
  });

  it('not by what is left of a label after a number in the middle of it', () => {
    assert.deepEqual(
      certain([open('Этап 1 Demo'), open('第2段階 Offer')], [open('Шаг 2 Demo'), open('商談3 Offer')]),
      [],
    );
  });

  it('a label that is only a sign or a number is compared whole', () => {
    assert.deepEqual(certain([open('★'), open('50%')], [open('★'), open('40%')]), ['★=★']);
  });

  it('not when two stages bear the label, or when the flags say the opposite', () => {
    assert.deepEqual(
      certain([open('Review')], [open('Review', { key: 'r1' }), open('review', { key: 'r2' })]),
      [],
    );
    assert.deepEqual(
      certain([open('Review', { key: 'r1' }), open('review', { key: 'r2' })], [open('Review')]),
      [],
    );
    assert.deepEqual(certain([won('Signed'), won('Paid')], [open('Signed')]), []);
  });

  it('the only won and the only lost stage, also against several', () => {
    assert.deepEqual(certain([won('Gewonnen'), lost('Verloren')], [won('W'), lost('L')]), [
      'Gewonnen=W',
      'Verloren=L',
    ]);
    assert.deepEqual(certain([won('W')], [won('New'), won('Renewal')]), ['W=New', 'W=Renewal']);
    assert.deepEqual(certain([won('New'), won('Renewal')], [won('W')]), ['New=W', 'Renewal=W']);
    assert.deepEqual(certain([lost('L1'), lost('L2')], [lost('M1'), lost('M2')]), []);
  });

  it('a stage that is no longer offered is not the only one', () => {
    assert.deepEqual(certain([won('W')], [won('Old', { active: false }), won('X')]), ['W=X']);
    assert.deepEqual(certain([won('Old', { active: false }), won('X')], [won('W')]), ['X=W']);
  });

  it('a closed stage that does not say how it ended is matched by label only', () => {
    const dim = { closed: true, won: null };
    assert.deepEqual(certain([open('Done', dim)], [open('done', dim), won('W')]), ['Done=done']);
    assert.deepEqual(certain([open('Ended', dim)], [open('Closed', dim)]), []);
    assert.deepEqual(certain([open('X', { closed: null })], [open('x', { closed: null })]), ['X=x']);
  });

  it('open stages by place, which is proposed and never certain; closed ones never', () => {
    const a = [open('One'), open('Two'), open('Three'), lost('L1'), lost('L2')];
    const b = [open('Eins'), open('Drei'), lost('M1'), lost('M2')];
    assert.deepEqual(certain(a, b), []);
    assert.deepEqual(proposed(a, b), ['One=Eins position', 'Two=Eins position', 'Three=Drei position']);
    assert.deepEqual(proposed(b, a), ['Eins=One,Two position', 'Drei=Three position']);
  });

  it('a row says the weakest of its reasons, and puts the strongest match first', () => {
    const a = [open('Start'), open('End')];
    const b = [open('Erst'), open('Start'), open('End')];
    assert.deepEqual(proposed(a, b), ['Start=Start,Erst position', 'End=End label']);
  });

  it('pipeline by pipeline', () => {
    const b = [
      open('Start', { key: 'p/s', pipeline: 'p' }),
      won('Done', { key: 'p/w', pipeline: 'p' }),
      open('Start', { key: 'q/s', pipeline: 'q' }),
      won('Fertig', { key: 'q/w', pipeline: 'q' }),
    ];
    assert.deepEqual(certain([open('Start'), won('Won')], b), [
      'Start=p/s',
      'Won=p/w',
      'Start=q/s',
      'Won=q/w',
    ]);
    assert.deepEqual(proposed([open('Start'), won('Won')], b), [
      'Start=p/s,q/s label',
      'Won=p/w,q/w only_won',
    ]);
    assert.deepEqual(proposed([], b), []);
  });

  it('what is certain for one order of the CRMs is certain for the other', () => {
    const made = (prefix: string) =>
      fc
        .array(
          fc.record({
            label: fc.constantFrom('New', '1. new', 'Offer', 'Won', 'Lost', 'Ende'),
            kind: fc.constantFrom('open', 'won', 'lost', 'dim'),
          }),
          { maxLength: 5 },
        )
        .map((list) =>
          list.map(
            ({ label, kind }, at): StageInfo => ({
              ...stage({
                key: `${prefix}${at}`,
                closed: kind !== 'open',
                won: kind === 'dim' ? null : kind === 'won',
              }),
              label,
            }),
          ),
        );
    fc.assert(
      fc.property(made('a'), made('b'), (a, b) => {
        const turned = certain(b, a).map((row) => row.split('=').reverse().join('='));
        assert.deepEqual(turned.sort(), certain(a, b).sort());
      }),
      { numRuns: 2000 },
    );
  });
});
