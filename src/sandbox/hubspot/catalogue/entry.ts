import { definition, optionsOf, type PropertyDefinition, type PropertyKind } from '../property-definition.ts';

/** One line of a catalogue: name, type, then flags. */
export type Entry = readonly [name: string, type: PropertyKind, flags?: Flags];

export interface Flags {
  /** The CRM writes it; a write through the API is refused. */
  readonly readOnly?: boolean;
  /** Computed from other values: read-only and marked `calculated`. */
  readonly calculated?: boolean;
  readonly external?: boolean;
  readonly options?: readonly string[];
  readonly fieldType?: string;
  readonly label?: string;
  readonly unique?: boolean;
}

/** Definitions of properties HubSpot itself provides. */
export function hubspotDefined(groupName: string, entries: readonly Entry[]): PropertyDefinition[] {
  return entries.map((entry) => built(groupName, entry, true));
}

/** Definitions of properties somebody created in the portal. */
export function custom(groupName: string, entries: readonly Entry[]): PropertyDefinition[] {
  return entries.map((entry) => built(groupName, entry, false));
}

function built(groupName: string, [name, type, flags = {}]: Entry, hubspot: boolean): PropertyDefinition {
  return definition({
    name,
    type,
    groupName,
    hubspotDefined: hubspot,
    label: flags.label ?? name,
    calculated: flags.calculated === true,
    readOnlyValue: flags.calculated === true || flags.readOnly === true,
    externalOptions: flags.external === true,
    hasUniqueValue: flags.unique === true,
    ...(flags.fieldType === undefined ? {} : { fieldType: flags.fieldType }),
    ...(flags.options === undefined ? {} : { options: optionsOf(flags.options) }),
  });
}

const RO = { readOnly: true } as const;

/** What every object carries, whatever its type. */
export const EVERY_OBJECT: readonly Entry[] = [
  ['hs_object_id', 'number', { readOnly: true, label: 'Record ID' }],
  ['hs_object_source', 'string', RO],
  ['hs_object_source_id', 'string', RO],
  ['hs_object_source_label', 'string', RO],
  ['hs_object_source_detail_1', 'string', RO],
  ['hs_object_source_detail_2', 'string', RO],
  ['hs_object_source_detail_3', 'string', RO],
  ['hs_object_source_user_id', 'number', RO],
  ['hs_created_by_user_id', 'number', RO],
  ['hs_updated_by_user_id', 'number', RO],
  ['hs_merged_object_ids', 'enumeration', { readOnly: true, external: true, fieldType: 'checkbox' }],
  ['hs_unique_creation_key', 'string', RO],
  ['hs_read_only', 'bool', RO],
  ['hs_user_ids_of_all_owners', 'enumeration', { readOnly: true, external: true, fieldType: 'checkbox' }],
  ['hs_all_owner_ids', 'enumeration', { readOnly: true, external: true, fieldType: 'checkbox' }],
  ['hubspot_owner_id', 'enumeration', { external: true, label: 'Owner' }],
  ['hubspot_team_id', 'enumeration', { readOnly: true, external: true }],
  ['hubspot_owner_assigneddate', 'datetime', RO],
];
