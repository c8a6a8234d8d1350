/** Schedules, as small as they could be made, that broke a promise once. */
import type { Event, Happening, Moment, Schedule, WorldPlan } from './schedule.ts';

const PLAIN: WorldPlan = {
  seed: 0,
  mirrored: false,
  pairs: 1,
  singles: 0,
  policy: 'ask',
  initial: 'ask',
  blank: 'ignore',
  differing: 0,
  processes: 1,
  jitter: 0,
  searches: { left: false, right: false },
  lagMs: 0,
  skewMs: { left: 0, right: 0 },
};

const at = (gap: number, moment: Moment, what: Happening): Event => ({ gap, at: moment, what });
const edit = (side: 'left' | 'right', field: 'amount' | 'closeDate' | 'name'): Happening => ({
  is: 'edit',
  side,
  record: 0,
  field,
  blank: false,
});

export const REGRESSIONS: Readonly<Record<string, Schedule>> = {
  'a record that moved got a second write while the first was under way': {
    world: { ...PLAIN, policy: 'left', processes: 2, jitter: 0.1 },
    events: [
      at(0, 'write', edit('left', 'amount')),
      at(36, 'read answered', edit('left', 'amount')),
      at(22, 'write', edit('left', 'amount')),
      at(7, 'write', edit('left', 'amount')),
      at(0, 'page answered', edit('right', 'closeDate')),
      at(0, 'any', edit('left', 'closeDate')),
      at(0, 'read answered', edit('left', 'amount')),
    ],
  },
  'a job that came twice to one process was worked on twice at once': {
    world: { ...PLAIN, pairs: 5 },
    events: [
      at(0, 'read answered', edit('left', 'amount')),
      at(26, 'any', { is: 'job_twice' }),
      at(39, 'write', { is: 'job_twice' }),
    ],
  },
  'two runs began at the same moment': {
    world: { ...PLAIN, initial: 'left' },
    events: [
      at(0, 'any', { is: 'job_lost' }),
      at(1, 'any', { is: 'stall' }),
      at(0, 'any', edit('left', 'name')),
    ],
  },
  'refused writes were not tried again by a run that went on with an older one': {
    world: PLAIN,
    events: [
      at(0, 'write', { is: 'refuse', side: 'left', record: 0 }),
      at(0, 'read answered', { is: 'crash' }),
    ],
  },
};
