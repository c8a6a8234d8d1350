/** When edits arrived in Salesforce, by its own truth log. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CrmControl } from '../../test/support/sandbox.ts';
import { EDITED } from './edit-and-tell.ts';

const LONGEST_WAIT_MS = 60_000;
const LOOK_EVERY_MS = 500;

export async function lastSeq(crm: CrmControl): Promise<number> {
  return (await crm.truth()).at(-1)?.seq ?? 0;
}

/** When each of these values was written by oppsync, epoch ms. Those that never came are missing. */
export async function untilCarriedOver(
  salesforce: CrmControl,
  since: number,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  const deadline = Date.now() + LONGEST_WAIT_MS;
  let seq = since;
  do {
    for (const entry of await salesforce.truth(seq)) {
      seq = entry.seq;
      const value = entry.fields[EDITED.salesforce]?.after;
      if (entry.actor === 'engine' && typeof value === 'string') found.set(value, entry.at);
    }
    if ([...wanted].every((value) => found.has(value))) break;
    await sleep(LOOK_EVERY_MS);
  } while (Date.now() < deadline);
  return found;
}
