/** Calls that were held, beside the records of a CRM in memory: read completely each time, or for the records asked about. */

import type { Connector } from '../../src/core/connector-port.ts';
import type { FoundItem } from '../../src/core/findings.ts';
import type { EpochMs, RecordId } from '../../src/core/ids.ts';
import type { MemoryCrm } from './memory-crm.ts';

export interface EvidentCrm extends MemoryCrm {
  /** A call about these records was held at this moment. Answers its id. */
  callHeld(records: readonly RecordId[], at: EpochMs): string;
  /** It was entered by mistake. */
  takeBack(call: string): void;
  /** How often evidence was asked for record by record. */
  asked: number;
}

/** The same CRM, in which activities are kept too. */
export function withCalls(crm: MemoryCrm): EvidentCrm {
  const calls = new Map<string, FoundItem>();
  let last = 0;
  const evidence: NonNullable<Connector['evidence']> = {
    start: () => ({}),
    page: async () => ({
      items: [...calls.values()],
      next: null,
      mark: {},
      calls: { made: 1, left: 0 },
      refused: [],
    }),
    about: async (ids) => {
      evident.asked += 1;
      const items = [...calls.values()].flatMap((call) => {
        const records = call.records.filter((id) => ids.includes(id));
        return records.length === 0 ? [] : [{ ...call, records }];
      });
      return { sources: ['call'], items };
    },
  };
  const evident: EvidentCrm = Object.assign(crm, {
    evidence,
    asked: 0,
    callHeld(records: readonly RecordId[], at: EpochMs) {
      last += 1;
      const item = `call${last}`;
      calls.set(item, { source: 'call', item, what: 'call', at, says: {}, records });
      return item;
    },
    takeBack(call: string) {
      calls.delete(call);
    },
  });
  return evident;
}
