/** Edits at a steady rate, each told of by a webhook, the last of each deal awaited in Salesforce. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CrmControl } from '../../test/support/sandbox.ts';
import { lastSeq, untilCarriedOver } from './carried-over.ts';
import type { Edit } from './edit-and-tell.ts';

export interface SteadyEdits {
  readonly salesforce: CrmControl;
  readonly deals: readonly string[];
  readonly rate: number;
  readonly seconds: number;
  /** How long events are gathered: not counted as the time a write takes. */
  readonly windowMs: number;
  readonly tell: (id: string, value: string) => Promise<Edit>;
}

const TARGETS = { ackP99: 50, writeP99: 2_000 };

/** Prints what was measured; false when a target was missed or an edit was lost. */
export async function steadyEdits(options: SteadyEdits): Promise<boolean> {
  const { salesforce, deals, rate, seconds, windowMs, tell } = options;
  const seq = await lastSeq(salesforce);
  const under: Promise<Edit>[] = [];
  const total = Math.round(rate * seconds);
  const began = performance.now();
  for (let n = 0; n < total; n++) {
    const early = began + (n * 1000) / rate - performance.now();
    if (early > 1) await sleep(early);
    const edit = tell(deals[n % deals.length] ?? '', `${rate}/s ${n}`);
    // Looked at together at the end.
    edit.catch(() => undefined);
    under.push(edit);
  }
  const edits = (await Promise.all(under)).toSorted((a, b) => a.sentAt - b.sentAt);
  const took = (performance.now() - began) / 1000;
  const last = [...new Map(edits.map((edit) => [edit.id, edit])).values()].map(({ value }) => value);
  const written = await untilCarriedOver(salesforce, seq, new Set(last));
  const lost = last.filter((value) => !written.has(value));
  const acks = edits.map(({ ackMs }) => ackMs);
  const writes = edits.flatMap(({ value, sentAt }) => {
    const at = written.get(value);
    return at === undefined ? [] : [at - sentAt];
  });
  const beyond = percentile(writes, 0.99) - windowMs;
  console.log(
    `${rate}/s for ${took.toFixed(1)} s: ${edits.length} webhooks; acknowledged p50 ${ms(percentile(acks, 0.5))} p99 ${ms(percentile(acks, 0.99))}; ` +
      `written p50 ${ms(percentile(writes, 0.5))} p99 ${ms(percentile(writes, 0.99))}, beyond the window p50 ${ms(percentile(writes, 0.5) - windowMs)} p99 ${ms(beyond)}; lost ${lost.length}`,
  );
  return lost.length === 0 && percentile(acks, 0.99) <= TARGETS.ackP99 && beyond <= TARGETS.writeP99;
}

function percentile(list: readonly number[], share: number): number {
  const sorted = list.toSorted((x, y) => x - y);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}
