import type { Connector } from '../core/connector-port.ts';

/** Waiting calls of a connector, and how many more may go out. */
interface Slots {
  free: number;
  readonly waiting: (() => void)[];
}

const slots = new WeakMap<Connector, Slots>();

/**
 * Runs `work` when the connector has a write slot free, first come first served. Keeps no more than
 * `capabilities.writeConcurrency` writes of this process in flight: Salesforce locks the account of every opportunity
 * that is written, and two calls at once would wait for each other's locks.
 */
export async function withWriteSlot<T>(connector: Connector, work: () => Promise<T>): Promise<T> {
  const own = slots.get(connector) ?? { free: connector.capabilities.writeConcurrency, waiting: [] };
  slots.set(connector, own);
  if (own.free > 0) own.free--;
  else await new Promise<void>((resolve) => own.waiting.push(resolve));
  try {
    return await work();
  } finally {
    // A slot is handed over directly, so that nobody who comes later can slip in between.
    const next = own.waiting.shift();
    if (next === undefined) own.free++;
    else next();
  }
}
