import assert from 'node:assert/strict';
import { wordsFor } from '../../src/cli/locale/index.ts';
import { paceOf } from '../../src/cli/pace.ts';
import { displayWidth } from '../../src/cli/present/display-width.ts';
import { progressLine } from '../../src/cli/progress-line.ts';
import type { RunProgress } from '../../src/core/report.ts';

const READING: RunProgress = {
  ...{ phase: 'reconcile', done: 640_000, total: 1_000_000 },
  calls: { salesforce: 14_600, hubspot: 101_000 },
};
const PACE = { perSecond: 2_345, leftMs: 750_000 };

describe('cli: the progress line', () => {
  for (const locale of ['en', 'fr'] as const)
    it(`shows count, rate, time left and calls at every width from 80 columns on, in ${locale}`, () => {
      const words = wordsFor(locale);
      for (let width = 79; width <= 160; width++) {
        const line = progressLine(READING, PACE, words, width);
        assert.ok(displayWidth(line) <= width, `${displayWidth(line)} at ${width}: ${line}`);
        for (const part of [640_000, 1_000_000, 2_345]) assert.ok(line.includes(words.number(part)), line);
        assert.match(line, /12 min 30 s/);
        assert.match(line, /calls|appels/);
      }
      assert.match(progressLine(READING, PACE, words, 160), / █{19}░{11} .*Salesforce.*HubSpot/);
      assert.doesNotMatch(progressLine(READING, PACE, words, 60), /[█░]/);
    });

  it('tells the pace of late, not that of the whole phase', () => {
    let time = 0;
    const pace = paceOf(() => time);
    let found: ReturnType<typeof pace> = null;
    for (let done = 0; time <= 120_000; time += 1_000, done += time < 30_000 ? 3_000 : 100)
      found = pace({ phase: 'pull', done, total: 200_000 });
    assert.ok(found !== null && Math.abs(found.perSecond - 100) < 1, `${found?.perSecond}/s`);
    assert.equal(pace({ phase: 'push', done: 0, total: 10 }), null);
  });

  it('shows no end where none is known, and no count of a step that is done at once', () => {
    const words = wordsFor('en');
    const unknown = progressLine({ phase: 'pull', done: 3_000, total: null }, null, words, 80);
    assert.match(unknown, /^pull ░{30} 3,000$/);
    assert.match(progressLine({ phase: 'seal', done: 0, total: 1 }, null, words, 80), /^plan ░{30}$/);
  });
});
