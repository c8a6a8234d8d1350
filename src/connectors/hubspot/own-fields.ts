/** The properties oppsync owns on each kind of object, with what they are made of. */
import { OWNED_FIELDS, type OwnedField } from '../../core/opportunity.ts';
import type { KeptField } from '../../core/provision-port.ts';
import { ROLLUP_FIELDS, type RollupField } from '../../core/rollup.ts';
import { OWNED_NATIVE_FIELDS } from './fields.ts';

export interface OwnFields {
  readonly object: 'deals' | 'companies';
  readonly fields: readonly OwnField[];
}

export interface OwnField {
  readonly field: KeptField;
  readonly native: string;
  readonly definition: Readonly<Record<string, unknown>>;
}

const DEFINITIONS: Readonly<Record<OwnedField, Readonly<Record<string, unknown>>>> = {
  status: { label: 'oppsync status', type: 'string', fieldType: 'text' },
  outcome: { label: 'oppsync outcome', type: 'string', fieldType: 'text' },
  phase: { label: 'oppsync phase', type: 'string', fieldType: 'text' },
  engagement: { label: 'oppsync engagement', type: 'string', fieldType: 'text' },
  reason: { label: 'oppsync reason', type: 'string', fieldType: 'textarea' },
  completeness: { label: 'oppsync completeness', type: 'string', fieldType: 'text' },
  cycleDays: { label: 'oppsync cycle days', type: 'number', fieldType: 'number' },
  regressions: { label: 'oppsync regressions', type: 'number', fieldType: 'number' },
  pushes: { label: 'oppsync pushes', type: 'number', fieldType: 'number' },
  reopened: { label: 'oppsync reopened', type: 'number', fieldType: 'number' },
  lastContact: { label: 'oppsync last contact', type: 'date', fieldType: 'date' },
  // Uniqueness can only be given when the property is made.
  pairKey: { label: 'oppsync pair key', type: 'string', fieldType: 'text', hasUniqueValue: true },
};

export const ON_DEALS: OwnFields = {
  object: 'deals',
  fields: OWNED_FIELDS.map((field) => ({
    field,
    native: OWNED_NATIVE_FIELDS[field],
    definition: DEFINITIONS[field],
  })),
};

const ROLLUPS: Readonly<Record<RollupField, readonly [native: string, label: string]>> = {
  openAmount: ['oppsync_open_amount', 'oppsync open amount'],
  wonAmount: ['oppsync_won_amount', 'oppsync won amount'],
  winRate: ['oppsync_win_rate', 'oppsync win rate'],
  medianCycleDays: ['oppsync_median_cycle_days', 'oppsync median cycle days'],
};

export const ON_COMPANIES: OwnFields = {
  object: 'companies',
  fields: ROLLUP_FIELDS.map((field) => {
    const [native, label] = ROLLUPS[field];
    return { field, native, definition: { label, type: 'number', fieldType: 'number' } };
  }),
};

export function nativeRollup(field: RollupField): string {
  return ROLLUPS[field][0];
}
