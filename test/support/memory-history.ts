/** What a CRM in memory remembers of its fields: who gave them which value, newest first. */

import type { HistoryReader } from '../../src/core/connector-port.ts';
import type { FieldEntry, Histories, RecordHistory } from '../../src/core/field-history.ts';
import type { Value } from '../../src/core/opportunity.ts';

export interface MemoryHistory extends HistoryReader {
  note(id: string, before: Record<string, Value>, after: Record<string, Value>, by: string, at: number): void;
  /** Fields of which it keeps no history, or shows none. */
  readonly untracked: Set<string>;
  /** Ids asked for, call by call. */
  readonly asked: (readonly string[])[];
}

/** @param call called for each reading, to be counted */
export function createMemoryHistory(exists: (id: string) => boolean, call: () => void): MemoryHistory {
  const entries = new Map<string, Record<string, FieldEntry[]>>();
  const untracked = new Set<string>();
  const asked: (readonly string[])[] = [];
  return {
    batch: 10,
    untracked,
    asked,
    note(id, before, after, actor, at) {
      const own = entries.get(id) ?? {};
      entries.set(id, own);
      for (const [field, value] of Object.entries(after)) {
        if ((before[field] ?? null) === value) continue;
        own[field] ??= [{ value: before[field] ?? null, at: 0, actor: null }];
        own[field].unshift({ value, at, actor });
      }
    },
    async read(ids, fields): Promise<Histories> {
      call();
      asked.push(ids);
      return new Map(
        ids.filter(exists).map((id): [string, RecordHistory] => {
          const known = fields.filter((field) => !untracked.has(field));
          return [id, Object.fromEntries(known.map((field) => [field, entries.get(id)?.[field] ?? []]))];
        }),
      );
    },
  };
}
