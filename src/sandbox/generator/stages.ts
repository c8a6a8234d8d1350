/** Where a deal of the portfolio stands, independent of how each CRM calls it. */
export type Standing =
  | 'prospecting'
  | 'qualification'
  | 'discovery'
  | 'proposal'
  | 'negotiation'
  | 'commitment'
  | 'paused'
  | 'won'
  | 'lost'
  | 'cancelled';

/** Open standings in selling order; `paused` stands outside of it. */
export const PROGRESS: readonly Standing[] = [
  'prospecting',
  'qualification',
  'discovery',
  'proposal',
  'negotiation',
  'commitment',
];

export interface SalesforceStage {
  readonly apiName: string;
  /** Renamed in two places, so that joining on the label fails. */
  readonly label: string;
  /** Percent. */
  readonly probability: number;
  readonly forecast: 'Pipeline' | 'BestCase' | 'Forecast' | 'Omitted' | 'Closed';
}

export const SALESFORCE_STAGES: Readonly<Record<Standing, SalesforceStage>> = {
  prospecting: { apiName: 'Prospecting', label: 'Prospecting', probability: 10, forecast: 'Pipeline' },
  qualification: { apiName: 'Qualification', label: 'Qualification', probability: 20, forecast: 'Pipeline' },
  discovery: { apiName: 'Needs Analysis', label: 'Discovery Meeting', probability: 30, forecast: 'Pipeline' },
  proposal: { apiName: 'Proposal/Price Quote', label: 'Proposal', probability: 60, forecast: 'BestCase' },
  negotiation: { apiName: 'Negotiation/Review', label: 'Negotiation', probability: 80, forecast: 'BestCase' },
  commitment: {
    apiName: 'Verbal Commitment',
    label: 'Verbal Commitment',
    probability: 90,
    forecast: 'Forecast',
  },
  paused: { apiName: 'On Hold', label: 'On Hold', probability: 10, forecast: 'Omitted' },
  won: { apiName: 'Closed Won', label: 'Closed Won', probability: 100, forecast: 'Closed' },
  lost: { apiName: 'Closed Lost', label: 'Closed Lost', probability: 0, forecast: 'Omitted' },
  cancelled: { apiName: 'Cancelled', label: 'Cancelled', probability: 0, forecast: 'Omitted' },
};

export interface HubspotStage {
  readonly id: string;
  readonly label: string;
  /** As HubSpot sends it. */
  readonly probability: string;
}

export interface HubspotPipeline {
  readonly id: string;
  readonly label: string;
  readonly stages: Readonly<Record<Standing, HubspotStage>>;
}

/**
 * The default pipeline as portals end up after relabelling: `contractsent` is the won stage, `closedwon` a lost one. Whoever reads
 * a meaning into an id is wrong. Every stage has the label of its Salesforce counterpart, or is the only won one.
 */
export const NEW_BUSINESS: HubspotPipeline = {
  id: 'default',
  label: 'New Business',
  stages: {
    prospecting: { id: 'appointmentscheduled', label: 'Prospecting', probability: '0.1' },
    qualification: { id: 'qualifiedtobuy', label: 'Qualification', probability: '0.2' },
    discovery: { id: 'presentationscheduled', label: 'Discovery Meeting', probability: '0.3' },
    proposal: { id: 'decisionmakerboughtin', label: 'Proposal', probability: '0.6' },
    negotiation: { id: '48213377', label: 'Negotiation', probability: '0.8' },
    commitment: { id: '48213378', label: 'Verbal Commitment', probability: '0.9' },
    paused: { id: '48213379', label: 'On Hold', probability: '0.1' },
    won: { id: 'contractsent', label: 'Contract Signed', probability: '1.0' },
    lost: { id: 'closedwon', label: 'Closed Lost', probability: '0.0' },
    cancelled: { id: 'closedlost', label: 'Cancelled', probability: '0.0' },
  },
};

export const RENEWALS: HubspotPipeline = {
  id: '77410382',
  label: 'Renewals & Expansion',
  stages: {
    prospecting: { id: '91500101', label: 'Prospecting', probability: '0.3' },
    qualification: { id: '91500102', label: 'Qualification', probability: '0.4' },
    discovery: { id: '91500103', label: 'Discovery Meeting', probability: '0.5' },
    proposal: { id: '91500104', label: 'Proposal', probability: '0.7' },
    negotiation: { id: '91500105', label: 'Negotiation', probability: '0.8' },
    commitment: { id: '91500106', label: 'Verbal Commitment', probability: '0.9' },
    paused: { id: '91500107', label: 'On Hold', probability: '0.2' },
    won: { id: '91500108', label: 'Renewed', probability: '1.0' },
    lost: { id: '91500109', label: 'Closed Lost', probability: '0.0' },
    cancelled: { id: '91500110', label: 'Cancelled', probability: '0.0' },
  },
};

export const PIPELINES: readonly HubspotPipeline[] = [NEW_BUSINESS, RENEWALS];

/** Named by some deals, listed nowhere: a stage that was deleted under them. */
export const DELETED_STAGE = { salesforce: 'Value Proposition', hubspot: '48213370' } as const;

export function isClosed(standing: Standing): boolean {
  return standing === 'won' || standing === 'lost' || standing === 'cancelled';
}
