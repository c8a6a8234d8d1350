/** What was found beside records, in memory: the meaning of src/store/findings.ts. */
import type { StoreTx } from '../../src/core/store-port.ts';
import { ascending, type FindingRow, recordKey, type Tables } from './memory-store-tables.ts';

type Findings = Pick<
  StoreTx,
  | 'evidenceState'
  | 'saveEvidenceState'
  | 'saveFindings'
  | 'replaceFindings'
  | 'forgetFindings'
  | 'accountsToName'
  | 'nameAccounts'
>;

export function findingsInMemory(tables: Tables): Findings {
  const { findings, evidenceStates, accounts, snapshots } = tables;
  const keyOf = ({ sync, crm, record, source, item }: Omit<FindingRow, 'what' | 'at' | 'says' | 'readRun'>) =>
    JSON.stringify([sync, crm, record, source, item]);
  const lookAgain = (sync: string, crm: string, record: string): void =>
    snapshots.patch(recordKey(sync, crm, record), { dirty: true });

  return {
    async evidenceState(sync, crm) {
      return evidenceStates.get(`${sync}/${crm}`) ?? null;
    },

    async saveEvidenceState(sync, crm, state) {
      evidenceStates.put(`${sync}/${crm}`, state);
    },

    async saveFindings(sync, run, crm, items) {
      for (const { records, ...finding } of items) {
        const { source, item } = finding;
        for (const row of findings.where((one) => one.source === source && one.item === item)) {
          if (row.sync !== sync || row.crm !== crm || records.includes(row.record)) continue;
          findings.remove(keyOf(row));
          lookAgain(sync, crm, row.record);
        }
        for (const record of records) {
          const row: FindingRow = { ...finding, sync, crm, record, readRun: run };
          const before = findings.get(keyOf(row));
          const same = before?.at === row.at && JSON.stringify(before.says) === JSON.stringify(row.says);
          findings.put(keyOf(row), same ? { ...before, readRun: run } : row);
          if (!same) lookAgain(sync, crm, record);
        }
      }
    },

    async replaceFindings(sync, run, crm, records, sources, items) {
      const isGiven = (row: FindingRow): boolean =>
        items.some(
          (item) => item.source === row.source && item.item === row.item && item.records.includes(row.record),
        );
      for (const row of findings.where((one) => one.sync === sync && one.crm === crm)) {
        if (!records.includes(row.record) || !sources.includes(row.source) || isGiven(row)) continue;
        findings.remove(keyOf(row));
        lookAgain(sync, crm, row.record);
      }
      for (const { records: own, ...finding } of items)
        for (const record of own.filter((id) => records.includes(id))) {
          const row: FindingRow = { ...finding, sync, crm, record, readRun: run };
          const before = findings.get(keyOf(row));
          if (before?.at === row.at && JSON.stringify(before.says) === JSON.stringify(row.says)) continue;
          findings.put(keyOf(row), row);
          lookAgain(sync, crm, record);
        }
    },

    async forgetFindings(sync, run, crm) {
      for (const row of findings.where(
        (one) => one.sync === sync && one.crm === crm && one.readRun !== run,
      )) {
        findings.remove(keyOf(row));
        lookAgain(sync, crm, row.record);
      }
    },

    async accountsToName(sync, run, crm, all, limit) {
      const named = snapshots
        .where((row) => row.sync === sync && row.crm === crm && row.readRun === run && !row.deleted)
        .flatMap(({ evidence }) => {
          const id = evidence.custom?.['accountId'];
          return typeof id === 'string' ? [id] : [];
        });
      return [...new Set(named)]
        .filter((id) => {
          const known = accounts.get(recordKey(sync, crm, id));
          return known === undefined || (all && known.readRun !== run);
        })
        .sort(ascending)
        .slice(0, limit);
    },

    async nameAccounts(sync, run, crm, names) {
      for (const [id, name] of names) accounts.put(recordKey(sync, crm, id), { name, readRun: run });
    },
  };
}
