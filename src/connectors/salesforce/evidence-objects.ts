/** Objects beside the opportunity that prove something about it, and what a row of each means. Pure. */
import type { FoundItem } from '../../core/findings.ts';
import type { EpochMs } from '../../core/ids.ts';
import { isCalledOff, saysNobodyMet } from '../contact-words.ts';
import { momentOf } from './map.ts';
import type { Row } from './query.ts';
import { to18 } from './record-id.ts';

const DAY_MS = 86_400_000;

export interface EvidenceObject {
  readonly object: string;
  /** Without one of these the object proves nothing. */
  readonly needs: readonly string[];
  /** Read where this user may see them. */
  readonly helps: readonly string[];
  /** The field that names the opportunity. */
  readonly link: string;
  /** Condition for rows about opportunities. */
  readonly ours: string;
  /** Condition for rows that can count, for a complete reading; changes need the others too, which may have counted before. */
  readonly counts: string;
  readonly isActivity: boolean;
  /** Id of the opportunity. */
  about(row: Row): unknown;
  /** When a two-way contact took place, or what is proven; null: nothing. */
  meaning(row: Row): Pick<FoundItem, 'what' | 'at' | 'says'> | null;
}

/** A call counts once it is done, unless its result says that nobody answered; a mail one has sent is no contact. */
function taskMeaning(row: Row): ReturnType<EvidenceObject['meaning']> {
  const kind =
    row['TaskSubtype'] === 'Call' || row['Type'] === 'Call'
      ? 'call'
      : row['Type'] === 'Meeting'
        ? 'meeting'
        : null;
  if (kind === null || row['IsClosed'] !== true) return null;
  if ([row['CallDisposition'], row['Status']].some(saysNobodyMet) || row['CallDurationInSeconds'] === 0)
    return null;
  return contact(kind, momentOf(row['CompletedDateTime']) ?? momentOf(row['ActivityDate']));
}

/** A meeting counts once it is over. One that lies ahead is kept as the next activity. */
function eventMeaning(row: Row): ReturnType<EvidenceObject['meaning']> {
  if (isCalledOff(row['Subject'])) return null;
  const start = momentOf(row['StartDateTime'] ?? row['ActivityDateTime']);
  const minutes = row['DurationInMinutes'];
  const day = momentOf(row['ActivityDate']);
  const end =
    momentOf(row['EndDateTime']) ??
    (start === null ? null : start + (typeof minutes === 'number' ? minutes * 60_000 : 0)) ??
    (day === null ? null : day + DAY_MS);
  return contact('meeting', end);
}

function contact(what: string, at: EpochMs | null): ReturnType<EvidenceObject['meaning']> {
  return at === null ? null : { what, at, says: {} };
}

function proof(what: string, says: Readonly<Record<string, boolean>>): ReturnType<EvidenceObject['meaning']> {
  return { what, at: null, says };
}

/** Facts: salesforce.md 2.6. An activated order binds the customer as a signed contract does. */
export const EVIDENCE_OBJECTS: readonly EvidenceObject[] = [
  {
    object: 'Task',
    needs: ['WhatId', 'IsClosed', 'TaskSubtype'],
    helps: [
      ...['Type', 'Status', 'CallDisposition', 'CallDurationInSeconds', 'CompletedDateTime', 'ActivityDate'],
    ],
    link: 'WhatId',
    ours: "What.Type = 'Opportunity'",
    counts: "IsClosed = true AND TaskSubtype != 'Email'",
    isActivity: true,
    about: (row) => row['WhatId'],
    meaning: taskMeaning,
  },
  {
    object: 'Event',
    needs: ['WhatId'],
    helps: [
      ...['Subject', 'StartDateTime', 'EndDateTime', 'ActivityDateTime', 'ActivityDate', 'DurationInMinutes'],
    ],
    link: 'WhatId',
    ours: "What.Type = 'Opportunity'",
    counts: '',
    isActivity: true,
    about: (row) => row['WhatId'],
    meaning: eventMeaning,
  },
  {
    object: 'EmailMessage',
    needs: ['RelatedToId', 'Incoming', 'MessageDate'],
    helps: [],
    link: 'RelatedToId',
    ours: "RelatedTo.Type = 'Opportunity'",
    counts: 'Incoming = true',
    isActivity: true,
    about: (row) => row['RelatedToId'],
    meaning: (row) =>
      row['Incoming'] === true ? contact('incoming email', momentOf(row['MessageDate'])) : null,
  },
  {
    object: 'Quote',
    needs: ['OpportunityId', 'Status'],
    helps: [],
    link: 'OpportunityId',
    ours: 'OpportunityId != null',
    counts: "Status = 'Accepted'",
    isActivity: false,
    about: (row) => row['OpportunityId'],
    meaning: (row) => (row['Status'] === 'Accepted' ? proof('quote', { accepted: true }) : null),
  },
  {
    object: 'Order',
    needs: ['OpportunityId', 'StatusCode'],
    helps: [],
    link: 'OpportunityId',
    ours: 'OpportunityId != null',
    counts: "StatusCode = 'Activated'",
    isActivity: false,
    about: (row) => row['OpportunityId'],
    meaning: (row) =>
      row['StatusCode'] === 'Activated' ? proof('order', { accepted: true, contractSigned: true }) : null,
  },
];

/** What a row proves of which opportunity. A deleted one, or one that is about something else now, proves nothing. */
export function itemOf(of: EvidenceObject, row: Row): FoundItem {
  const about = of.about(row);
  const meaning = row['IsDeleted'] === true ? null : of.meaning(row);
  const isOurs = typeof about === 'string' && about.startsWith('006') && meaning !== null;
  return {
    source: of.object,
    item: to18(String(row['Id'])),
    records: isOurs ? [to18(about)] : [],
    ...(meaning ?? { what: '', at: null, says: {} }),
  };
}
