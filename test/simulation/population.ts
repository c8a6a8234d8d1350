/** The records both CRMs have from the start: one portfolio, of which the second CRM knows some fields differently. */
import type { Value } from '../../src/core/opportunity.ts';
import type { CrmUnderTest } from './crm-under-test.ts';
import { createRandom } from './random.ts';
import { type Side, TEXTS, type TextField, type WorldPlan } from './schedule.ts';
import { STAGES, stageKey } from './simulated-account.ts';

/** When the simulated story begins. */
export const START = Date.UTC(2026, 0, 5, 9);

export function idOf(side: Side, record: number): string {
  return `${side === 'left' ? 'L' : 'R'}${record}`;
}

export function populate(sides: Readonly<Record<Side, CrmUnderTest>>, world: WorldPlan): void {
  const { seed, pairs, singles, lonely = 0, differing, mirrored } = world;
  const [first, second] = mirrored ? (['right', 'left'] as const) : (['left', 'right'] as const);
  for (let record = 0; record < pairs + singles + lonely; record++) {
    const alone = record < pairs + singles ? null : record % 2 === 0 ? first : second;
    // Of its own randomness, so that a record is the same whatever others there are.
    const random = createRandom(seed + record);
    const fresh = (field: TextField, place: number): string => freshValue(field, -1 - record * 20 - place);
    const stage = random.int(STAGES.length);
    for (const side of alone === null ? [first, second] : [alone]) {
      const fields: Record<string, Value> = { currency: 'USD', owner: null, stage: stageKey(side, stage) };
      for (const [place, field] of TEXTS.entries()) fields[field] = fresh(field, place);
      if (side === second) {
        for (const [place, field] of TEXTS.entries())
          if (random.next() < differing) fields[field] = fresh(field, place + 10);
        if (random.next() < differing) fields['stage'] = stageKey(side, random.int(STAGES.length));
      }
      const linked = side === second && record < pairs ? idOf(first, record) : null;
      sides[side].create(idOf(side, record), fields, linked);
    }
  }
}

/** Values of people count up, those of the beginning count down. */
export function freshValue(field: TextField, n: number): string {
  if (field === 'amount') return `${10_000 + n}.5`;
  if (field === 'closeDate') return new Date(START + n * 86_400_000).toISOString().slice(0, 10);
  return `${field} ${n}`;
}
