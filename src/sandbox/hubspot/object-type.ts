/** One kind of CRM object and what differs between kinds on the wire. */
export interface ObjectType {
  /** Type id of the public API, such as "0-3". */
  readonly id: string;
  /** Path segment, such as "deals". */
  readonly plural: string;
  /** Dataset type and association names, such as "deal". */
  readonly singular: string;
  /** Properties that hold the creation and last-change stamps. */
  readonly created: string;
  readonly modified: string;
  /** Properties answered when none are asked for, beside the two stamps and hs_object_id. */
  readonly shown: readonly string[];
  /** Scopes are `${scope}.read` and `${scope}.write`. */
  readonly scope: string;
  /** Properties the free-text `query` of search looks at. */
  readonly searched: readonly string[];
}

const CONTACTS = 'crm.objects.contacts';

function activity(id: string, singular: string, plural: string, searched: readonly string[]): ObjectType {
  return {
    id,
    plural,
    singular,
    created: 'hs_createdate',
    modified: 'hs_lastmodifieddate',
    shown: [],
    scope: CONTACTS,
    searched,
  };
}

/** Ids from the public object type table (hubspot.md §2); activities are gated by the contacts scopes (§1.3). */
export const OBJECT_TYPES: readonly ObjectType[] = [
  {
    id: '0-3',
    plural: 'deals',
    singular: 'deal',
    created: 'createdate',
    modified: 'hs_lastmodifieddate',
    shown: ['amount', 'closedate', 'dealname', 'dealstage', 'pipeline'],
    scope: 'crm.objects.deals',
    searched: ['dealname', 'pipeline', 'dealstage', 'description', 'dealtype'],
  },
  {
    id: '0-2',
    plural: 'companies',
    singular: 'company',
    created: 'createdate',
    modified: 'hs_lastmodifieddate',
    shown: ['domain', 'name'],
    scope: 'crm.objects.companies',
    searched: ['name', 'domain', 'website', 'phone'],
  },
  {
    id: '0-1',
    plural: 'contacts',
    singular: 'contact',
    created: 'createdate',
    modified: 'lastmodifieddate',
    shown: ['email', 'firstname', 'lastname'],
    scope: CONTACTS,
    searched: ['firstname', 'lastname', 'email', 'phone', 'company'],
  },
  {
    ...activity('0-14', 'quote', 'quotes', ['hs_title']),
    shown: ['hs_expiration_date', 'hs_public_url_key', 'hs_status', 'hs_title'],
    scope: 'crm.objects.quotes',
  },
  {
    ...activity('0-8', 'line_item', 'line_items', ['name']),
    shown: ['amount', 'quantity'],
    scope: 'crm.objects.line_items',
  },
  {
    ...activity('0-53', 'invoice', 'invoices', ['hs_title']),
    scope: 'crm.objects.invoices',
  },
  {
    ...activity('0-101', 'commerce_payment', 'commerce_payments', []),
    scope: 'crm.objects.commercepayments',
  },
  activity('0-48', 'call', 'calls', ['hs_call_title', 'hs_call_body']),
  activity('0-47', 'meeting', 'meetings', ['hs_meeting_title']),
  activity('0-49', 'email', 'emails', ['hs_email_subject']),
  activity('0-46', 'note', 'notes', ['hs_note_body']),
  activity('0-27', 'task', 'tasks', ['hs_task_subject']),
];

const BY_SEGMENT = new Map<string, ObjectType>(
  OBJECT_TYPES.flatMap((type) => [
    [type.id, type],
    [type.plural, type],
    [type.singular, type],
  ]),
);

/** Finds a kind by any of its path segments: `deals`, `deal`, `0-3`, in any case. */
export function objectTypeOf(segment: string): ObjectType | undefined {
  return BY_SEGMENT.get(segment.toLowerCase());
}
