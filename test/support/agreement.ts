/** Whether two simulated CRMs agree, read from their own final states and from nothing of oppsync's. */
import type { TestSandbox } from './sandbox.ts';

/** How a Salesforce stage and a HubSpot `pipeline/stage` are known to mean the same. */
export type SameStage = (salesforce: string, hubspot: string) => boolean;

export interface FinalPair {
  readonly salesforce: string;
  readonly hubspot: string;
  /** Fields in which the two differ. */
  readonly differing: readonly string[];
  /** Fields of ours that are missing on either side. */
  readonly unwritten: readonly string[];
}

/** Every pair linked by HubSpot's link to Salesforce, with what still differs. */
export async function finalPairs(sandbox: TestSandbox, sameStage: SameStage): Promise<FinalPair[]> {
  const opportunities = await sandbox.salesforce.records('Opportunity');
  const deals = await sandbox.hubspot.records('deal');
  const pairs: FinalPair[] = [];
  for (const [hubspot, deal] of deals) {
    const salesforce = String(deal['hs_salesforceopportunityid'] ?? '');
    const opportunity = opportunities.get(salesforce);
    if (opportunity === undefined) continue;
    const differing = [
      ...(sameStage(String(opportunity['StageName']), `${deal['pipeline']}/${deal['dealstage']}`)
        ? []
        : ['stage']),
      ...(numberOf(opportunity['Amount']) === numberOf(deal['amount']) ? [] : ['amount']),
      ...(day(opportunity['CloseDate']) === day(deal['closedate']) ? [] : ['closeDate']),
    ];
    const unwritten = [
      ...(filled(opportunity['Oppsync_Status__c']) ? [] : ['salesforce status']),
      ...(filled(opportunity['Oppsync_Reason__c']) ? [] : ['salesforce reason']),
      ...(filled(deal['oppsync_status']) ? [] : ['hubspot status']),
      ...(filled(deal['oppsync_reason']) ? [] : ['hubspot reason']),
      ...(filled(deal['oppsync_pair_key']) && deal['oppsync_pair_key'] === opportunity['Oppsync_Pair_Key__c']
        ? []
        : ['pair key']),
    ];
    pairs.push({ salesforce, hubspot, differing, unwritten });
  }
  return pairs;
}

function filled(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function numberOf(value: unknown): number | null {
  return value === null || value === undefined || value === '' ? null : Number(value);
}

function day(value: unknown): string {
  return String(value ?? '').slice(0, 10);
}
