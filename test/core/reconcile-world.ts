/** Random pairs with their settings and stages, and CRMs that carry out what was planned. */
import fc from 'fast-check';
import type { PipelineRules, StageInfo } from '../../src/core/account-facts.ts';
import { classify, STANDARD_PROFILE } from '../../src/core/classify.ts';
import type {
  Group,
  GroupMember,
  GroupResult,
  ReconcileContext,
  RecordResult,
  Seen,
} from '../../src/core/group.ts';
import { type Crm, refKey } from '../../src/core/ids.ts';
import { type HistoryEntry, type HistoryField, standingOf } from '../../src/core/measure-record.ts';
import type { AgreedValues } from '../../src/core/merge.ts';
import { type Evidence, type FieldKind, OWNED_FIELDS, type Value } from '../../src/core/opportunity.ts';
import type { PlannedWrite } from '../../src/core/plan.ts';
import { reasonText } from '../../src/core/sentence.ts';
import type { FieldPolicy, Policy, StageRow, SyncSettings } from '../../src/core/settings.ts';
import { certainStageRows, indexStages, proposeStageMap } from '../../src/core/stage-map.ts';

export const LEFT = 'left';
export const RIGHT = 'right';
export const NOW = Date.UTC(2026, 10, 23);
const DAY = 86_400_000;
const TYPE = 't1';

export interface World {
  readonly group: Group;
  readonly settings: SyncSettings;
  readonly stages: Readonly<Record<Crm, readonly StageInfo[]>>;
  readonly rows: readonly StageRow[];
  /** `crm:field` of what may not be read, may not be written, and `crm:value` of what the CRM refuses. */
  readonly unreadable: readonly string[];
  readonly readOnly: readonly string[];
  readonly refused: readonly string[];
  /** Stages that records of the type all are of are offered, per CRM; absent = every one. */
  readonly offered?: Readonly<Record<Crm, readonly string[]>> | undefined;
  /** Rules of pipelines, per CRM. */
  readonly ruled?: Readonly<Record<Crm, Readonly<Record<string, PipelineRules>>>> | undefined;
}

export interface MadeStage {
  readonly key: string;
  readonly closed?: boolean | null;
  readonly won?: boolean | null;
  readonly pipeline?: string | null;
}

export function stage({ key, closed = false, won, pipeline = null }: MadeStage, order = 0): StageInfo {
  return {
    key,
    label: key,
    pipeline,
    pipelineLabel: pipeline,
    order,
    closed,
    won: won === undefined ? (closed === null ? null : false) : won,
    probability: null,
    active: true,
  };
}

/** What a CRM says of a record in that stage: the record's own flags follow the stage, in both manners CRMs have. */
export function evidenceIn(found: StageInfo | undefined, before: Evidence): Evidence {
  const kept = { custom: before.custom ?? {}, lastContactAt: before.lastContactAt ?? null };
  const stageChangedAt = before.stageChangedAt ?? null;
  if (found === undefined)
    return { ...kept, stageChangedAt, stageKey: before.stageKey ?? null, stageExists: false };
  return {
    ...kept,
    stageChangedAt,
    isClosed: found.closed,
    isWon: found.closed === null ? null : found.closed && found.won === true,
    isLost: found.closed === null ? null : found.closed && found.won === false,
    stageKey: found.key,
    stageLabel: found.label,
    pipelineLabel: found.pipelineLabel,
    stageExists: true,
    stageIsClosed: found.closed,
    stageIsWon: found.won,
    stageProbability: found.probability,
    probability: found.probability,
  };
}

const NO_STAGE: Evidence = {
  isClosed: null,
  isWon: false,
  isLost: false,
  stageKey: null,
  stageLabel: null,
  pipelineLabel: null,
  stageExists: null,
  stageIsClosed: null,
  stageIsWon: null,
  stageProbability: null,
  probability: null,
};

export function context(world: World): ReconcileContext {
  return {
    now: NOW,
    settings: world.settings,
    stageRows: world.rows,
    stages: indexStages(Object.entries(world.stages).map(([crm, stages]) => ({ crm, stages }))),
    clockOffsets: {},
    recordTypes: new Map(
      Object.entries(world.offered ?? {}).map(([crm, stage]) => [
        crm,
        new Map([[TYPE, { id: TYPE, label: 'Type', choices: { stage } }]]),
      ]),
    ),
    pipelineRules: new Map(Object.entries(world.ruled ?? {})),
    isReadable: (crm, field) => !world.unreadable.includes(`${crm}:${field}`),
    isWritable: (crm, field) => !world.readOnly.includes(`${crm}:${field}`),
    hasOwned: (crm, field) => !world.readOnly.includes(`${crm}:${field}`),
    refusals: (crm, fields) =>
      Object.values(fields).some((value) => world.refused.includes(`${crm}:${value}`))
        ? [{ recovery: 'skip', code: 'choice', message: 'not a choice', remedy: 'add it' }]
        : [],
    classify: (member) => classify(member.evidence, { profile: STANDARD_PROFILE, now: NOW }),
    reasonText: (verdict) => reasonText(verdict, 'en'),
  };
}

/** Both records after the CRMs have carried out a plan, and the base its acknowledgement gives. */
export function carriedOut(world: World, result: GroupResult): Group {
  const { group } = world;
  const base: Record<string, AgreedValues> = { ...group.pair?.base, ...result.agreed };
  for (const write of result.writes) Object.assign(base, write.agreed);
  return {
    ...group,
    pair: group.pair === null ? null : { key: group.pair.key, base },
    seen: new Map(result.records.map((record) => [refKey(record.ref), happened(group, record, result)])),
    members: group.members.map((member) => {
      const write = result.writes.find((one) => one.crm === member.crm && one.id === member.id);
      return write === undefined ? member : written(world, member, write);
    }),
  };
}

/** What is known of a record once its verdict and its write are stored. */
function happened(group: Group, { ref, verdict }: RecordResult, result: GroupResult): Seen {
  const before = group.seen?.get(refKey(ref));
  const history = [...(before?.history ?? [])];
  const standing = standingOf(verdict);
  if (before?.standing != null && before.standing !== standing)
    history.push({ at: NOW, field: 'status', from: before.standing, to: standing });
  const write = result.writes.find((one) => one.crm === ref.crm && one.id === ref.id);
  for (const { field, owned, before: from, after: to } of write?.changes ?? [])
    if (!owned && (field === 'stage' || field === 'closeDate'))
      history.push({ at: NOW + DAY, field, from, to, own: true });
  return { standing, history };
}

function written(world: World, member: GroupMember, write: PlannedWrite): GroupMember {
  const fields: Record<string, Value> = { ...member.fields };
  const owned: Record<string, Value> = { ...member.owned };
  for (const change of write.changes) (change.owned ? owned : fields)[change.field] = change.after;
  const moved = write.changes.some((change) => !change.owned && change.field === 'stage');
  let { evidence } = member;
  if (moved) {
    const key = fields['stage'];
    const found = world.stages[member.crm]?.find((one) => one.key === key);
    evidence = key === null ? { ...evidence, ...NO_STAGE } : evidenceIn(found, evidence);
    // The CRM stamps the moment of our write, which is later than anything a person did before it.
    evidence = { ...evidence, stageChangedAt: NOW + DAY };
  }
  return { ...member, fields, owned, evidence, pairKey: owned['pairKey'] ?? null };
}

/** The names of the CRMs exchanged everywhere. */
export function mirrored(world: World): World {
  const other = (name: string): string => (name === LEFT ? RIGHT : name === RIGHT ? LEFT : name);
  const swap = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).map(([crm, value]) => [other(crm), value]));
  const moveKey = (entry: string): string => {
    const [crm = '', ...rest] = entry.split(':');
    return [other(crm), ...rest].join(':');
  };
  const { group, settings } = world;
  return {
    ...world,
    group: {
      pair:
        group.pair === null
          ? null
          : {
              key: group.pair.key,
              base: Object.fromEntries(
                Object.entries(group.pair.base).map(([field, both]) => [field, swap(both)]),
              ),
            },
      members: group.members.map((member) => ({ ...member, crm: other(member.crm) })),
      refusals: new Map([...group.refusals].map(([key, refusal]) => [moveKey(key), refusal])),
      seen: new Map([...(group.seen ?? [])].map(([key, seen]) => [moveKey(key), seen])),
    },
    settings: {
      ...settings,
      sides: [settings.sides[1], settings.sides[0]],
      initial: other(settings.initial),
      statusAuthority: other(settings.statusAuthority),
      fields: Object.fromEntries(
        Object.entries(settings.fields).map(([field, policy]) => [
          field,
          { ...policy, policy: other(policy.policy) },
        ]),
      ),
      excludePipelines: swap(settings.excludePipelines),
    },
    stages: swap(world.stages),
    rows: world.rows.map((row) => swap(row)),
    unreadable: world.unreadable.map(moveKey),
    readOnly: world.readOnly.map(moveKey),
    refused: world.refused.map(moveKey),
    offered: world.offered === undefined ? undefined : swap(world.offered),
    ruled: world.ruled === undefined ? undefined : swap(world.ruled),
  };
}

const FIELDS: Readonly<Record<string, FieldKind>> = {
  name: 'text',
  stage: 'stage',
  amount: 'decimal',
  currency: 'currency',
  closeDate: 'date',
  owner: 'person',
  nextStep: 'text',
};

const VALUES: Readonly<Record<string, readonly Value[]>> = {
  name: ['Acme', 'Acme ', 'Bolt', null],
  amount: ['10', '10.00', '12345678901234567890.123456789', '0', null],
  currency: ['USD', 'usd', 'EUR', null],
  closeDate: ['2026-03-29', '2026-12-31', null],
  owner: ['ann@x.example', 'Ann@X.example', 'bob@x.example', null],
  nextStep: ['call', 'call\r\nagain', 'call\nagain', '', null],
};

/** A record of which some keys are there, and always those named. */
function someOf<T>(
  arbitraries: Readonly<Record<string, fc.Arbitrary<T>>>,
  always: readonly string[] = [],
): fc.Arbitrary<Record<string, T>> {
  return fc.record(arbitraries, { requiredKeys: [...always] }) as unknown as fc.Arbitrary<Record<string, T>>;
}

const flag = fc.constantFrom(true, false);
const mostly = (share: number): fc.Arbitrary<boolean> => fc.nat(99).map((n) => n < share);

const kinds = fc.constantFrom<Pick<MadeStage, 'closed' | 'won'>>(
  { closed: false },
  { closed: false },
  { closed: false },
  { closed: true, won: true },
  { closed: true, won: false },
  { closed: true, won: null },
  { closed: null },
);

/** One to three pipelines, each with stages of its own; names are shared between the CRMs so that some match by label. */
const stagesOf = (pipelines: number): fc.Arbitrary<StageInfo[]> =>
  fc
    .array(fc.array(kinds, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: pipelines })
    .map((made) =>
      made.flatMap((inOne, pipeline) =>
        inOne.map((kind, order) => ({
          ...stage(
            { ...kind, key: `${pipeline}/${order}`, pipeline: made.length === 1 ? null : `p${pipeline}` },
            order,
          ),
          label: `Stage ${'abcde'[order]}`,
        })),
      ),
    );

const rowsOver = (
  left: readonly StageInfo[],
  right: readonly StageInfo[],
): fc.Arbitrary<readonly StageRow[]> => {
  const keysOf = (stages: readonly StageInfo[]) =>
    fc
      .subarray(stages.map((one) => one.key))
      .chain((keys) => fc.shuffledSubarray(keys, { minLength: keys.length }));
  return fc.oneof(
    fc.constant(certainStageRows({ crm: LEFT, stages: left }, { crm: RIGHT, stages: right })),
    fc.constant(
      proposeStageMap({ crm: LEFT, stages: left }, { crm: RIGHT, stages: right }).map(
        (proposal) => proposal.row,
      ),
    ),
    fc.array(
      fc.record({ left: keysOf(left), right: keysOf(right) }).map(
        (row): StageRow => ({
          [LEFT]: row.left,
          [RIGHT]: row.right,
        }),
      ),
      { maxLength: 5 },
    ),
  );
};

const policyOf = (kind: FieldKind): fc.Arbitrary<FieldPolicy> =>
  fc.record({
    kind: fc.constant(kind),
    policy: fc.constantFrom<Policy>('ask', 'newest', 'non_blank', 'max_progress', LEFT, RIGHT),
    blank: fc.constantFrom<'ignore' | 'propagate'>('ignore', 'propagate'),
  });

const anyValue = (field: string, stages: readonly StageInfo[]): fc.Arbitrary<Value> =>
  field === 'stage'
    ? fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...stages.map((one) => one.key)) as fc.Arbitrary<Value> },
        { weight: 1, arbitrary: fc.constantFrom<Value>('gone', null) },
      )
    : fc.constantFrom(...(VALUES[field] ?? []));

const memberOf = (crm: Crm, stages: readonly StageInfo[]): fc.Arbitrary<GroupMember> =>
  fc
    .record({
      fields: someOf(
        Object.fromEntries(Object.keys(FIELDS).map((field) => [field, anyValue(field, stages)])),
        ['stage'],
      ),
      owned: someOf(
        Object.fromEntries(
          OWNED_FIELDS.map((field) => [field, fc.constantFrom<Value>(null, 'old', 'active')]),
        ),
      ),
      changedAt: fc.nat(5000),
      stageChangedAt: fc.option(fc.nat(5000), { nil: null }),
      lastContactAt: fc.option(fc.integer({ min: NOW - 60 * DAY, max: NOW + DAY }), { nil: null }),
      lineItems: mostly(10),
      deleted: mostly(5),
    })
    .map(({ fields, owned, changedAt, stageChangedAt, lastContactAt, lineItems, deleted }) => {
      const key = fields['stage'] ?? null;
      const found = stages.find((one) => one.key === key);
      const before: Evidence = {
        stageChangedAt,
        lastContactAt,
        stageKey: key,
        custom: { hasLineItems: lineItems, recordType: TYPE },
      };
      return {
        crm,
        id: `${crm}-1`,
        version: String(changedAt),
        changedAt,
        deleted,
        fields,
        owned,
        evidence: key === null ? { ...before, ...NO_STAGE } : evidenceIn(found, before),
        pairKey: owned['pairKey'] ?? null,
        linkedId: null,
        absorbedIds: [],
      };
    });

const NEVER_SEEN: Seen = { standing: null, history: [] };

/** What happened to a record before: steps between its stages, close dates and standings, in any order. */
const seenIn = (stages: readonly StageInfo[]): fc.Arbitrary<Seen> => {
  const standings = fc.constantFrom('active', 'closed/won', 'closed/lost', 'unknown');
  const step = <T extends string | null>(
    field: HistoryField,
    value: fc.Arbitrary<T>,
  ): fc.Arbitrary<HistoryEntry> =>
    fc.record({ at: fc.nat(5000), field: fc.constant(field), from: value, to: value });
  const entry = fc.oneof(
    step('stage', anyValue('stage', stages)),
    step('closeDate', anyValue('closeDate', stages)),
    step('status', standings),
  );
  return fc.record({
    standing: fc.option(standings, { nil: null }),
    history: fc.array(entry, { maxLength: 4 }).map((list) => list.toSorted((x, y) => x.at - y.at)),
  });
};

const baseOver = (left: readonly StageInfo[], right: readonly StageInfo[]) =>
  someOf<AgreedValues>(
    Object.fromEntries(
      Object.keys(FIELDS).map((field) => [
        field,
        fc.record({ [LEFT]: anyValue(field, left), [RIGHT]: anyValue(field, right) }),
      ]),
    ),
  );

const places = (): fc.Arbitrary<string[]> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant<string[]>([]) },
    {
      weight: 1,
      arbitrary: fc.subarray(
        [LEFT, RIGHT].flatMap((crm) =>
          [...Object.keys(FIELDS), 'status', 'reason'].map((field) => `${crm}:${field}`),
        ),
        {
          maxLength: 4,
        },
      ),
    },
  );

/** Which stages are offered, and by what rules records move among them: mostly everything, by none. */
const offeredOf = (left: readonly StageInfo[], right: readonly StageInfo[]) => {
  const some = (stages: readonly StageInfo[]) => fc.subarray(stages.map(({ key }) => key));
  return fc.option(fc.record({ [LEFT]: some(left), [RIGHT]: some(right) }), { nil: undefined, freq: 2 });
};

const ruledOf = (left: readonly StageInfo[], right: readonly StageInfo[]) => {
  const rulesOf = (stages: readonly StageInfo[]) => {
    const keys = fc.subarray(stages.map(({ key }) => key));
    const sequence = fc.oneof(fc.constant<'all'>('all'), keys);
    const rules = fc.record<PipelineRules>({
      noReturn: sequence,
      noSkip: sequence,
      createIn: fc.constant(null),
      approval: fc.constantFrom(null, ...stages.map(({ key }) => key)),
    });
    return fc.dictionary(fc.constantFrom('p0', 'p1', 'p2'), rules, { maxKeys: 2 });
  };
  return fc.option(fc.record({ [LEFT]: rulesOf(left), [RIGHT]: rulesOf(right) }), {
    nil: undefined,
    freq: 2,
  });
};

/** A pair (now and then with a side deleted) under random settings, or a single record. */
export const anyWorld: fc.Arbitrary<World> = fc
  .tuple(stagesOf(1), stagesOf(3), flag)
  .chain(([one, many, turn]) => {
    const [left, right] = turn ? [one, many] : [many, one];
    return fc
      .record({
        rows: rowsOver(left, right),
        base: fc.oneof(fc.constant<Record<string, AgreedValues>>({}), baseOver(left, right)),
        members: fc.tuple(memberOf(LEFT, left), memberOf(RIGHT, right)),
        seen: fc.tuple(seenIn(left), seenIn(right)),
        paired: mostly(90),
        fields: someOf(
          Object.fromEntries(Object.entries(FIELDS).map(([field, kind]) => [field, policyOf(kind)])),
        ),
        initial: fc.constantFrom('ask', 'newest', LEFT, RIGHT),
        statusAuthority: fc.constantFrom('most_advanced', 'newest_stage_change', 'review', LEFT, RIGHT),
        excluded: fc.oneof(
          { weight: 9, arbitrary: fc.constant([]) },
          { weight: 1, arbitrary: fc.constant(['p0']) },
        ),
        offered: offeredOf(left, right),
        ruled: ruledOf(left, right),
        unreadable: places(),
        readOnly: places(),
        refused: fc.oneof(
          { weight: 3, arbitrary: fc.constant<string[]>([]) },
          {
            weight: 1,
            arbitrary: fc.subarray([
              'left:Bolt',
              'right:Bolt',
              'left:bob@x.example',
              'right:bob@x.example',
              'left:0/1',
              'right:0/1',
              'right:0',
              'left:0',
            ]),
          },
        ),
      })
      .map(
        ({ rows, base, members, seen, paired, fields, initial, statusAuthority, excluded, ...places }) => ({
          group: {
            pair: paired ? { key: 'op-1', base } : null,
            members: paired ? members : members.slice(0, 1),
            refusals: new Map(),
            seen: new Map(members.map((member, side) => [refKey(member), seen[side] ?? NEVER_SEEN])),
          },
          settings: {
            name: 'main',
            sides: [LEFT, RIGHT] as const,
            fields,
            initial,
            statusAuthority,
            stages: rows,
            profile: 'standard',
            excludePipelines: { [RIGHT]: excluded },
            pipelineRules: 'respect' as const,
            tieMarginMs: 1000,
          },
          stages: { [LEFT]: left, [RIGHT]: right },
          rows,
          ...places,
        }),
      );
  });
