/** A HubSpot pipeline with all deals is edited, so that each of them tells of a change, while people edit some of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { dealReads, editPipelines, PROBABILITY } from '../../test/support/pipeline-edit.ts';
import type { CrmControl } from '../../test/support/sandbox.ts';
import { lastSeq, untilCarriedOver } from './carried-over.ts';
import { EDITED } from './edit-and-tell.ts';
import type { Poster } from './post.ts';

export interface EditedPipeline {
  readonly salesforce: CrmControl;
  readonly hubspot: CrmControl;
  readonly deals: readonly string[];
  readonly address: string;
  readonly windowMs: number;
  readonly poster: Poster;
}

/** Of so many deals one is edited by a person. */
const EDITED_ONE_IN = 500;

/** Prints what it cost; false when that was too much, an edit was lost, or something else was written. */
export async function editedPipeline(options: EditedPipeline): Promise<boolean> {
  const { salesforce, hubspot, deals, address } = options;
  await options.poster.control(hubspot.url, 'webhooks', {
    ...{ targetUrl: `${address}/webhooks/hubspot`, batchMs: 50 },
    subscriptions: [PROBABILITY, `deal.propertyChange:${EDITED.hubspot}`],
  });
  const seq = await lastSeq(salesforce);
  const [reads, { writes, redundantWrites }] = [await dealReads(hubspot), await salesforce.counters()];
  const began = performance.now();
  const touched = await editPipelines(hubspot);
  const edited = deals.filter((_, at) => at % EDITED_ONE_IN === 0);
  for (const id of edited)
    await hubspot.edit({
      type: 'deal',
      id,
      fields: { [EDITED.hubspot]: `edited ${id}` },
      actor: 'human:bench',
    });
  const found = await untilCarriedOver(salesforce, seq, new Set(edited.map((id) => `edited ${id}`)));
  const took = (performance.now() - began) / 1000;
  await untilTaken(address, options.windowMs);
  // What our own writes make Salesforce tell reads no deals.
  const spent = (await dealReads(hubspot)) - reads;
  const after = await salesforce.counters();
  const most = Math.floor((11 * Math.ceil(touched / 100)) / 10);
  const written = after.writes - writes;
  console.log(
    `one pipeline edit, ${touched} deals told of it: ${spent} requests read deals (at most ${most}); ${found.size} of ${edited.length} ` +
      `edits made meanwhile carried over in ${took.toFixed(1)} s; ${written} records written, ${after.redundantWrites - redundantWrites} of them for nothing`,
  );
  return spent <= most && found.size === edited.length && written === edited.length;
}

/** Until no event waits, twice in a row: a run may be at the last of them. */
async function untilTaken(address: string, windowMs: number): Promise<void> {
  for (let quiet = 0; quiet < 2; ) {
    await sleep(2 * windowMs);
    const text = await (await fetch(`${address}/metrics`)).text();
    quiet = /^oppsync_inbox_events\{[^}]*\} 0$/m.test(text) ? quiet + 1 : 0;
  }
}
