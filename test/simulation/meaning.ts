/** What belongs together in a story, and what means the same. */
import { sameValue } from '../../src/core/compare.ts';
import type { Value } from '../../src/core/opportunity.ts';
import type { World } from './world.ts';

/** No opportunity can be saved without them. */
export const REQUIRED = ['name', 'closeDate', 'stage'];

/** The record of the same number on the other side. */
export function twinOf(id: string): string {
  return `${id.startsWith('L') ? 'R' : 'L'}${id.slice(1)}`;
}

/** The stages of both simulated CRMs mean the same when they have the same number. */
export function sameMeaning(world: World, field: string, x: Value, y: Value): boolean {
  if (field === 'stage') return (x ?? '').slice(1) === (y ?? '').slice(1);
  return sameValue(world.settings.fields[field]?.kind ?? 'text', x, y);
}

/** Is what the field holds now the CRM's own doing? Sending a value once more, so that it stays, does not make it somebody's. */
export function setByCrm(world: World, id: string, field: string): boolean {
  const made = world.truth.entries.findLast(
    (entry) => entry.id === id && entry.field === field && entry.before !== entry.after,
  );
  return made?.actor === 'crm';
}
