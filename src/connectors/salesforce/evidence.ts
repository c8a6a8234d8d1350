/** Evidence that Salesforce keeps in standard objects beside the opportunity: its contract and its synced quote. */
import type { Row } from './query.ts';
import { isRow } from './query.ts';

type Answer = boolean | null;

/** A parent of the opportunity that proves something, and the fields of it that are read. */
export interface EvidenceParent {
  readonly reference: string;
  readonly relationship: string;
  readonly object: string;
  readonly fields: readonly string[];
}

export const EVIDENCE_PARENTS: readonly EvidenceParent[] = [
  {
    reference: 'ContractId',
    relationship: 'Contract',
    object: 'Contract',
    fields: ['StatusCode', 'ActivatedDate', 'CustomerSignedDate'],
  },
  { reference: 'SyncedQuoteId', relationship: 'SyncedQuote', object: 'Quote', fields: ['Status'] },
];

/**
 * What the standard objects say. Nothing linked, or nothing permitted to be seen, says nothing: `null` or no key, never no.
 * `StatusCode` is the fixed code behind the contract's status, whose label may be renamed.
 */
export function standardEvidence(row: Row): { contractSigned?: Answer; accepted?: Answer } {
  const contract = row['Contract'];
  const quote = row['SyncedQuote'];
  return {
    ...(contract === undefined ? {} : { contractSigned: isRow(contract) ? signed(contract) : null }),
    ...(quote === undefined ? {} : { accepted: isRow(quote) ? acceptedBy(quote) : null }),
  };
}

function signed(contract: Row): Answer {
  if (typeof contract['CustomerSignedDate'] === 'string') return true;
  // An activated contract may have run out since; it was signed all the same.
  if (typeof contract['ActivatedDate'] === 'string') return true;
  switch (contract['StatusCode']) {
    case 'Activated':
      return true;
    case 'Draft':
    case 'InApproval':
      return false;
    default:
      return null;
  }
}

function acceptedBy(quote: Row): Answer {
  switch (quote['Status']) {
    case 'Accepted':
      return true;
    case 'Denied':
    case 'Rejected':
      return false;
    default:
      return null;
  }
}
