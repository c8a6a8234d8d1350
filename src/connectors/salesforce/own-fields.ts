/** The custom fields oppsync owns on each object, with what they are made of (Tooling API, CustomField). */
import { OWNED_FIELDS, type OwnedField } from '../../core/opportunity.ts';
import type { KeptField } from '../../core/provision-port.ts';
import { ROLLUP_FIELDS, type RollupField } from '../../core/rollup.ts';
import { OWNED_NATIVE_FIELDS } from './fields.ts';

export interface OwnFields {
  readonly object: 'Opportunity' | 'Account';
  readonly fields: readonly OwnField[];
}

export interface OwnField {
  readonly field: KeptField;
  readonly native: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Texts long enough for every value. */
const METADATA: Readonly<Record<OwnedField, Readonly<Record<string, unknown>>>> = {
  status: { type: 'Text', label: 'oppsync Status', length: 40 },
  outcome: { type: 'Text', label: 'oppsync Outcome', length: 40 },
  phase: { type: 'Text', label: 'oppsync Phase', length: 40 },
  engagement: { type: 'Text', label: 'oppsync Engagement', length: 40 },
  reason: { type: 'Text', label: 'oppsync Reason', length: 255 },
  completeness: { type: 'Text', label: 'oppsync Completeness', length: 120 },
  cycleDays: { type: 'Number', label: 'oppsync Cycle Days', precision: 9, scale: 0 },
  regressions: { type: 'Number', label: 'oppsync Regressions', precision: 9, scale: 0 },
  pushes: { type: 'Number', label: 'oppsync Pushes', precision: 9, scale: 0 },
  reopened: { type: 'Number', label: 'oppsync Reopened', precision: 9, scale: 0 },
  lastContact: { type: 'Date', label: 'oppsync Last Contact' },
  pairKey: { type: 'Text', label: 'oppsync Pair Key', length: 80, externalId: true, unique: true },
};

export const ON_OPPORTUNITIES: OwnFields = {
  object: 'Opportunity',
  fields: OWNED_FIELDS.map((field) => ({
    field,
    native: OWNED_NATIVE_FIELDS[field].native,
    metadata: METADATA[field],
  })),
};

/** Scales are those the roll-ups are rounded to ({@link ../../core/rollup.ts rollUp}): what is read back equals what was written. */
const ROLLUPS: Readonly<Record<RollupField, Omit<OwnField, 'field'>>> = {
  openAmount: {
    native: 'Oppsync_Open_Amount__c',
    metadata: { type: 'Number', label: 'oppsync Open Amount', precision: 18, scale: 2 },
  },
  wonAmount: {
    native: 'Oppsync_Won_Amount__c',
    metadata: { type: 'Number', label: 'oppsync Won Amount', precision: 18, scale: 2 },
  },
  winRate: {
    native: 'Oppsync_Win_Rate__c',
    metadata: { type: 'Number', label: 'oppsync Win Rate', precision: 6, scale: 4 },
  },
  medianCycleDays: {
    native: 'Oppsync_Median_Cycle_Days__c',
    metadata: { type: 'Number', label: 'oppsync Median Cycle Days', precision: 9, scale: 1 },
  },
};

export const ON_ACCOUNTS: OwnFields = {
  object: 'Account',
  fields: ROLLUP_FIELDS.map((field) => ({ field, ...ROLLUPS[field] })),
};

/** Our name of a field of accounts, or the native name itself. */
export function accountField(native: string): string {
  const found = ON_ACCOUNTS.fields.find((own) => own.native.toLowerCase() === native.toLowerCase());
  return found?.field ?? native;
}

export function nativeRollup(field: RollupField): string {
  return ROLLUPS[field].native;
}
