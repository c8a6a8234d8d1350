/**
 * A CRM in memory with the bad manners of real ones: change stamps of coarse grain on a clock of its own, a search that lags
 * behind, fields that cannot be seen for a while, answers that get lost, rows that are refused, limits and outages.
 */

import type { Connector, NewRecord, RecordWrite, WriteResult } from '../../src/core/connector-port.ts';
import { OppsyncError } from '../../src/core/errors.ts';
import { OWNED_FIELDS, type Snapshot, STANDARD_FIELDS, type Value } from '../../src/core/opportunity.ts';
import type { CallFault, CrmUnderTest, ProcessOfStory } from './crm-under-test.ts';
import { factsOf, stagesOf } from './simulated-account.ts';
import { creatorOf, idFor, type LateRequests, landLate } from './simulated-creator.ts';
import type { TruthLog } from './truth.ts';

export interface CrmManners {
  /** Grain of change stamps, ms. */
  readonly grainMs: number;
  /** The CRM's clock minus ours, ms. */
  readonly skewMs: number;
  /** How old a change must be before a search shows it, ms. 0 = at once. */
  readonly lagMs: number;
  /** Does a write answer with the record's new stamp? */
  readonly answersVersion: boolean;
  /** Full readings cost so much that changed records are searched for instead. */
  readonly searches: boolean;
}

interface Version {
  readonly fields: Readonly<Record<string, Value>>;
  readonly owned: Readonly<Record<string, Value>>;
  readonly deleted: boolean;
  /** The CRM's stamp. */
  readonly changedAt: number;
  /** Our clock, for the lag. */
  readonly madeAt: number;
}

interface SimulatedRecord {
  readonly id: string;
  readonly linkedId: string | null;
  /** Latest last. */
  readonly versions: Version[];
}

const PAGE = 3;
/** How far back a search looks beyond what it must, ms: more than the longest lag and the coarsest grain. */
const OVERLAP_MS = 10_000;

export function createSimulatedCrm(
  crm: string,
  manners: CrmManners,
  world: { readonly now: () => number; readonly truth: TruthLog },
): CrmUnderTest {
  const { truth } = world;
  const records = new Map<string, SimulatedRecord>();
  const stages = stagesOf(crm);
  const facts = factsOf(crm, stages, manners.skewMs);
  const late: LateRequests = { pending: [] };
  const faults: CallFault[] = [];
  const refused = new Set<string>();
  const hidden = new Set<string>();
  const needless: string[] = [];
  let writes = 0;
  let newest = 0;

  function stamp(): number {
    const own = Math.floor((world.now() + manners.skewMs) / manners.grainMs) * manners.grainMs;
    newest = Math.max(newest, own);
    return newest;
  }

  function record(id: string): SimulatedRecord {
    const found = records.get(id);
    if (found === undefined) throw new Error(`${crm} has no record ${id}`);
    return found;
  }

  function current(id: string): Version {
    const { versions } = record(id);
    const last = versions[versions.length - 1];
    if (last === undefined) throw new Error(`${crm} record ${id} has no version`);
    return last;
  }

  function change(id: string, patch: Partial<Version>): void {
    record(id).versions.push({ ...current(id), ...patch, changedAt: stamp(), madeAt: world.now() });
  }

  function toSnapshot({ id, linkedId }: SimulatedRecord, version: Version): Snapshot {
    const stage = stages.find((candidate) => candidate.key === version.fields['stage']);
    return {
      crm,
      id,
      version: new Date(version.changedAt).toISOString(),
      changedAt: version.changedAt,
      deleted: version.deleted,
      fields: visible(version).fields,
      owned: version.owned,
      evidence: {
        isClosed: stage?.closed ?? null,
        isWon: stage?.closed === true ? stage.won : null,
        stageKey: stage?.key ?? null,
        stageLabel: stage?.label ?? null,
        stageExists: stage !== undefined,
        stageIsClosed: stage?.closed ?? null,
        stageIsWon: stage?.won ?? null,
      },
      pairKey: version.owned['pairKey'] ?? null,
      linkedId,
      absorbedIds: [],
      raw: {},
    };
  }

  function visible(version: Version): Version {
    if (hidden.size === 0) return version;
    const fields = Object.entries(version.fields).filter(([field]) => !hidden.has(field));
    return { ...version, fields: Object.fromEntries(fields) };
  }

  /** What a search shows of a record: its latest version that is old enough. */
  function indexed(found: SimulatedRecord): Version | undefined {
    return found.versions.findLast((version) => version.madeAt <= world.now() - manners.lagMs);
  }

  function apply(write: RecordWrite, knew: number, seen: Version | undefined): WriteResult {
    const { trace, id } = write;
    if (records.get(id) === undefined || current(id).deleted)
      return { trace, id, ok: false, error: fault(crm, 'gone', 'GONE', 'the record is deleted') };
    if (refused.has(id))
      return { trace, id, ok: false, error: fault(crm, 'skip', 'RULE', 'a validation rule refuses it') };
    const before = current(id);
    for (const [prefix, given, held, read] of [
      ['', write.fields, before.fields, seen?.fields],
      ['owned.', write.owned, before.owned, seen?.owned],
    ] as const) {
      for (const [field, after] of Object.entries(given)) {
        const old = held[field] ?? null;
        if (old === after && read?.[field] === after) needless.push(`${id}.${prefix}${field}`);
        truth.append({
          crm,
          id,
          action: 'set',
          actor: 'engine',
          field: `${prefix}${field}`,
          before: old,
          after,
          knew,
        });
      }
    }
    change(id, {
      fields: { ...before.fields, ...write.fields },
      owned: { ...before.owned, ...write.owned },
    });
    writes += 1;
    const version = manners.answersVersion ? new Date(current(id).changedAt).toISOString() : null;
    return { trace, id, ok: true, version };
  }

  /** One record per key: made when nobody bears it, brought to these values otherwise. */
  function upsert({ key, fields, owned }: NewRecord, knew: number): { id: string; created: boolean } {
    const known = [...records.keys()].find(
      (id) => current(id).owned['pairKey'] === key && !current(id).deleted,
    );
    const id = known ?? idFor(key, crm, (taken) => records.has(taken));
    const blank = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, null]));
    const before = known === undefined ? null : current(id);
    const held = before?.fields ?? blank(Object.keys(STANDARD_FIELDS));
    const ours = before?.owned ?? blank(OWNED_FIELDS);
    const log = (action: 'create' | 'set', field: string, old: Value, after: Value): void =>
      truth.append({ crm, id, action, actor: 'engine', field, before: old, after, knew });
    if (before === null) log('create', '', null, key);
    for (const [field, after] of Object.entries(fields))
      if ((held[field] ?? null) !== after) log('set', field, held[field] ?? null, after);
    const made = {
      fields: { ...held, ...fields },
      owned: { ...ours, ...owned, pairKey: key },
      deleted: false,
      changedAt: stamp(),
      madeAt: world.now(),
    };
    if (before === null) records.set(id, { id, linkedId: null, versions: [made] });
    else change(id, made);
    writes += 1;
    return { id, created: before === null };
  }

  function edit(id: string, field: string, after: Value): boolean {
    const { deleted, fields } = current(id);
    const before = fields[field] ?? null;
    if (deleted || before === after) return false;
    change(id, { fields: { ...fields, [field]: after } });
    truth.append({ crm, id, action: 'set', actor: 'human', field, before, after, knew: 0 });
    return true;
  }

  function setDeleted(id: string, deleted: boolean): boolean {
    if (current(id).deleted === deleted) return false;
    change(id, { deleted });
    const action = deleted ? 'delete' : 'restore';
    truth.append({ crm, id, action, actor: 'human', field: '', before: null, after: null, knew: 0 });
    return true;
  }

  function connect({ step }: ProcessOfStory): Connector {
    let calls = 0;
    const knew = new Map<string, { readonly seq: number; readonly seen: Version }>();

    async function call<T>(what: string, answer: () => T): Promise<T> {
      await step(`${crm} ${what}`);
      calls += 1;
      landLate(late, world.now());
      const trouble = faults[0];
      if (trouble === 'outage' || trouble === 'limit') {
        faults.shift();
        const limited = trouble === 'limit';
        throw new OppsyncError(
          fault(crm, limited ? 'wait' : 'retry', trouble.toUpperCase(), `${crm}: ${trouble}`),
        );
      }
      const answered = answer();
      await step(`${crm} ${what} answered`);
      return answered;
    }

    return {
      crm,
      creator: creatorOf(
        {
          crm,
          now: world.now,
          refuses: ({ key }) => refused.has(idFor(key, crm, () => false)),
          bearers: (key) =>
            [...records.values()]
              .filter(({ id }) => current(id).owned['pairKey'] === key)
              .map((found) => toSnapshot(found, current(found.id))),
          upsert: (record) => upsert(record, truth.seq()),
          call: (what, answer) =>
            call(what, () => {
              const [trouble] = faults;
              const isOurs = what.endsWith('write') && trouble !== 'outage' && trouble !== 'limit';
              if (isOurs && trouble !== undefined) faults.shift();
              return answer(isOurs ? trouble : undefined);
            }),
        },
        late,
      ),
      capabilities: {
        readBatch: 4,
        writeBatch: 2,
        writeConcurrency: manners.answersVersion ? 2 : 1,
        fullPage: manners.searches ? 0.01 : PAGE,
        rewritesCloseDate: false,
      },
      describe: () => call('describe', () => facts),
      async startRead(mark) {
        return { after: '', since: mark?.['at'] ?? null, until: world.now() + manners.skewMs };
      },
      readPage: (position) =>
        call('page', () => {
          const { after, since, until } = position as { after: string; since: number | null; until: number };
          const seen = [...records.values()]
            .map((found) => ({ found, version: since === null ? current(found.id) : indexed(found) }))
            .filter(({ version }) => version !== undefined)
            .map(({ found, version }) => toSnapshot(found, version as Version))
            .filter((one) => one.id > after && (since === null ? !one.deleted : one.changedAt >= since))
            .sort((x, y) => (x.id < y.id ? -1 : 1));
          const page = seen.slice(0, PAGE);
          const last = page[page.length - 1];
          const more = seen.length > PAGE && last !== undefined;
          return {
            snapshots: page,
            next: more ? { ...position, after: last.id } : null,
            mark: more ? null : { at: until - OVERLAP_MS },
            expected: null,
          };
        }),
      readByIds: (ids) =>
        call('read', () => {
          const found = ids.flatMap((id) => records.get(id) ?? []).filter(({ id }) => !current(id).deleted);
          for (const { id } of found) knew.set(id, { seq: truth.seq(), seen: visible(current(id)) });
          return {
            snapshots: found.map((one) => toSnapshot(one, current(one.id))),
            missing: ids.filter((id) => records.get(id) === undefined || current(id).deleted),
          };
        }),
      refusals: () => [],
      write: (list) =>
        call('write', () => {
          const trouble = faults[0];
          if (trouble !== undefined && trouble !== 'outage' && trouble !== 'limit') faults.shift();
          return list.map((write, index): WriteResult => {
            const { trace, id } = write;
            const lost: WriteResult = {
              trace,
              id,
              ok: false,
              error: fault(crm, 'unknown', 'NO_ANSWER', 'sent, but no answer came'),
            };
            if (trouble === 'lost_before') return lost;
            const known = knew.get(id);
            const result = apply(write, known?.seq ?? -1, known?.seen);
            if (trouble === 'lost_after') return lost;
            return trouble === 'partly_lost' && index % 2 === 0 ? lost : result;
          });
        }),
      calls: () => calls,
      recordUrl: (id) => `memory:${crm}/${id}`,
      async close() {},
    };
  }

  return {
    crm,
    ids: () => records.keys(),
    storyId: (id) => id,
    current,
    create(id, fields, linkedId) {
      const owned = Object.fromEntries(OWNED_FIELDS.map((field) => [field, null]));
      const version = {
        fields,
        owned,
        deleted: false,
        changedAt: stamp(),
        madeAt: world.now() - manners.lagMs,
      };
      records.set(id, { id, linkedId, versions: [version] });
    },
    edit,
    remove: (id) => setDeleted(id, true),
    restore: (id) => setDeleted(id, false),
    refuse: (id) => void refused.add(id),
    hide: (field) => void hidden.add(field),
    show: () => hidden.clear(),
    fail: (fault) => void faults.push(fault),
    heal() {
      faults.length = 0;
      refused.clear();
      hidden.clear();
    },
    needless: () => needless,
    writes: () => writes,
    connect,
  };
}

function fault(
  crm: string,
  recovery: 'gone' | 'skip' | 'retry' | 'wait' | 'unknown',
  code: string,
  message: string,
) {
  return {
    recovery,
    code,
    message,
    remedy: 'none',
    crm,
    ...(recovery === 'wait' ? { retryAfterMs: 2000 } : {}),
  };
}
