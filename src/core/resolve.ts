import { sameValue } from './compare.ts';
import type { Crm, EpochMs, RunId } from './ids.ts';
import type { FieldKind, Value } from './opportunity.ts';
import type { FieldChange } from './plan.ts';

/**
 * What a person decided for one field, for exactly the values that were seen. `use`: the CRM in `choice` is right;
 * `value`: `choice` goes to both sides; `leave`: both stay as they are until one of them moves.
 */
export interface Resolution {
  readonly decided: 'use' | 'value' | 'leave';
  readonly choice: Value;
  /** Per CRM the value it was made for; for a field of our own `held` and `wanted`. */
  readonly seen: Readonly<Record<string, Value>>;
  readonly by: string;
}

export interface NewResolution extends Resolution {
  /** `pair:KEY`, or `CRM:ID` for a field of our own. */
  readonly subject: string;
  readonly field: string;
  readonly at: EpochMs;
  readonly run: RunId | null;
}

/** Resolutions of a group by {@link resolutionKey}. */
export type Resolutions = ReadonlyMap<string, Resolution>;

/** Stands for the person in a decision to leave a field that a CRM set itself. */
export function byCrm(crm: Crm): string {
  return `crm:${crm}`;
}

/** The CRM that set the field itself, when that is why it is left. */
export function crmThatSetIt({ by }: Resolution): Crm | null {
  return by.startsWith('crm:') ? by.slice('crm:'.length) : null;
}

export function resolutionKey(subject: string, field: string): string {
  return `${subject} ${field}`;
}

/** Name of one of our own fields among the resolutions, which a field of the team may bear as well. */
export function ownedName(field: string): string {
  return `owned:${field}`;
}

/** Does it still hold? Only while every side holds what it was made for. */
export function holds(
  resolution: Resolution,
  kind: FieldKind,
  sides: readonly { readonly crm: Crm; readonly value: Value | undefined }[],
): boolean {
  return sides.every(({ crm, value }) => {
    const seen = resolution.seen[crm];
    return seen !== undefined && value !== undefined && sameValue(kind, seen, value);
  });
}

/** What a verdict decides; the other fields explain it. */
const DECIDING: ReadonlySet<string> = new Set(['status', 'outcome', 'phase']);

/**
 * Changes of our own fields without those a person took back. A field is left alone while it holds what the undo restored
 * and would get what the undo removed. The fields of a verdict stay together: as long as what it decides is what was taken
 * back, what explains it is left as well; a new verdict is written whole. `used` collects what applied.
 */
export function withoutUndone(
  changes: readonly FieldChange[],
  subject: string,
  resolutions: Resolutions | undefined,
  used: Set<string>,
): FieldChange[] {
  if (resolutions === undefined || resolutions.size === 0) return [...changes];
  const undone = (change: FieldChange): Resolution | undefined => {
    const found = resolutions.get(resolutionKey(subject, ownedName(change.field)));
    return found !== undefined && (found.seen['held'] ?? '') === (change.before ?? '') ? found : undefined;
  };
  const isWanted = (change: FieldChange): boolean =>
    (undone(change)?.seen['wanted'] ?? '') === (change.after ?? '');
  const deciding = changes.filter(({ field }) => DECIDING.has(field));
  const sameVerdict = deciding.every((change) => undone(change) !== undefined && isWanted(change));
  return changes.filter((change) => {
    if (undone(change) === undefined) return true;
    const together = change.field !== 'pairKey' && deciding.length > 0;
    const left = together ? sameVerdict : isWanted(change);
    if (left) used.add(resolutionKey(subject, ownedName(change.field)));
    return !left;
  });
}
