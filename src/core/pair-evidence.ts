/** What the two records of a pair prove together: a contract signed in one CRM is signed, whichever record one looks at. */
import type { Crm, EpochMs } from './ids.ts';
import type { Evidence, Said } from './opportunity.ts';

type Custom = NonNullable<Evidence['custom']>;

/** What each CRM knows of its own record only. */
const OWN_ONLY = new Set(['hasLineItems', 'accountId', 'accountName']);

export interface SideEvidence {
  readonly crm: Crm;
  readonly evidence: Evidence;
}

/**
 * The evidence of both sides of a pair, completed by the other's: proofs, contact, the next activity and the age are of the
 * sale and so the same on both; flags and stages stay each CRM's own. Where one CRM says yes to a proof and the other no,
 * it is proven: a box nobody ticked is no denial of what the other CRM holds. Who said what is kept for the trace. Swapping
 * the sides swaps the answers and changes nothing else.
 *
 * @param now contacts after this moment are plans
 * @param sameStage both stand in stages that mean the same: the sale stands there since the earlier of the two changes
 */
export function shareEvidence(
  a: SideEvidence,
  b: SideEvidence,
  now: EpochMs,
  sameStage: boolean,
): readonly [Evidence, Evidence] {
  const said = [...saidBy(a), ...saidBy(b)].sort(bySubject);
  const shared = {
    ...both('createdAt', a, b, Math.min),
    ...(sameStage ? both('stageChangedAt', a, b, Math.min) : {}),
  };
  const one = (own: SideEvidence, other: SideEvidence): Evidence => ({
    ...own.evidence,
    ...shared,
    ...held('lastContactAt', lastContact(own.evidence, other.evidence, now)),
    ...held('nextActivityAt', nextActivity(own.evidence, other.evidence, now)),
    ...customOf(own.evidence, other.evidence),
    ...(said.length === 0 ? {} : { said }),
  });
  return [one(a, b), one(b, a)];
}

/** Everything a side says about proofs and contact, by whom. What it says without naming a source is its record's own word. */
function saidBy({ crm, evidence }: SideEvidence): Said[] {
  const said = [...(evidence.said ?? [])];
  const known = new Set(said.map(({ about }) => about));
  for (const [about, says] of Object.entries(evidence.custom ?? {}))
    if (says !== null && !known.has(about) && !OWN_ONLY.has(about)) said.push({ crm, about, says, from: '' });
  const at = evidence.lastContactAt;
  if (typeof at === 'number' && !known.has('contact'))
    said.push({ crm, about: 'contact', says: at, from: '' });
  return said;
}

function bySubject(x: Said, y: Said): number {
  const [keyX, keyY] = [x, y].map((each) => JSON.stringify([each.about, each.crm, each.from, each.says]));
  return (keyX ?? '') < (keyY ?? '') ? -1 : keyX === keyY ? 0 : 1;
}

function both(
  name: 'createdAt' | 'stageChangedAt',
  a: SideEvidence,
  b: SideEvidence,
  pick: (x: number, y: number) => number,
): Partial<Evidence> {
  const [x, y] = [a.evidence[name], b.evidence[name]];
  return typeof x === 'number' && typeof y === 'number' ? { [name]: pick(x, y) } : held(name, x ?? y);
}

function held(name: keyof Evidence, value: EpochMs | null | undefined): Partial<Evidence> {
  return value === undefined || value === null ? {} : { [name]: value };
}

/** The latest contact that has taken place; without one, what this side says. */
function lastContact(own: Evidence, other: Evidence, now: EpochMs): EpochMs | null | undefined {
  const past = [own.lastContactAt, other.lastContactAt].filter(
    (at): at is number => typeof at === 'number' && at <= now,
  );
  return past.length === 0 ? own.lastContactAt : Math.max(...past);
}

/** The earliest activity still ahead; without one, what this side says. */
function nextActivity(own: Evidence, other: Evidence, now: EpochMs): EpochMs | null | undefined {
  const ahead = [own.nextActivityAt, other.nextActivityAt].filter(
    (at): at is number => typeof at === 'number' && at >= now,
  );
  return ahead.length === 0 ? own.nextActivityAt : Math.min(...ahead);
}

function customOf(own: Evidence, other: Evidence): Partial<Evidence> {
  if (other.custom === undefined) return {};
  const custom: Record<string, Custom[string]> = { ...own.custom };
  for (const [name, value] of Object.entries(other.custom)) {
    if (OWN_ONLY.has(name) || value === null) continue;
    const mine = custom[name];
    if (mine === null || mine === undefined || (mine === false && value === true)) custom[name] = value;
  }
  return { custom };
}
