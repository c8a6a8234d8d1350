/** The part of the proof that names witnesses: who says that a contract is signed, who saw the last contact. */
import type { Said } from './opportunity.ts';
import type { Facts, FactValue } from './rules.ts';
import type { Because } from './verdict.ts';

/** As many as a person reads; the rest agrees with one of them. */
const MOST_PER_SUBJECT = 5;

/**
 * One step per witness of an evidence field in `names`, and of contact. A witness that says what counts is marked `used`;
 * one that says otherwise is kept with nothing decided. `contradicted`: witnesses of one field said yes and no.
 */
export function witnesses(
  said: readonly Said[],
  names: readonly string[],
  facts: Facts,
  lastContactAt: number | null,
): { readonly because: readonly Because[]; readonly contradicted: ReadonlySet<string> } {
  const because: Because[] = [];
  const contradicted = new Set<string>();
  const counts = new Map<string, number>();
  for (const one of said) {
    const isContact = one.about === 'contact' || one.about === 'attempt';
    if (!isContact && !names.includes(one.about)) continue;
    const kept: FactValue = isContact ? lastContactAt : (facts[one.about] ?? null);
    const counted = one.about !== 'attempt' && one.says === kept;
    if (!isContact && !counted && typeof one.says === typeof kept) contradicted.add(one.about);
    const subject = `${one.about} ${one.crm} ${String(one.says)}`;
    const before = counts.get(subject) ?? 0;
    counts.set(subject, before + 1);
    if (before >= MOST_PER_SUBJECT) continue;
    because.push({
      evidence: `${one.about}=${isContact ? dayText(one.says) : one.says} (${[one.crm, one.from].filter((part) => part !== '').join(', ')})`,
      rule: isContact ? one.about : `said/${one.about}`,
      decided: counted ? 'used' : null,
    });
  }
  return { because, contradicted };
}

function dayText(at: Said['says']): string {
  return typeof at === 'number' && Math.abs(at) <= 8.64e15
    ? new Date(at).toISOString().slice(0, 10)
    : String(at);
}

/** Witnesses as they came from outside, or null when they are not a list of such. */
export function readSaid(value: unknown): readonly Said[] | null {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value) || !value.every(isSaid)) return null;
  return value;
}

function isSaid(value: unknown): value is Said {
  if (typeof value !== 'object' || value === null) return false;
  const { crm, about, says, from } = value as Partial<Record<keyof Said, unknown>>;
  return (
    typeof crm === 'string' &&
    typeof about === 'string' &&
    typeof from === 'string' &&
    ['string', 'number', 'boolean'].includes(typeof says)
  );
}
