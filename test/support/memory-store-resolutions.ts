/** What people decided, in the store in memory: the meaning of resolutions in src/store/conflicts.ts, groups.ts and journal.ts. */
import { byCrm, type NewResolution, type Resolution, resolutionKey } from '../../src/core/resolve.ts';
import type { ReconciledBatch } from '../../src/core/store-rows.ts';
import type { TrustTx } from '../../src/core/trust-port.ts';
import { recordKey, type Tables } from './memory-store-tables.ts';

type Decisions = Pick<TrustTx, 'saveResolutions' | 'dropResolutions'>;

const rowKey = (sync: string, subject: string, field: string): string =>
  `${sync}/${resolutionKey(subject, field)}`;

export function resolutionsInMemory(tables: Tables): Decisions {
  const { snapshots } = tables;
  return {
    async saveResolutions(sync, list) {
      remember(tables, sync, list);
      const pairs = new Set(list.map(({ subject }) => subject));
      for (const row of snapshots.where((one) => one.sync === sync && pairs.has(`pair:${one.pair}`)))
        snapshots.patch(recordKey(sync, row.crm, row.id), { dirty: true });
    },
    async dropResolutions(sync, list) {
      drop(tables, sync, list);
    },
  };
}

/** What a decided batch changes: what no longer applies goes, what a CRM set itself is left. */
export function reconciledResolutions(tables: Tables, batch: ReconciledBatch): void {
  const { sync, at, run, outdated = [], left = [] } = batch;
  drop(tables, sync, outdated);
  const leaving = left.map(({ pair, field, by, seen }): NewResolution => {
    return { subject: `pair:${pair}`, field, decided: 'leave', choice: null, seen, by: byCrm(by), at, run };
  });
  remember(tables, sync, leaving);
}

/** Undone changes that were acknowledged: the two sides differ on purpose now. */
export function rememberUndone(tables: Tables, run: string, change: number, at: number): void {
  const row = tables.changes.get(String(change));
  if (row === undefined) return;
  const undone = row.changes.filter(
    ({ reason, owned, field }) => reason === 'undo' && (owned || row.agreed[field] !== undefined),
  );
  const list = undone.map(({ field, owned, before, after, by = '' }): NewResolution => {
    const about = owned
      ? { subject: `${row.crm}:${row.id}`, field: `owned:${field}`, seen: { held: after, wanted: before } }
      : { subject: `pair:${row.pair}`, field, seen: row.agreed[field] ?? {} };
    return { ...about, decided: 'leave', choice: null, by, at, run };
  });
  remember(tables, row.sync, list);
}

/** Decisions about these subjects. */
export function resolutionsAbout(
  { resolutions }: Tables,
  sync: string,
  subjects: ReadonlySet<string>,
): Map<string, Resolution> {
  const own = resolutions.where((row) => row.sync === sync && subjects.has(row.subject));
  return new Map(
    own.map(({ subject, field, decided, choice, seen, by }) => [
      resolutionKey(subject, field),
      { decided, choice, seen, by },
    ]),
  );
}

function remember(tables: Tables, sync: string, list: readonly NewResolution[]): void {
  for (const row of list) tables.resolutions.put(rowKey(sync, row.subject, row.field), { ...row, sync });
}

function drop(
  tables: Tables,
  sync: string,
  list: readonly { readonly subject: string; readonly field: string }[],
): void {
  for (const { subject, field } of list) tables.resolutions.remove(rowKey(sync, subject, field));
}
