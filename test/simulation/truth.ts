/** Who wrote what when, over both CRMs: all the oracle knows besides the final states. */
import type { Value } from '../../src/core/opportunity.ts';

export interface TruthEntry {
  readonly seq: number;
  readonly crm: string;
  readonly id: string;
  readonly action: 'set' | 'create' | 'delete' | 'restore';
  /** `crm`: its own doing when a person did something else, such as a close date it sets with a stage. */
  readonly actor: 'human' | 'engine' | 'crm';
  /** `owned.status` for a field oppsync owns; empty for create, delete and restore. */
  readonly field: string;
  readonly before: Value;
  readonly after: Value;
  /** For a write of the engine: up to which entry its last reading of the record by id knew the record; -1 when there was none. */
  readonly knew: number;
}

export interface TruthLog {
  readonly entries: readonly TruthEntry[];
  append(entry: Omit<TruthEntry, 'seq'>): void;
  /** Number of the latest entry. */
  seq(): number;
}

export function createTruthLog(): TruthLog {
  const entries: TruthEntry[] = [];
  return {
    entries,
    append: (entry) => {
      entries.push({ ...entry, seq: entries.length + 1 });
    },
    seq: () => entries.length,
  };
}
