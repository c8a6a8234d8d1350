/** A simulated CRM in which records can be made: by upsert on a unique key, with answers that get lost and requests that land late. */

import type { CreateResult, Creator, NewRecord } from '../../src/core/connector-port.ts';
import type { Snapshot } from '../../src/core/opportunity.ts';

/** What the CRM lets its creator do. */
export interface CreatorHands {
  readonly crm: string;
  readonly now: () => number;
  /** Whether rows of this name are refused. */
  refuses(record: NewRecord): boolean;
  /** Every record that bears the key, deleted ones included. */
  bearers(key: string): readonly Snapshot[];
  /** Makes the record, or brings one that is there to these values. Answers its id. */
  upsert(record: NewRecord): { readonly id: string; readonly created: boolean };
  /** One call with its steps and its troubles. */
  call<T>(what: string, answer: (trouble: Trouble | undefined) => T): Promise<T>;
}

export type Trouble = 'lost_after' | 'lost_before' | 'partly_lost';

/** A request that was given up on lands this much later, every other time, ms. */
const LATE_MS = [15_000, 90_000];

export interface LateRequests {
  readonly pending: { readonly at: number; readonly land: () => void }[];
}

/** Requests on their way that have arrived by now take effect. */
export function landLate({ pending }: LateRequests, now: number): void {
  for (let at = pending.length - 1; at >= 0; at--) {
    const request = pending[at];
    if (request === undefined || request.at > now) continue;
    pending.splice(at, 1);
    request.land();
  }
}

export function creatorOf(hands: CreatorHands, late: LateRequests): Creator {
  let given = 0;
  return {
    required: ['name', 'stage'],
    keyBatch: 3,
    callsPerLook: 1,
    obstacles: (facts) =>
      facts.fields.some((fact) => fact.field === 'pairKey' && fact.unique === true)
        ? []
        : [{ recovery: 'fix', code: 'key', message: 'the key field is not unique', remedy: 'provision' }],
    readByKeys: (keys) => hands.call('read', () => keys.flatMap((key) => hands.bearers(key))),
    create: (records) =>
      hands.call('create write', (trouble) =>
        records.map((record, index): CreateResult => {
          const { key } = record;
          const lost: CreateResult = { key, ok: false, error: error(hands.crm, 'unknown', 'NO_ANSWER') };
          if (trouble === 'lost_before') {
            const at = hands.now() + (LATE_MS[given++ % 3] ?? Number.POSITIVE_INFINITY);
            late.pending.push({ at, land: () => void hands.upsert(record) });
            return lost;
          }
          if (hands.refuses(record)) return { key, ok: false, error: error(hands.crm, 'skip', 'RULE') };
          const { id, created } = hands.upsert(record);
          if (trouble === 'lost_after' || (trouble === 'partly_lost' && index % 2 === 0)) return lost;
          return { key, ok: true, id, created };
        }),
      ),
  };
}

function error(crm: string, recovery: 'unknown' | 'skip', code: string) {
  return { recovery, code, crm, message: `${crm}: ${code}`, remedy: 'none' };
}

/** The id of a new record: that of its original on the other side, so that stories stay readable; another one for a second. */
export function idFor(key: string, side: string, taken: (id: string) => boolean): string {
  return idAfter(Number(key.replace(/^.*-[LR]/, '').replace(/[^\d].*$/, '')), side, taken);
}

/** As {@link idFor}, by the number of the original. */
export function idAfter(number: number, side: string, taken: (id: string) => boolean): string {
  const id = `${side === 'left' ? 'L' : 'R'}${number}`;
  if (!taken(id)) return id;
  for (let n = 2; ; n++) if (!taken(`${id}.${n}`)) return `${id}.${n}`;
}
