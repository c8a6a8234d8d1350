/** The simulated event bus as a test sees it: through the control prefix of its CRM. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestSandbox } from './sandbox.ts';

export interface BusReport {
  readonly last: number;
  readonly kept: number;
  readonly subscribed: number;
  readonly refused: number;
  readonly schemas: number;
  readonly streams: readonly { readonly owed: number; readonly asked: number; readonly sent: number }[];
}

export interface EventsControl {
  report(): Promise<BusReport>;
  command(given: unknown): Promise<BusReport>;
  until(reached: (report: BusReport) => boolean): Promise<void>;
}

export function eventsOf(sandbox: TestSandbox): EventsControl {
  const ask = async (init: RequestInit = {}): Promise<BusReport> => {
    const answer = await fetch(`${sandbox.salesforce.url}/_sandbox/events`, init);
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    return JSON.parse(text) as BusReport;
  };
  return {
    report: () => ask(),
    command: (given) => ask({ method: 'POST', body: JSON.stringify(given) }),
    async until(reached) {
      const deadline = Date.now() + 10_000;
      for (;;) {
        const report = await ask();
        if (reached(report)) return;
        if (Date.now() > deadline)
          throw new Error(`the event bus never got there: ${JSON.stringify(report)}`);
        await delay(20);
      }
    },
  };
}
