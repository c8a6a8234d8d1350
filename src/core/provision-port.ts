/** Making the fields oppsync owns in a CRM. Types only. */
import type { ErrorDetails } from './errors.ts';
import type { Crm } from './ids.ts';
import type { OwnedField } from './opportunity.ts';
import type { RollupField } from './rollup.ts';

/** A field oppsync owns: in the records, or with the roll-ups in their accounts. */
export type KeptField = OwnedField | RollupField;

/**
 * Whether an owned field can hold what oppsync writes: `missing`, there but hidden from or read-only for this user
 * (`not_permitted`), or there but of the wrong kind (`unsuitable`).
 */
export interface OwnedFieldCheck {
  readonly field: KeptField;
  readonly native: string;
  /** The CRM's name of the objects that have it, when they are not the records themselves. */
  readonly object?: string;
  readonly state: 'ready' | 'missing' | 'not_permitted' | 'unsuitable';
  /** Why it is unsuitable. */
  readonly problem: ErrorDetails | null;
}

/** Makes the fields oppsync owns in a CRM. */
export interface Provisioner {
  check(signal: AbortSignal): Promise<readonly OwnedFieldCheck[]>;
  /** Makes these fields and permits them; safe to repeat. Answers what could not be done, each with its remedy. */
  make(fields: readonly KeptField[], signal: AbortSignal): Promise<readonly ErrorDetails[]>;
}

/** The fields oppsync owns in one CRM, and what became of them. */
export interface ProvisionReport {
  readonly crm: Crm;
  /** As they are now. */
  readonly fields: readonly OwnedFieldCheck[];
  /** Those that were not usable before and are now. */
  readonly made: readonly KeptField[];
  /** What could not be done, each with its remedy. */
  readonly problems: readonly ErrorDetails[];
}
