/** What can be wrong in a dataset line, by name. Sentences in other languages are the caller's. */

const FORM = '{"crm":"salesforce|hubspot","type":"…","fields":{…}}';

export const DATASET_FAULTS = {
  // Any line
  not_json: `this is not JSON ({detail}); expected ${FORM}`,
  not_a_line: `expected ${FORM}, but this is {found}`,
  outer_key: `unknown key "{key}" beside the fields; expected ${FORM}`,
  crm: '"crm" is {found}; expected "salesforce" or "hubspot"',
  type: '"type" is {found}; expected the name of a record type, such as "deal"',
  fields: '"fields" must be an object of native field names and values, but this is {found}',
  deleted: '"deleted" is {found}; expected true or false',
  associations: '"associations" must be {"companies":[ID, …]}, but this is {found}',
  association: 'unknown association "{name}"; expected {"companies":[ID, …]}',
  companies: '"associations.companies" must be a list of ids',
  company: '"associations.companies" holds {found}; expected an id',
  deep: 'values are nested deeper than {most} levels',
  big_number: 'a number is too large to be kept exactly; write it as text',
  half_character: 'a text holds half of a surrogate pair, which no CRM would store',
  forbidden_key: 'the key "{key}" is not allowed',
  long_line: 'the line is longer than {most} MB; a record fits in far less',
  not_utf8: 'the line is not valid UTF-8; save the file as UTF-8',
  // A HubSpot line
  unknown_type: 'unknown type "{type}" for {crm}; the nearest known one is "{near}"',
  unknown_key: 'unknown key "{name}" for a {what}; the nearest known one is "{near}"',
  unknown_property:
    'unknown key "{name}" for a {what}; the nearest known one is "{near}" (own properties need a property line before the records)',
  needed: 'a {what} needs "{name}"',
  owner_id: 'the id "{id}" of this owner is not a HubSpot owner id: digits only',
  record_id: 'the id "{id}" of this {what} is not a HubSpot record id: digits only, at most 16',
  id_twice: 'there are two {what} lines with id {id}',
  unique: '"{name}" must be unique, and "{value}" is taken by {id}',
  bad_value: '"{name}": {words}',
  stages: '"stages" of a pipeline must be a list',
  many_stages: 'pipeline {id} has {count} stages; HubSpot allows 100',
  stage: 'a stage must be an object',
  metadata: '"metadata" of stage {id} must be an object',
  probability: '"probability" of stage {id} must be between 0.0 and 1.0',
  object_type: '"objectType" {found} is unknown',
  property_type: '"type" of property {name} must be one of {known}',
  field_type: '"fieldType" {found} does not go with type {type}; use {known}',
  own_property: "property {name} is HubSpot's own and cannot be defined again",
  options: '"options" of property {name} must be a list',
  not_associable: 'a {what} cannot be associated with "{name}"',
  absent: '{what} {id} is associated with {other} {otherId}, which the dataset does not hold',
  // A Salesforce line
  other_crm: 'this is a line of {crm}, not of salesforce',
  sf_type: "unknown salesforce type '{name}'[; did you mean '{near}'?][; known are {known}]",
  sf_field: "unknown {what} field '{name}'[; did you mean '{near}'?][; known are {known}]",
  sf_custom_field:
    "unknown {what} field '{name}'; a field of your own needs a line such as {example}[; or did you mean '{near}'?]",
  sf_key: "unknown CustomField key '{name}'[; did you mean '{near}'?][; known are {known}]",
  sf_field_type: "unknown CustomField Type '{name}'[; did you mean '{near}'?][; known are {known}]",
  full_name: "CustomField FullName '{name}' must end in __c",
  picklists: 'RecordType PicklistValues must name fields, each with a list of texts',
  record_type_default: 'RecordType Default must be true or false',
  not_deletable: '{what} cannot be deleted',
  sf_value: '{what} field {name}: bad value {value} for type {type}[; write it as {example}]',
} as const satisfies Readonly<Record<string, string>>;

export type DatasetFault = keyof typeof DATASET_FAULTS;
export type DatasetFaultParams = Readonly<Record<string, string>>;

/** Fills a sentence: `{name}` from `params`; a part in `[…]` is left out when its value is missing. */
export function datasetSentence(fault: DatasetFault, params: DatasetFaultParams): string {
  return DATASET_FAULTS[fault]
    .replace(/\[([^\]]*\{(\w+)\}[^\]]*)\]/g, (_all, part: string, name: string) =>
      Object.hasOwn(params, name) ? part : '',
    )
    .replace(/\{(\w+)\}/g, (all, name: string) => params[name] ?? all);
}
