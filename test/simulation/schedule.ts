/** What happens in one simulated world, as plain data that fast-check makes, shrinks and replays. */
import fc from 'fast-check';
import type { CreateOf } from '../../src/core/creation.ts';
import type { Policy } from '../../src/core/settings.ts';
import type { CallFault } from './crm-under-test.ts';
import { STAGES } from './simulated-account.ts';

export type Side = 'left' | 'right';
export const TEXTS = ['name', 'amount', 'closeDate', 'nextStep'] as const;
export type TextField = (typeof TEXTS)[number];

export type Happening =
  | {
      readonly is: 'edit';
      readonly side: Side;
      readonly record: number;
      readonly field: TextField;
      readonly blank: boolean;
    }
  | { readonly is: 'stage'; readonly side: Side; readonly record: number; readonly stage: number }
  | { readonly is: 'delete' | 'restore' | 'refuse'; readonly side: Side; readonly record: number }
  | { readonly is: 'hide'; readonly side: Side; readonly field: TextField }
  | { readonly is: 'show'; readonly side: Side }
  | { readonly is: 'fault'; readonly side: Side; readonly fault: CallFault }
  /** The process that is just doing something dies. */
  | { readonly is: 'crash' }
  /** The process that is just doing something stands still, is taken for dead, and goes on later. */
  | { readonly is: 'stall' }
  /** The next job is delivered twice, or never. */
  | { readonly is: 'job_twice' | 'job_lost' };

export const MOMENTS = [
  'any',
  /** Before a run begins, when the engine does nothing. */
  'between runs',
  'page answered',
  'read answered',
  'write',
  'write answered',
  'commit',
] as const;
export type Moment = (typeof MOMENTS)[number] | 'create write' | 'create write answered';

export interface Event {
  /** Steps of the engine between the event before and this one. */
  readonly gap: number;
  /** Then it waits for the next step of this kind: the tight places are few among many steps. */
  readonly at: Moment;
  readonly what: Happening;
}

export interface WorldPlan {
  readonly seed: number;
  /** The two CRMs have changed their manners, and come in the other order. */
  readonly mirrored: boolean;
  readonly pairs: number;
  readonly singles: number;
  /** Records that one side has and the other has not, in turn. */
  readonly lonely?: number;
  /** Sides on which missing counterparts are made. */
  readonly create?: Readonly<Record<string, CreateOf>>;
  readonly policy: Policy;
  readonly initial: 'ask' | Side;
  readonly blank: 'ignore' | 'propagate';
  /** Share of fields in which the two CRMs differ from the start. */
  readonly differing: number;
  readonly processes: number;
  /** Share of steps that take time, so that others come in between. */
  readonly jitter: number;
  readonly searches: Readonly<Record<Side, boolean>>;
  readonly lagMs: number;
  readonly skewMs: Readonly<Record<Side, number>>;
}

export interface Schedule {
  readonly world: WorldPlan;
  readonly events: readonly Event[];
}

const side = fc.constantFrom<Side>('left', 'right');
/** Mostly the first one or two, so that people meet the engine, and each other. */
const record = fc.oneof({ weight: 3, arbitrary: fc.nat(1) }, { weight: 1, arbitrary: fc.nat(6) });
const field = fc.constantFrom<TextField>('amount', 'amount', 'nextStep', 'nextStep', ...TEXTS);

const EDITS: fc.WeightedArbitrary<Happening>[] = [
  {
    weight: 8,
    arbitrary: fc.record({
      is: fc.constant('edit' as const),
      side,
      record,
      field,
      blank: fc.constant(false),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('stage' as const),
      side,
      record,
      stage: fc.nat(STAGES.length - 1),
    }),
  },
];

/** Each schedule knows only some of these, so that rare troubles do not hide each other. */
const TROUBLES = {
  blank: fc.record({ is: fc.constant('edit' as const), side, record, field, blank: fc.constant(true) }),
  gone: fc.record({ is: fc.constantFrom('delete' as const, 'restore' as const), side, record }),
  refusal: fc.record({ is: fc.constant('refuse' as const), side, record }),
  hidden: fc.oneof(
    fc.record({ is: fc.constant('hide' as const), side, field }),
    fc.record({ is: fc.constant('show' as const), side }),
  ),
  outage: fc.record({
    is: fc.constant('fault' as const),
    side,
    fault: fc.constantFrom<CallFault>('outage', 'limit'),
  }),
  lost: fc.record({
    is: fc.constant('fault' as const),
    side,
    fault: fc.constantFrom<CallFault>('lost_after', 'lost_before', 'partly_lost'),
  }),
  crash: fc.constant({ is: 'crash' as const }),
  stall: fc.constant({ is: 'stall' as const }),
  job_twice: fc.constant({ is: 'job_twice' as const }),
  job_lost: fc.constant({ is: 'job_lost' as const }),
} satisfies Readonly<Record<string, fc.Arbitrary<Happening>>>;

export type Trouble = keyof typeof TROUBLES;
const ALL_TROUBLES = Object.keys(TROUBLES) as Trouble[];

export const worldPlans: fc.Arbitrary<WorldPlan> = fc.record({
  seed: fc.nat(),
  mirrored: fc.boolean(),
  pairs: fc.constantFrom(1, 2, 2, 3, 5),
  singles: fc.nat(2),
  policy: fc.oneof(
    { weight: 3, arbitrary: fc.constant<Policy>('ask') },
    { weight: 2, arbitrary: fc.constantFrom<Policy>('left', 'right', 'newest', 'non_blank', 'max_progress') },
  ),
  initial: fc.constantFrom<'ask' | Side>('ask', 'left'),
  blank: fc.constantFrom<'ignore' | 'propagate'>('ignore', 'propagate'),
  differing: fc.constantFrom(0, 0.2),
  processes: fc.integer({ min: 1, max: 2 }),
  jitter: fc.constantFrom(0, 0.1, 0.4),
  searches: fc.record({ left: fc.boolean(), right: fc.boolean() }),
  lagMs: fc.constantFrom(0, 500, 4000),
  skewMs: fc.record({ left: fc.constantFrom(0, -600_000, 90_000), right: fc.constantFrom(0, 600_000) }),
});

/** Worlds with records to make. */
export const creatingWorlds: fc.Arbitrary<WorldPlan> = fc
  .record({
    world: worldPlans,
    pairs: fc.constantFrom(0, 1, 1, 2),
    lonely: fc.integer({ min: 1, max: 4 }),
    create: fc.constantFrom<Record<string, CreateOf>>(
      { left: 'active' },
      { right: 'all' },
      { left: 'all', right: 'active' },
      { left: 'all', right: 'all' },
    ),
  })
  .map(({ world, ...rest }) => ({ ...world, singles: 0, ...rest }));

/**
 * @param longest number of events
 * @param always troubles that every schedule knows, beside those drawn for it
 */
export function schedules(
  longest = 25,
  worlds = worldPlans,
  always: readonly Trouble[] = [],
): fc.Arbitrary<Schedule> {
  const events = fc.subarray(ALL_TROUBLES, { maxLength: 5 }).chain((drawn) => {
    const known = [...new Set([...drawn, ...always])];
    const rare = known.map((name) => ({ weight: 2, arbitrary: TROUBLES[name] as fc.Arbitrary<Happening> }));
    const what = fc.oneof({ withCrossShrink: true }, ...EDITS, ...rare);
    return fc.array(fc.record({ gap: fc.nat(40), at: fc.constantFrom(...MOMENTS), what }), {
      minLength: 1,
      maxLength: longest,
    });
  });
  return fc.record({ world: worlds, events });
}

/** Faults around the making of records and little else: small enough that thousands of them can be tried. */
export const creatingFaults: fc.Arbitrary<Schedule> = fc.record({
  world: fc
    .record({
      seed: fc.nat(),
      mirrored: fc.boolean(),
      lonely: fc.integer({ min: 1, max: 3 }),
      processes: fc.integer({ min: 1, max: 2 }),
      lagMs: fc.constantFrom(0, 4000),
      create: fc.constantFrom<Record<string, CreateOf>>({ left: 'all', right: 'all' }, { right: 'active' }),
    })
    .map(
      (drawn): WorldPlan => ({
        ...{ pairs: 0, singles: 0, policy: 'ask', initial: 'ask', blank: 'ignore', differing: 0, jitter: 0 },
        ...{ searches: { left: false, right: false }, skewMs: { left: 0, right: 600_000 }, ...drawn },
      }),
    ),
  events: fc.array(
    fc.record({
      gap: fc.nat(12),
      at: fc.constantFrom<Moment>('create write', 'create write answered', 'read answered', 'commit'),
      what: fc.oneof(
        fc.constantFrom<Happening>({ is: 'crash' }, { is: 'job_twice' }, { is: 'job_lost' }, { is: 'stall' }),
        fc.record({
          is: fc.constant('fault' as const),
          side,
          fault: fc.constantFrom<CallFault>('lost_after', 'lost_before', 'partly_lost', 'outage'),
        }),
        fc.record({ is: fc.constantFrom('delete' as const, 'restore' as const), side, record: fc.nat(3) }),
        EDITS[0]?.arbitrary ?? fc.constant<Happening>({ is: 'crash' }),
      ),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});
