import assert from 'node:assert/strict';
import type { ChangeEventsStatus } from '../../src/app.ts';
import { changeEventMetrics } from '../../src/change-event-metrics.ts';
import { coloursFor } from '../../src/cli/colours.ts';
import { wordsFor } from '../../src/cli/locale/index.ts';
import { changeEventRows } from '../../src/cli/present/change-events.ts';

const AT = Date.parse('2026-11-26T10:00:00Z');
const quiet: ChangeEventsStatus = {
  ...{ crm: 'salesforce', state: 'following', trouble: null, heardAt: null },
  ...{ eventAt: null, lagMs: null, missingSince: null },
};
const shown = (more: Partial<ChangeEventsStatus>, locale: 'en' | 'fr' = 'en'): string =>
  changeEventRows({ ...quiet, ...more }, wordsFor(locale), coloursFor(false, {}))
    .map((cells) => cells.join('|'))
    .join('\n');

describe('change events in the status', () => {
  it('are not mentioned where nobody asked for them', () => {
    assert.deepEqual(changeEventRows(null, wordsFor('en'), coloursFor(false, {})), []);
    assert.deepEqual(changeEventMetrics(new Map()), []);
  });

  it('say how they are followed, and what to do when they are not', () => {
    assert.match(shown({}), /^change events\|followed; Salesforce has told nothing yet$/);
    assert.match(shown({ heardAt: AT }), /followed; Salesforce last heard Nov 26, 2026/);
    assert.match(
      shown({ eventAt: AT, lagMs: 2_000 }),
      /\n\|last change Nov 26.*, told 2 s after it happened$/,
    );
    assert.match(
      shown({ state: 'waiting', trouble: 'The door is shut.' }),
      /interrupted: The door is shut\./,
    );
    assert.match(shown({ state: 'starting' }), /oppsync serve/);
    assert.match(shown({ state: 'silent', heardAt: AT }), /nobody follows them/);
    assert.match(shown({ missingSince: AT }), /\n\|some were missed before Nov 26/);
    assert.match(shown({ state: 'silent', heardAt: AT }, 'fr'), /personne ne les suit/);
  });

  it('are numbers for whoever watches', () => {
    const metrics = changeEventMetrics(
      new Map([['main', { ...quiet, heardAt: AT, lagMs: 1_500, missingSince: AT }]]),
    );
    const labels = { sync: 'main', crm: 'salesforce' };
    assert.deepEqual(
      metrics.map(({ name, samples }) => [name.replace('oppsync_change_events_', ''), samples]),
      [
        ['following', [{ labels, value: 1 }]],
        ['heard_timestamp_seconds', [{ labels, value: AT / 1000 }]],
        ['last_timestamp_seconds', [{ labels, value: 0 }]],
        ['lag_seconds', [{ labels, value: 1.5 }]],
        ['missing', [{ labels, value: 1 }]],
      ],
    );
  });
});
