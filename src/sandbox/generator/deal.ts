import type { SandboxRandom } from '../simulator.ts';
import type { Company } from './companies.ts';
import type { Owner } from './owners.ts';
import type { HubspotPipeline, Standing } from './stages.ts';

/** How the two CRMs stand to each other about one deal. */
export type DealKind = 'agree' | 'lag' | 'contradict' | 'differ' | 'oneSided' | 'trap';

/** A deal that breaks a careless program. */
export type Trap = 'noStage' | 'deletedStage' | 'noAmount' | 'overdue';

/** What the two CRMs differ in, of a deal of kind `differ`. */
export type Difference = 'amount' | 'closeDate' | 'name' | 'nextStep';

/** Shares of the kinds; they add up to 1. */
export const SHARES: Readonly<Record<DealKind, number>> = {
  agree: 0.717,
  lag: 0.12,
  contradict: 0.03,
  differ: 0.08,
  oneSided: 0.05,
  trap: 0.003,
};

/** Of the deals that both CRMs have: those whose HubSpot deal carries the id of its Salesforce opportunity. */
export const LINKED_SHARE = 0.9;

export const TRAPS: readonly Trap[] = ['noStage', 'deletedStage', 'noAmount', 'overdue'];

/** What one CRM says about a deal. */
export interface Side {
  readonly name: string;
  readonly standing: Standing;
  /** Instead of the standing: a stage that is gone, or none at all. */
  readonly stageTrap: 'noStage' | 'deletedStage' | null;
  readonly amount: string | null;
  /** Calendar date, YYYY-MM-DD. */
  readonly closeDate: string;
  readonly nextStep: string | null;
  readonly owner: Owner;
  /** Epoch ms. */
  readonly modifiedAt: number;
}

/** One sale, as both CRMs have it. */
export interface Deal {
  readonly index: number;
  readonly kind: DealKind;
  readonly trap: Trap | null;
  readonly difference: Difference | null;
  readonly salesforceId: string;
  readonly hubspotId: string;
  /** Null where the CRM does not have the deal. */
  readonly salesforce: Side | null;
  readonly hubspot: Side | null;
  readonly linked: boolean;
  readonly company: Company;
  readonly currency: string;
  readonly pipeline: HubspotPipeline;
  readonly createdAt: number;
  /** Last conversation with the customer, epoch ms. */
  readonly contactAt: number | null;
  readonly lostReason: string | null;
}

export function drawKind(random: SandboxRandom): DealKind {
  let rest = random.next();
  for (const [kind, share] of Object.entries(SHARES) as [DealKind, number][]) {
    if (rest < share) return kind;
    rest -= share;
  }
  return 'agree';
}
