/** Schedules, as small as they could be made, that broke a promise once. */
import type { Event, Happening, Moment, Schedule, TextField, WorldPlan } from './schedule.ts';

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
const edit = (side: 'left' | 'right', field: TextField, record = 0): Happening => ({
  is: 'edit',
  side,
  record,
  field,
  blank: false,
});

export const REGRESSIONS: Readonly<Record<string, Schedule>> = {
  'a record that moved got a second write while the first was under way': {
    world: {
      ...PLAIN,
      seed: 1_978_409_211,
      mirrored: true,
      pairs: 2,
      singles: 1,
      jitter: 0.1,
      searches: { left: true, right: false },
    },
    events: [
      at(0, 'write', edit('left', 'amount')),
      at(0, 'page answered', edit('left', 'nextStep')),
      at(0, 'write', edit('right', 'amount')),
      at(0, 'commit', edit('right', 'amount')),
      at(0, 'page answered', edit('left', 'closeDate')),
      at(0, 'any', edit('right', 'nextStep')),
      at(0, 'any', edit('left', 'amount', 1)),
    ],
  },
  'a job that came twice to one process was worked on twice at once': {
    world: { ...PLAIN, seed: 1_302_348_709, singles: 1, jitter: 0.4 },
    events: [
      at(0, 'write answered', edit('left', 'amount')),
      at(0, 'write answered', edit('left', 'amount')),
      at(23, 'read answered', { is: 'job_twice' }),
      at(0, 'any', edit('left', 'amount')),
    ],
  },
  'two runs began at the same moment': {
    world: { ...PLAIN, singles: 1, jitter: 0.4 },
    events: [at(0, 'write', { is: 'stall' }), at(0, 'any', edit('left', 'amount'))],
  },
  'refused writes were not tried again by a run that went on with an older one': {
    world: PLAIN,
    events: [
      at(0, 'write', { is: 'refuse', side: 'left', record: 0 }),
      at(0, 'read answered', { is: 'crash' }),
    ],
  },
};
