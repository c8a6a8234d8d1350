import type { SandboxRandom } from '../simulator.ts';
import { drawAmount, nearbyAmount } from './amount.ts';
import { companyAt, companyCount } from './companies.ts';
import { type Deal, type DealKind, drawKind, LINKED_SHARE, type Side, TRAPS, type Trap } from './deal.ts';
import { divide } from './divide.ts';
import type { Owner, Team } from './owners.ts';
import { hubspotId, salesforceId } from './record-ids.ts';
import { isClosed, NEW_BUSINESS, PROGRESS, RENEWALS, type Standing } from './stages.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
/** Nothing happened in the last minutes before the start, so that a first search finds every record indexed. */
const QUIET = 10 * 60_000;

export interface DrawContext {
  readonly records: number;
  readonly now: number;
  readonly team: Team;
}

/** The nth deal of the portfolio; depends on the seed and n alone. */
export function drawDeal(index: number, { records, now, team }: DrawContext, portfolio: SandboxRandom): Deal {
  const random = portfolio.fork(`deal ${index}`);
  const kind = drawKind(random);
  const trap = kind === 'trap' ? random.pick(TRAPS) : null;
  const standing = drawStanding(kind, trap, random);
  const company = companyAt(random.int(0, companyCount(records) - 1));
  const { country } = company;
  const renewal = random.next() < 0.2;
  const times = drawTimes(standing, trap, now, random);
  const product = random.pick(country.products);
  const both: Side = {
    name: `${company.name} – ${product} ${new Date(times.closesAt).getUTCFullYear()}`,
    standing,
    stageTrap: null,
    amount: trap === 'noAmount' ? null : drawAmount(country.currency, random),
    closeDate: dateOf(times.closesAt),
    nextStep: !isClosed(standing) && random.next() < 0.7 ? random.pick(country.nextSteps) : null,
    owner: drawOwner(team, standing, random),
    modifiedAt: times.modifiedAt,
  };
  const another = both.amount === null ? null : nearbyAmount(both.amount, country.currency, random);
  const sides = divide(
    { kind, trap, both, another, country, team, createdAt: times.createdAt, now: now - QUIET },
    random,
  );
  return {
    index,
    kind,
    trap,
    ...sides,
    salesforceId: salesforceId('006', index),
    hubspotId: hubspotId('deal', index),
    linked: sides.salesforce !== null && sides.hubspot !== null && random.next() < LINKED_SHARE,
    company,
    currency: country.currency,
    pipeline: renewal ? RENEWALS : NEW_BUSINESS,
    createdAt: times.createdAt,
    contactAt: drawContact(standing, times, random),
    lostReason: standing === 'lost' ? random.pick(country.lostReasons) : null,
  };
}

function drawStanding(kind: DealKind, trap: Trap | null, random: SandboxRandom): Standing {
  // Only an open deal can be a stage behind, overdue, or without a stage of its own.
  if (kind === 'lag') return random.pick(PROGRESS.slice(1));
  if (kind === 'contradict') return 'won';
  if (trap !== null && trap !== 'noAmount') return random.pick(PROGRESS);
  const share = random.next();
  if (share < 0.27) return 'won';
  if (share < 0.55) return 'lost';
  if (share < 0.59) return 'cancelled';
  if (share < 0.63) return 'paused';
  // Early stages hold more deals than late ones.
  const depth = Math.floor(random.next() ** 1.4 * PROGRESS.length);
  return PROGRESS[depth] ?? 'prospecting';
}

interface Times {
  readonly createdAt: number;
  readonly closesAt: number;
  readonly modifiedAt: number;
}

function drawTimes(standing: Standing, trap: Trap | null, now: number, random: SandboxRandom): Times {
  const latest = now - QUIET;
  const minute = (at: number): number => Math.floor(at / 60_000) * 60_000 + random.int(0, 59) * 1_000;
  const between = (from: number, to: number): number => minute(from + random.next() * Math.max(0, to - from));
  if (isClosed(standing)) {
    const createdAt = between(now - 540 * DAY, now - 30 * DAY);
    const closesAt = between(createdAt + 5 * DAY, Math.min(now - 2 * DAY, createdAt + 200 * DAY));
    return { createdAt, closesAt, modifiedAt: Math.min(latest, closesAt + random.int(1, 30) * HOUR) };
  }
  const createdAt = between(now - 210 * DAY, now - 4 * DAY);
  const overdue = trap === 'overdue';
  const closesAt = overdue
    ? between(createdAt + DAY, now - 2 * DAY)
    : between(now + 2 * DAY, now + 150 * DAY);
  return { createdAt, closesAt, modifiedAt: between(Math.max(createdAt, now - 45 * DAY), latest - 60_000) };
}

function drawOwner(team: Team, standing: Standing, random: SandboxRandom): Owner {
  const former = isClosed(standing) && team.former.length > 0 && random.next() < 0.1;
  return random.pick(former ? team.former : team.shared);
}

function drawContact(standing: Standing, times: Times, random: SandboxRandom): number | null {
  if (random.next() >= (isClosed(standing) ? 0.15 : 0.6)) return null;
  const span = times.modifiedAt - times.createdAt;
  return Math.floor((times.createdAt + random.next() ** 0.4 * span) / 60_000) * 60_000;
}

export function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
