import type { FieldFact } from '../../core/account-facts.ts';
import type { ErrorDetails } from '../../core/errors.ts';
import type { FieldKind } from '../../core/opportunity.ts';
import { STANDARD_EVIDENCE } from '../../core/rules.ts';
import type { Told } from '../../core/told.ts';
import { evidenceSource, namedEvidence } from '../evidence-source.ts';
import {
  conventionalField,
  EVIDENCE_FIELDS,
  EVIDENCE_PREFIX,
  type EvidenceFact,
  NATIVE_FIELDS,
  OWNED_NATIVE_FIELDS,
  RAW_PREFIX,
  RECORD_TYPE_FIELD,
} from './fields.ts';
import { isRow, type Row } from './query.ts';
import { type SalesforceSentence, told } from './sentences.ts';
import type { SalesforceSettings } from './settings.ts';

/** Fields by native name, as the describe call lists them. Fields hidden from the user are simply not in the list. */
export type NativeFields = ReadonlyMap<string, Row>;

export function nativeFields(describe: unknown): NativeFields | null {
  const list = isRow(describe) ? describe['fields'] : undefined;
  if (!Array.isArray(list)) return null;
  return new Map(
    list
      .filter(isRow)
      .flatMap((field) => (typeof field['name'] === 'string' ? [[field['name'], field]] : [])),
  );
}

/** Active values of a picklist, in its order. */
export function activeValues(field: Row): string[] {
  const values = field['picklistValues'];
  if (!Array.isArray(values)) return [];
  return values
    .filter(isRow)
    .filter((value) => value['active'] !== false)
    .flatMap((value) => (typeof value['value'] === 'string' ? [value['value']] : []));
}

function factFor(field: string, native: string, kind: FieldKind, found: Row): FieldFact {
  const length = found['length'];
  const isText = ['string', 'textarea', 'picklist', 'multipicklist', 'url', 'email', 'phone'].includes(
    String(found['type']),
  );
  return {
    field,
    native,
    kind,
    readable: true,
    writable: found['updateable'] === true && found['calculated'] !== true,
    choices: found['restrictedPicklist'] === true && kind !== 'stage' ? activeValues(found) : null,
    maxLength: isText && typeof length === 'number' && length > 0 ? length : null,
    // Upserts need an external id, and only a unique one cannot be there twice.
    ...(found['externalId'] === true && found['unique'] === true ? { unique: true } : {}),
  };
}

type Missing = Extract<SalesforceSentence, `hidden_${string}`>;

function problem(code: string, field: string, what: Told): ErrorDetails {
  return { recovery: 'fix', code, ...what, crm: 'salesforce', field };
}

function hidden(field: string, native: string, why: Missing): ErrorDetails {
  return problem('salesforce.field_missing', field, told(why, { native, field }));
}

function readOnly(field: string, native: string): ErrorDetails {
  return problem('salesforce.field_read_only', field, told('uneditable', { native, field }));
}

const GRANT = 'hidden_standard';
const PROVISION = 'hidden_owned';
const NAMED = 'hidden_named';

/** Whose relationship a reference field opens, and which of its fields we want. */
const PARENTS: readonly { reference: string; relationship: string; path: string; kind: FieldKind }[] = [
  { reference: 'AccountId', relationship: 'Account', path: 'Account.Name', kind: 'text' },
  { reference: 'OwnerId', relationship: 'Owner', path: 'Owner.Email', kind: 'person' },
  { reference: 'OwnerId', relationship: 'Owner', path: 'Owner.IsActive', kind: 'boolean' },
];

/** Salesforce ships no field for why a sale was won or lost; these are what teams call theirs. Others are configured. */
const REASONS: Readonly<Record<string, readonly string[]>> = {
  wonReason: ['Won_Reason__c', 'Win_Reason__c', 'Closed_Won_Reason__c'],
  lostReason: ['Loss_Reason__c', 'Lost_Reason__c', 'Closed_Lost_Reason__c'],
};

/** A parent that proves something, with those of its fields this user may see. */
export interface SeenParent {
  readonly relationship: string;
  readonly seen: readonly string[];
}

function parentFact(path: string, kind: FieldKind): FieldFact {
  return {
    field: RAW_PREFIX + path,
    native: path,
    kind,
    readable: true,
    writable: false,
    choices: null,
    maxLength: null,
  };
}

/** PURE. What a describe answer means for us: the fields we can use, and what is missing with its remedy. */
export function fieldFacts(
  found: NativeFields,
  settings: Pick<SalesforceSettings, 'customFields' | 'evidence'>,
  parents: readonly SeenParent[] = [],
  /** Whether the org has record types that are to be respected. */
  withTypes = false,
): { fields: FieldFact[]; problems: ErrorDetails[] } {
  const fields: FieldFact[] = [];
  const problems: ErrorDetails[] = [];

  function add(
    field: string,
    native: string,
    kind: FieldKind,
    missing: Missing,
    toWrite: boolean,
    yes: EvidenceFact['yes'] = null,
  ): void {
    const described = found.get(native);
    if (described === undefined) {
      problems.push(hidden(field, native, missing));
      return;
    }
    const fact = factFor(field, native, kind, described);
    const listed: EvidenceFact = { ...fact, yes };
    fields.push(yes === null ? fact : listed);
    if (toWrite && !fact.writable) problems.push(readOnly(field, native));
  }

  for (const [field, { native, kind }] of Object.entries(NATIVE_FIELDS)) {
    if (field === 'currency' && !found.has(native)) continue;
    add(field, native, kind, GRANT, true);
  }
  for (const [field, { native, kind }] of Object.entries(OWNED_NATIVE_FIELDS))
    add(field, native, kind, PROVISION, true);
  for (const [field, { native, kind }] of Object.entries(settings.customFields))
    add(field, native, kind, NAMED, true);
  const named = namedEvidence(settings.evidence);
  for (const [name, setting] of Object.entries(named)) {
    const { native, yes } = evidenceSource(setting);
    add(EVIDENCE_PREFIX + name, native, 'text', NAMED, false, yes);
  }
  for (const name of Object.keys(STANDARD_EVIDENCE)) {
    const native = conventionalField(name);
    const described = found.get(native);
    // An amount or a text of that name may mean anything; a checkbox or a date does not.
    if (Object.hasOwn(named, name) || described === undefined) continue;
    if (['boolean', 'date', 'datetime'].includes(String(described['type'])))
      fields.push(factFor(EVIDENCE_PREFIX + name, native, 'text', described));
  }
  for (const [name, natives] of Object.entries(REASONS)) {
    const native = natives.find((one) => found.has(one));
    const described = native === undefined ? undefined : found.get(native);
    if (native === undefined || described === undefined || Object.hasOwn(named, name)) continue;
    if (['picklist', 'string', 'textarea', 'multipicklist'].includes(String(described['type'])))
      fields.push(factFor(EVIDENCE_PREFIX + name, native, 'text', described));
  }
  for (const { relationship, seen } of parents) {
    for (const native of seen) fields.push(parentFact(`${relationship}.${native}`, 'text'));
  }
  for (const [native, kind] of Object.entries(EVIDENCE_FIELDS)) {
    const described = found.get(native);
    if (native === RECORD_TYPE_FIELD && !withTypes) continue;
    if (described !== undefined) fields.push(factFor(RAW_PREFIX + native, native, kind, described));
  }
  for (const parent of PARENTS) {
    if (found.get(parent.reference)?.['relationshipName'] !== parent.relationship) continue;
    fields.push(parentFact(parent.path, parent.kind));
  }
  return { fields, problems };
}
