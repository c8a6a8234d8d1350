/** A CRM in memory with the manners of a real one, for tests of the engine that need no HTTP. */

import type { AccountFacts, StageInfo } from '../../src/core/account-facts.ts';
import type {
  Connector,
  CreateResult,
  NewRecord,
  RecordWrite,
  WriteResult,
} from '../../src/core/connector-port.ts';
import type { ErrorDetails } from '../../src/core/errors.ts';
import { OWNED_FIELDS, type Snapshot, STANDARD_FIELDS, type Value } from '../../src/core/opportunity.ts';
import { createMemoryHistory, type MemoryHistory } from './memory-history.ts';

export interface MemoryRecord {
  id: string;
  fields: Record<string, Value>;
  owned: Record<string, Value>;
  linkedId: string | null;
  deleted: boolean;
  /** Ids it took in in merges. */
  absorbed?: string[];
  changedAt: number;
}

export interface MemoryCrm extends Connector {
  readonly records: Map<string, MemoryRecord>;
  readonly history: MemoryHistory;
  /** A person's edit, or that of whoever is named. */
  edit(id: string, fields: Record<string, Value>, by?: string): void;
  /** Called before each write call reaches the records: to race it, refuse it, or lose its answer. */
  beforeWrite: (writes: readonly RecordWrite[]) => void;
  refuse: (write: RecordWrite) => ErrorDetails | null;
  /** Every record written, in order. */
  readonly written: { id: string; fields: Record<string, Value> }[];
  /** Called before each call that makes records: to race it, or to lose it. */
  beforeCreate: (records: readonly NewRecord[]) => void;
  /** What becomes of a record that is to be made; null = it is made, and the answer arrives. */
  creating: (record: NewRecord) => { readonly error: ErrorDetails; readonly made: boolean } | null;
  /** Ids of every record made here, in order. */
  readonly made: string[];
  /** Read calls by id. */
  rereads: number;
}

const PAGE = 50;

export const OPEN_STAGES: readonly StageInfo[] = ['Prospecting', 'Negotiating', 'Won', 'Lost'].map(
  (label, order) => ({
    key: label,
    label,
    pipeline: null,
    pipelineLabel: null,
    order,
    closed: order >= 2,
    won: order >= 2 ? order === 2 : null,
    probability: null,
    active: true,
  }),
);

export function createMemoryCrm(crm: string, stages: readonly StageInfo[] = OPEN_STAGES): MemoryCrm {
  const records = new Map<string, MemoryRecord>();
  let time = 1_000_000;
  let calls = 0;
  const history = createMemoryHistory(
    (id) => records.get(id)?.deleted === false,
    () => {
      calls += 1;
    },
  );
  const facts: AccountFacts = {
    crm,
    accountId: `${crm}-1`,
    timeZone: 'UTC',
    currency: 'USD',
    currencies: null,
    stages,
    fields: [
      ...Object.entries(STANDARD_FIELDS).map(([field, kind]) => ({ field, kind })),
      ...OWNED_FIELDS.map((field) => ({ field, kind: 'text' as const })),
    ].map(({ field, kind }) => ({
      field,
      kind,
      native: field,
      readable: true,
      writable: true,
      choices: null,
      maxLength: null,
      ...(field === 'pairKey' ? { unique: true } : {}),
    })),
    owners: [{ id: '7', email: `ann@${crm}.example`, name: 'Ann Lee', active: true }],
    clockOffsetMs: 0,
    problems: [],
  };
  const toSnapshot = (record: MemoryRecord): Snapshot => {
    const stage = stages.find((candidate) => candidate.key === record.fields['stage']);
    return {
      crm,
      id: record.id,
      version: String(record.changedAt),
      changedAt: record.changedAt,
      deleted: record.deleted,
      fields: { ...record.fields },
      owned: { ...record.owned },
      evidence: {
        isClosed: stage?.closed ?? null,
        isWon: stage?.closed === true ? stage.won : null,
        stageKey: record.fields['stage'] ?? null,
        stageLabel: stage?.label ?? null,
        stageExists: stage !== undefined,
        stageIsClosed: stage?.closed ?? null,
        stageIsWon: stage?.won ?? null,
      },
      pairKey: record.owned['pairKey'] ?? null,
      linkedId: record.linkedId,
      absorbedIds: record.absorbed ?? [],
      raw: { id: record.id },
    };
  };
  const memory: MemoryCrm = {
    crm,
    records,
    written: [],
    rereads: 0,
    beforeWrite: () => undefined,
    beforeCreate: () => undefined,
    creating: () => null,
    made: [],
    refuse: () => null,
    history,
    edit(id, fields, by = 'human:7') {
      const record = records.get(id);
      if (record === undefined) throw new Error(`no record ${id}`);
      time += 1000;
      history.note(id, record.fields, fields, by, time);
      Object.assign(record.fields, fields);
      record.changedAt = time;
    },
    creator: {
      required: ['name', 'stage', 'closeDate'],
      keyBatch: 20,
      callsPerLook: 1,
      obstacles: ({ fields }) =>
        fields.some((fact) => fact.field === 'pairKey' && fact.unique === true)
          ? []
          : [{ recovery: 'fix', code: 'no_key', message: 'no unique key field', remedy: 'provision', crm }],
      async readByKeys(keys) {
        calls++;
        return [...records.values()]
          .filter(({ owned }) => keys.includes(owned['pairKey'] ?? ''))
          .map(toSnapshot);
      },
      async create(list) {
        calls++;
        memory.beforeCreate(list);
        return list.map((record): CreateResult => {
          const { key, fields, owned } = record;
          const trouble = memory.creating(record);
          if (trouble !== null && !trouble.made) return { key, ok: false, error: trouble.error };
          const there = [...records.values()].find((one) => one.owned['pairKey'] === key && !one.deleted);
          const id = there?.id ?? `${crm}-new-${memory.made.length + 1}`;
          if (there === undefined) {
            put(memory, id, {});
            memory.made.push(id);
          }
          const held = records.get(id);
          if (held === undefined) throw new Error(`no record ${id}`);
          Object.assign(held.fields, fields);
          Object.assign(held.owned, owned, { pairKey: key });
          time += 1;
          held.changedAt = time;
          if (trouble !== null) return { key, ok: false, error: trouble.error };
          return { key, ok: true, id, created: there === undefined };
        });
      },
    },
    capabilities: {
      readBatch: 40,
      writeBatch: 20,
      writeConcurrency: 1,
      fullPage: PAGE,
      rewritesCloseDate: false,
    },
    async describe() {
      calls++;
      return facts;
    },
    async startRead(mark) {
      return { after: '', since: mark === null ? 0 : Number(mark['at']), until: time };
    },
    async readPage(position) {
      calls++;
      const after = String(position['after']);
      const since = Number(position['since']);
      const all = [...records.values()]
        .filter((record) => record.id > after && record.changedAt >= since && (since > 0 || !record.deleted))
        .sort((x, y) => (x.id < y.id ? -1 : 1));
      const page = all.slice(0, PAGE);
      const last = page[page.length - 1];
      const more = all.length > PAGE && last !== undefined;
      return {
        snapshots: page.map(toSnapshot),
        next: more ? { ...position, after: last.id } : null,
        mark: more ? null : { at: Number(position['until']) },
        expected: null,
      };
    },
    async readByIds(ids) {
      calls++;
      memory.rereads++;
      const found = ids.flatMap((id) => records.get(id) ?? []).filter((record) => !record.deleted);
      return {
        snapshots: found.map(toSnapshot),
        missing: ids.filter((id) => records.get(id)?.deleted !== false),
      };
    },
    refusals: () => [],
    async write(writes) {
      calls++;
      memory.beforeWrite(writes);
      return writes.map((write): WriteResult => {
        const record = records.get(write.id);
        const error = memory.refuse(write);
        if (record === undefined || error !== null) {
          const missing = { recovery: 'gone', code: 'gone', message: 'gone', remedy: '' } as const;
          return { trace: write.trace, id: write.id, ok: false, error: error ?? missing };
        }
        memory.written.push({ id: write.id, fields: { ...write.fields } });
        time += 1;
        history.note(write.id, record.fields, write.fields, 'engine', time);
        Object.assign(record.fields, write.fields);
        Object.assign(record.owned, write.owned);
        record.changedAt = time;
        return { trace: write.trace, id: write.id, ok: true, version: null };
      });
    },
    calls: () => calls,
    recordUrl: (id) => `memory:${id}`,
    async close() {},
  };
  return memory;
}

/** Puts a record into a memory CRM. */
export function put(
  crm: MemoryCrm,
  id: string,
  fields: Record<string, Value>,
  linkedId: string | null = null,
): void {
  crm.records.set(id, {
    id,
    fields: {
      name: id,
      amount: null,
      currency: 'USD',
      closeDate: null,
      owner: null,
      nextStep: null,
      stage: 'Prospecting',
      ...fields,
    },
    owned: Object.fromEntries(OWNED_FIELDS.map((field) => [field, null])),
    linkedId,
    deleted: false,
    changedAt: 1_000_000,
  });
}
