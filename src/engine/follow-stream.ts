/** Follows the changes of one connection into the inbox: every batch is stored before more is asked for. */
import { startOf } from '../core/change-stream.ts';
import {
  type ChangeStream,
  POSITION_LOST,
  type StreamOf,
  type StreamStore,
} from '../core/change-stream-port.ts';
import { noted, OppsyncError } from '../core/errors.ts';
import type { SyncName } from '../core/ids.ts';
import { MOST_WAITING } from '../core/inbox-limits.ts';
import type { InboxTx } from '../core/inbox-port.ts';
import type { Clock, Log, Randomness, Sleep } from '../core/ports.ts';
import { type BackOff, nextBackOff } from '../core/timing.ts';

export interface FollowDeps {
  readonly streams: StreamStore;
  readonly inbox: Pick<InboxTx, 'waitingEvents'>;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: Randomness;
  readonly log: Log;
  /** Events of one sync that may wait for a run. */
  readonly mostWaiting?: number;
}

/** How often what waits is counted, and looked at again while it is too much. */
const COUNT_MS = 1_000;
/** A stream that was let in and has not been cut for so long is followed, whether or not the CRM has said anything. */
const CALM_MS = 2_000;
/** Gaps are told to the log at most this often. */
const TELL_MS = 60_000;
/** After a cut. */
const SOON: BackOff = { baseMs: 250, capMs: 60_000 };
/** After a refusal that only a person, or a new day, takes back. */
const LATER: BackOff = { baseMs: 60_000, capMs: 900_000 };

/** Works until the signal aborts; a stream that ends or fails is taken up again where the store says. */
export async function followStream(
  deps: FollowDeps,
  stream: ChangeStream,
  syncs: readonly SyncName[],
  signal: AbortSignal,
): Promise<void> {
  const { streams, clock, random } = deps;
  const log = deps.log.child({ crm: stream.crm, syncs });
  let pause = 0;
  let told = '';
  let gapTold = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    let of: StreamOf | null = null;
    const over = new AbortController();
    let calm = Promise.resolve();
    const asked = (): void => {
      calm = sayWhenCalm(deps, { crm: stream.crm, syncs }, AbortSignal.any([signal, over.signal]));
    };
    try {
      const account = await stream.account(signal);
      of = { crm: stream.crm, account, syncs };
      const { position, behind } = startOf(await streams.load(of.crm, syncs), syncs, account);
      await streams.join(of, position, behind, clock.now());
      log.info('change events are being followed', { resumed: position !== null, behind });
      const count = counter(deps, syncs, signal);
      for await (const batch of stream.follow(position, signal, asked)) {
        await count.room();
        await streams.take(of, batch, clock.now());
        if (batch.gap !== null && clock.now() - gapTold >= TELL_MS) {
          gapTold = clock.now();
          log.warn('change events are missing, what changed lately is read again', { why: batch.gap });
        }
        pause = 0;
        told = '';
      }
      // The CRM ended it, as it does from time to time.
      pause = nextBackOff(SOON, pause, random.next());
    } catch (error) {
      over.abort();
      await calm;
      if (signal.aborted) break;
      const lost = error instanceof OppsyncError && error.details.code === POSITION_LOST;
      if (lost && of !== null) await losePlace(deps, of, log);
      pause = nextBackOff(needsAPerson(error) ? LATER : SOON, pause, random.next());
      const trouble = sentenceOf(error);
      await streams
        .say(
          { crm: stream.crm, syncs },
          'waiting',
          trouble,
          error instanceof OppsyncError ? noted(error.details) : null,
        )
        .catch(() => undefined);
      if (!lost && trouble !== told) log.warn('change events are interrupted', { error: trouble });
      told = trouble;
    }
    over.abort();
    await deps.sleep(pause, signal).catch(() => undefined);
  }
}

/** Never throws: whoever is not told now is told with the next batch. */
async function sayWhenCalm(
  { streams, sleep }: FollowDeps,
  of: Omit<StreamOf, 'account'>,
  over: AbortSignal,
): Promise<void> {
  try {
    await sleep(CALM_MS, over);
    if (!over.aborted) await streams.say(of, 'following', null, null);
  } catch {
    // Cut before, or the database is away.
  }
}

async function losePlace({ streams, clock }: FollowDeps, of: StreamOf, log: Log): Promise<void> {
  log.warn('the place in the change events is gone, what changed lately is read again', { why: 'lost' });
  await streams.lose(of, clock.now());
}

/** Holds the stream back while a sync has too much waiting already. */
function counter(deps: FollowDeps, syncs: readonly SyncName[], signal: AbortSignal) {
  const most = deps.mostWaiting ?? MOST_WAITING;
  let countedAt = Number.NEGATIVE_INFINITY;
  return {
    async room(): Promise<void> {
      while (deps.clock.now() - countedAt >= COUNT_MS) {
        const waiting = await deps.inbox.waitingEvents();
        if (!waiting.some(({ sync, events }) => events >= most && syncs.includes(sync))) {
          countedAt = deps.clock.now();
          return;
        }
        await deps.sleep(COUNT_MS, signal);
      }
    },
  };
}

/** What happened, and what to do about it. */
function sentenceOf(error: unknown): string {
  if (error instanceof OppsyncError) return `${error.message} ${error.details.remedy}`.trim();
  return error instanceof Error ? error.message : String(error);
}

function needsAPerson(error: unknown): boolean {
  return error instanceof OppsyncError && !['retry', 'unknown'].includes(error.recovery);
}
