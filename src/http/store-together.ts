/** Stores what many deliveries bring in few statements: what comes while one is under way goes with the next. */
import { OppsyncError } from '../core/errors.ts';
import type { InboxTx, NewEvent } from '../core/inbox-port.ts';
import type { Clock } from '../core/ports.ts';

/** Events in one statement: more would make those who wait behind it wait too long. */
const MOST_EVENTS = 2_000;

interface Delivery {
  readonly events: readonly NewEvent[];
  readonly stored: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Answers a function that resolves when the events given to it are committed. A delivery that cannot be stored costs no
 * other its place: the deliveries of a statement that failed are stored one by one.
 */
export function storeTogether(
  inbox: Pick<InboxTx, 'storeEvents'>,
  clock: Clock,
): (events: readonly NewEvent[]) => Promise<void> {
  const waiting: Delivery[] = [];
  let goesOn = false;

  const storeOne = async ({ events, stored, failed }: Delivery): Promise<void> => {
    try {
      await inbox.storeEvents(events, clock.now());
      stored();
    } catch (error) {
      failed(error);
    }
  };

  async function storeAll(deliveries: readonly Delivery[]): Promise<void> {
    try {
      await inbox.storeEvents(
        deliveries.flatMap(({ events }) => events),
        clock.now(),
      );
      for (const { stored } of deliveries) stored();
    } catch (error) {
      // A database that is away is away for all of them.
      if (error instanceof OppsyncError && error.details.unreachable === true)
        for (const { failed } of deliveries) failed(error);
      else for (const delivery of deliveries) await storeOne(delivery);
    }
  }

  async function goOn(): Promise<void> {
    goesOn = true;
    while (waiting.length > 0) {
      const batch = nextOf(waiting);
      const [first] = batch;
      if (batch.length === 1 && first !== undefined) await storeOne(first);
      else await storeAll(batch);
    }
    goesOn = false;
  }

  return (events) =>
    events.length === 0
      ? Promise.resolve()
      : new Promise((stored, failed) => {
          waiting.push({ events, stored, failed });
          if (!goesOn) void goOn();
        });
}

/** Takes the first delivery, and those behind it that fit into the same statement. */
function nextOf(waiting: Delivery[]): readonly Delivery[] {
  let events = 0;
  let deliveries = 0;
  for (const delivery of waiting) {
    events += delivery.events.length;
    if (deliveries > 0 && events > MOST_EVENTS) break;
    deliveries += 1;
  }
  return waiting.splice(0, deliveries);
}
