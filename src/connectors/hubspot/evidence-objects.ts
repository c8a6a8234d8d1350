/** HubSpot objects beside the deal that prove something about it, and what each means. Pure. Facts: hubspot.md 5.2, 5.3. */
import type { FoundItem } from '../../core/findings.ts';
import type { EpochMs } from '../../core/ids.ts';
import { isCalledOff } from '../contact-words.ts';
import type { NativeDeal } from './answer.ts';
import { instantOf } from './map.ts';

type Properties = NativeDeal['properties'];
type Meaning = Pick<FoundItem, 'what' | 'at' | 'says'> | null;
interface Filter {
  readonly propertyName: string;
  readonly operator: 'EQ' | 'GTE' | 'IN' | 'HAS_PROPERTY';
  readonly value?: string;
  readonly values?: readonly string[];
}

export interface EvidenceObject {
  /** Path segment, and the name it goes by in a trace. */
  readonly type: string;
  readonly properties: readonly string[];
  /** What can count at all, any one of them: asked for in a complete reading. Of activities only recent ones. */
  readonly counts: readonly Filter[];
  readonly isActivity: boolean;
  meaning(properties: Properties): Meaning;
}

/** Results of a call that HubSpot ships with and that say nobody was reached. Others are a team's own, for calls that took place. */
const NOBODY_REACHED = new Set([
  '9d9162e7-6cf3-4944-bf63-4dff82258764', // busy
  'a4c4c377-d246-4b32-a13b-75a56a4cd0ff', // left a message with somebody else
  'b2cf5968-551e-4856-9783-52b3da59a7d0', // left a voicemail
  '73a0d17f-1163-4015-bdd5-ec830791da20', // no answer
  '17b47fee-58de-441e-a44c-c6300d46f273', // wrong number
]);

function contact(what: string, at: EpochMs | null): Meaning {
  return at === null ? null : { what, at, says: {} };
}

function callMeaning(properties: Properties): Meaning {
  if (properties['hs_call_status'] !== 'COMPLETED') return null;
  if (NOBODY_REACHED.has(properties['hs_call_disposition'] ?? '')) return null;
  if (Number(properties['hs_call_duration'] ?? Number.NaN) === 0) return null;
  return contact('call', instantOf(properties['hs_timestamp']));
}

/** A meeting nobody gave an outcome, or that was missed, called off or put off, is none. */
function meetingMeaning(properties: Properties): Meaning {
  if (properties['hs_meeting_outcome'] !== 'COMPLETED' || isCalledOff(properties['hs_meeting_title']))
    return null;
  const end = instantOf(properties['hs_meeting_end_time']) ?? instantOf(properties['hs_meeting_start_time']);
  return contact('meeting', end ?? instantOf(properties['hs_timestamp']));
}

/** Accepting may be signing (by hand or electronically) or a click; paying through the quote is payment. */
function quoteMeaning(properties: Properties): Meaning {
  const accepted = properties['hs_status'] === 'ACCEPTED';
  const required = Number(properties['hs_esign_num_signers_required'] ?? 0);
  const completed = Number(properties['hs_esign_num_signers_completed'] ?? 0);
  const method = properties['hs_acceptance_method'];
  const signed =
    (required > 0 && completed >= required) ||
    (accepted && (method === 'esignature' || method === 'print_and_sign'));
  const says = {
    ...(accepted || signed || (properties['hs_clickwrap_accepted_by'] ?? '') !== ''
      ? { accepted: true }
      : {}),
    ...(signed ? { contractSigned: true } : {}),
    ...(properties['hs_payment_status'] === 'PAID' ? { paid: true } : {}),
  };
  return Object.keys(says).length === 0 ? null : { what: 'quote', at: null, says };
}

const INVOICES: Readonly<Record<string, boolean>> = { paid: true, open: false };

export const EVIDENCE_OBJECTS: readonly EvidenceObject[] = [
  {
    type: 'calls',
    properties: ['hs_timestamp', 'hs_call_status', 'hs_call_disposition', 'hs_call_duration'],
    counts: [{ propertyName: 'hs_call_status', operator: 'EQ', value: 'COMPLETED' }],
    isActivity: true,
    meaning: callMeaning,
  },
  {
    type: 'meetings',
    properties: [
      ...[
        'hs_timestamp',
        'hs_meeting_outcome',
        'hs_meeting_title',
        'hs_meeting_start_time',
        'hs_meeting_end_time',
      ],
    ],
    counts: [{ propertyName: 'hs_meeting_outcome', operator: 'EQ', value: 'COMPLETED' }],
    isActivity: true,
    meaning: meetingMeaning,
  },
  {
    type: 'emails',
    properties: ['hs_timestamp', 'hs_email_direction'],
    counts: [{ propertyName: 'hs_email_direction', operator: 'EQ', value: 'INCOMING_EMAIL' }],
    isActivity: true,
    meaning: (properties) =>
      properties['hs_email_direction'] === 'INCOMING_EMAIL'
        ? contact('incoming email', instantOf(properties['hs_timestamp']))
        : null,
  },
  {
    type: 'quotes',
    properties: [
      ...['hs_status', 'hs_acceptance_method', 'hs_clickwrap_accepted_by', 'hs_payment_status'],
      ...['hs_esign_num_signers_required', 'hs_esign_num_signers_completed'],
    ],
    counts: [
      { propertyName: 'hs_status', operator: 'EQ', value: 'ACCEPTED' },
      { propertyName: 'hs_payment_status', operator: 'EQ', value: 'PAID' },
      { propertyName: 'hs_esign_num_signers_completed', operator: 'GTE', value: '1' },
      { propertyName: 'hs_clickwrap_accepted_by', operator: 'HAS_PROPERTY' },
    ],
    isActivity: false,
    meaning: quoteMeaning,
  },
  {
    type: 'invoices',
    properties: ['hs_invoice_status'],
    counts: [{ propertyName: 'hs_invoice_status', operator: 'IN', values: Object.keys(INVOICES) }],
    isActivity: false,
    meaning: (properties) => {
      const paid = INVOICES[properties['hs_invoice_status'] ?? ''];
      return paid === undefined ? null : { what: 'invoice', at: null, says: { paid } };
    },
  },
  {
    type: 'commerce_payments',
    properties: ['hs_latest_status'],
    counts: [{ propertyName: 'hs_latest_status', operator: 'EQ', value: 'succeeded' }],
    isActivity: false,
    meaning: (properties) =>
      properties['hs_latest_status'] === 'succeeded'
        ? { what: 'payment', at: null, says: { paid: true } }
        : null,
  },
];

/** What an object proves of these deals; nothing when its meaning is none. */
export function itemOf(of: EvidenceObject, found: NativeDeal, deals: readonly string[]): FoundItem {
  const meaning = found.archived ? null : of.meaning(found.properties);
  return {
    source: of.type,
    item: found.id,
    records: meaning === null ? [] : deals,
    ...(meaning ?? { what: '', at: null, says: {} }),
  };
}
