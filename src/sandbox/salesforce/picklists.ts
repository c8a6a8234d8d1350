import type { Org } from './org.ts';
import type { Field } from './schema/field.ts';
import type { Row } from './table.ts';

export interface PicklistEntry {
  readonly value: string;
  readonly label: string;
  /** The stage behind a value of StageName. */
  readonly stage: Row | null;
}

/** The active values of a picklist in their order, whatever the record type. */
export function activeEntries(org: Org, field: Field): PicklistEntry[] {
  if (field.name === 'StageName') {
    const stages = org.table('OpportunityStage');
    return [...stages.rows.values()]
      .filter((row) => stages.read(row, 'IsActive') === true)
      .sort((a, b) => Number(stages.read(a, 'SortOrder') ?? 0) - Number(stages.read(b, 'SortOrder') ?? 0))
      .map((row) => ({
        value: String(stages.read(row, 'ApiName')),
        label: String(stages.read(row, 'MasterLabel')),
        stage: row,
      }));
  }
  if (field.name === 'CurrencyIsoCode') {
    const currencies = org.table('CurrencyType');
    return [...currencies.rows.values()].map((row) => plain(String(currencies.read(row, 'IsoCode'))));
  }
  return field.values.map(plain);
}

/** Whether other values than the active ones are refused; how an org keeps its stages is a switch. */
export function isRestricted(org: Org, field: Field): boolean {
  return field.name === 'StageName' ? org.switches.restrictedStages : field.restricted;
}

function plain(value: string): PicklistEntry {
  return { value, label: value, stage: null };
}
