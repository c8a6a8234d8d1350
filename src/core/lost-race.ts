import { changesIn, type FieldEntry, isHuman } from './field-history.ts';
import type { EpochMs } from './ids.ts';
import type { Value } from './opportunity.ts';

/** A value of the team's that a write of ours replaced without ever having seen it. */
export interface LostEdit {
  readonly field: string;
  readonly value: Value;
  readonly actor: string | null;
  /** By the CRM's clock. */
  readonly at: EpochMs;
}

/**
 * Was there an edit between our last look at a field and our write of it? Neither CRM can write on the condition that nothing
 * moved, so that it cannot be excluded, but the history tells afterwards: what stood right before our value is what was
 * found at the last look, or else somebody's edit that was lost. Pure.
 *
 * @param entries the field's history, newest first; may begin with our own write or with later edits, and may be cut off
 * @param found what the field held at the last look · @param written what was sent
 * @returns null when nothing was lost, or when the history does not tell
 */
export function lostEdit(
  field: string,
  entries: readonly FieldEntry[] | undefined,
  found: Value,
  written: Value,
  same: (a: Value, b: Value) => boolean,
): LostEdit | null {
  const changes = changesIn(entries ?? [], same);
  // Somebody may have entered the same value again later: that one is no program's.
  const isOurs = (entry: FieldEntry): boolean => same(entry.value, written);
  const byProgram = changes.findIndex((entry) => isOurs(entry) && !isHuman(entry.actor));
  const ours = byProgram === -1 ? changes.findIndex(isOurs) : byProgram;
  if (ours === -1) return null;
  const before = changes[ours + 1];
  // Without an older entry the history is cut off, or ours is the first value the field ever had.
  if (before === undefined || same(before.value, found)) return null;
  return { field, value: before.value, actor: before.actor, at: before.at };
}
