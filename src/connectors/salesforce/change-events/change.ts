/** What the header of a change event says, as hints. Pure. */
import type { StreamGap } from '../../../core/change-stream-port.ts';
import type { EventKind, RecordEvent } from '../../../core/event-port.ts';
import { to18 } from '../record-id.ts';
import type { ChangeHeader } from './header.ts';

export interface Change {
  readonly events: readonly RecordEvent[];
  readonly gap: StreamGap | null;
}

const OPPORTUNITY = /^006[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?$/;
/** Printable ASCII: it becomes part of a key in the database. */
const KEY = /^[\x21-\x7e]{1,200}$/;
const DAY_MS = 86_400_000;

/** A `GAP_` in front means that the event has no values, which we never look at: it names its records all the same. */
const KINDS: Readonly<Record<string, EventKind>> = {
  CREATE: 'created',
  UPDATE: 'changed',
  DELETE: 'deleted',
  UNDELETE: 'restored',
};

const nothing: Change = { events: [], gap: null };

/**
 * @param replayId the event's place in the stream: its name where it has no better one
 * @param now to disbelieve times in the far future
 */
export function changeOf(header: ChangeHeader, replayId: Uint8Array, account: string, now: number): Change {
  const { entityName, recordIds, changeType, transactionKey, sequenceNumber, commitTimestamp } = header;
  if (entityName !== 'Opportunity') return nothing;
  if (typeof changeType !== 'string' || !Array.isArray(recordIds)) return { events: [], gap: 'unreadable' };
  if (changeType === 'GAP_OVERFLOW') return { events: [], gap: 'overflow' };
  const kind = KINDS[changeType.replace(/^GAP_/, '')] ?? 'changed';
  const ids = recordIds
    .filter((id): id is string => typeof id === 'string' && OPPORTUNITY.test(id))
    .map(to18);
  // Instead of ids there may be a pattern, such as after a change of a field's type.
  const gap = ids.length < recordIds.length || ids.length === 0 ? 'overflow' : null;
  const change =
    typeof transactionKey === 'string' && KEY.test(transactionKey) && Number.isSafeInteger(sequenceNumber)
      ? `${transactionKey}/${String(sequenceNumber)}/${changeType}`
      : `replay/${Buffer.from(replayId).toString('hex')}`;
  const at = isMoment(commitTimestamp, now) ? commitTimestamp : null;
  const events = [...new Set(ids)].map(
    (id): RecordEvent => ({ id, kind, key: `${change}/${id}`, account, at }),
  );
  return { events, gap };
}

function isMoment(value: unknown, now: number): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) < now + DAY_MS;
}
