import type { SandboxRandom } from '../simulator.ts';
import type { Country } from './country.ts';
import type { DealKind, Difference, Side, Trap } from './deal.ts';
import type { Team } from './owners.ts';
import { PROGRESS, type Standing } from './stages.ts';

const DAY = 86_400_000;
const DIFFERENCES: readonly Difference[] = ['amount', 'closeDate', 'name', 'nextStep'];

/** What both CRMs would say if they agreed, and what is needed to make them differ. */
export interface Agreement {
  readonly kind: DealKind;
  readonly trap: Trap | null;
  readonly both: Side;
  /** A different amount, for deals that differ in it. */
  readonly another: string | null;
  readonly country: Country;
  readonly team: Team;
  /** Earliest and latest moment of a change, epoch ms. */
  readonly createdAt: number;
  readonly now: number;
}

export interface Sides {
  readonly salesforce: Side | null;
  readonly hubspot: Side | null;
  readonly difference: Difference | null;
}

/** Tells the story of the deal's kind: who moved on, who was left behind, who never had it. */
export function divide(agreement: Agreement, random: SandboxRandom): Sides {
  const { kind, both, trap, team } = agreement;
  const inHubspotFirst = random.next() < 0.5;
  const order = (ahead: Side | null, behind: Side | null, difference: Difference | null = null): Sides =>
    inHubspotFirst
      ? { salesforce: behind, hubspot: ahead, difference }
      : { salesforce: ahead, hubspot: behind, difference };
  const behind = earlier(agreement, random);
  switch (kind) {
    case 'agree':
      return order(both, {
        ...both,
        modifiedAt: Math.max(agreement.createdAt, both.modifiedAt - random.int(0, 50) * 1_000),
      });
    case 'lag': {
      const recent = {
        ...both,
        modifiedAt: Math.max(both.modifiedAt, agreement.now - random.int(1, 10) * DAY),
      };
      return order(recent, { ...behind, standing: before(both.standing) });
    }
    case 'contradict': {
      const standing = random.next() < 0.5 ? 'lost' : random.pick(PROGRESS.slice(2));
      return order(both, { ...behind, standing });
    }
    case 'differ': {
      const difference = random.pick(DIFFERENCES);
      return order(both, { ...behind, ...changed(difference, agreement, random) }, difference);
    }
    case 'oneSided': {
      const own = inHubspotFirst ? team.hubspotOnly : team.salesforceOnly;
      return order(own.length > 0 && random.next() < 0.2 ? { ...both, owner: random.pick(own) } : both, null);
    }
    case 'trap':
      return trapped(both, trap, random);
  }
}

/** The same record, as it stood up to forty days before. */
function earlier({ both, createdAt }: Agreement, random: SandboxRandom): Side {
  return { ...both, modifiedAt: Math.max(createdAt, both.modifiedAt - random.int(1, 40) * DAY) };
}

function before(standing: Standing): Standing {
  return PROGRESS[PROGRESS.indexOf(standing) - 1] ?? 'prospecting';
}

function changed(difference: Difference, agreement: Agreement, random: SandboxRandom): Partial<Side> {
  const { both, another, country } = agreement;
  switch (difference) {
    case 'amount':
      return { amount: another };
    case 'closeDate': {
      const moved = Date.parse(both.closeDate) + random.pick([-14, -7, 7, 14, 30, 31, 60]) * DAY;
      return { closeDate: new Date(moved).toISOString().slice(0, 10) };
    }
    case 'name': {
      const product = random.pick(country.products.filter((name) => !both.name.includes(name)));
      return { name: `${both.name} + ${product}` };
    }
    case 'nextStep':
      return { nextStep: random.pick(country.nextSteps.filter((step) => step !== both.nextStep)) };
  }
}

function trapped(both: Side, trap: Trap | null, random: SandboxRandom): Sides {
  // Salesforce requires a stage; only HubSpot has deals without one.
  if (trap === 'noStage') {
    return { salesforce: both, hubspot: { ...both, stageTrap: 'noStage' }, difference: null };
  }
  if (trap !== 'deletedStage') return { salesforce: both, hubspot: both, difference: null };
  const gone: Side = { ...both, stageTrap: 'deletedStage' };
  return random.next() < 0.5
    ? { salesforce: gone, hubspot: both, difference: null }
    : { salesforce: both, hubspot: gone, difference: null };
}
