/** Opportunities from an export: the same mapping as for records read from the org, with facts from the file itself. */

import type { FieldFact, StageInfo } from '../../core/account-facts.ts';
import type { Evidence } from '../../core/opportunity.ts';
import { evidenceSource } from '../evidence-source.ts';
import type {
  Contact,
  DescribedAccount,
  DescribedLine,
  NativeFields,
  OfflineReader,
  OfflineRules,
} from '../offline.ts';
import { toOwner, toStage } from './describe.ts';
import { EVIDENCE_OBJECTS, type EvidenceObject, itemOf } from './evidence-objects.ts';
import {
  conventionalField,
  EVIDENCE_FIELDS,
  EVIDENCE_PREFIX,
  type EvidenceFact,
  NATIVE_FIELDS,
  OWNED_NATIVE_FIELDS,
  RAW_PREFIX,
  type SalesforceFacts,
} from './fields.ts';
import { createMapper } from './map.ts';
import { to18 } from './record-id.ts';

/** The stages a new org ships with: name, probability in percent, closed, won. */
const STANDARD: readonly (readonly [string, number, boolean, boolean])[] = [
  ['Prospecting', 10, false, false],
  ['Qualification', 10, false, false],
  ['Needs Analysis', 20, false, false],
  ['Value Proposition', 50, false, false],
  ['Id. Decision Makers', 60, false, false],
  ['Perception Analysis', 70, false, false],
  ['Proposal/Price Quote', 75, false, false],
  ['Negotiation/Review', 90, false, false],
  ['Closed Won', 100, true, true],
  ['Closed Lost', 0, true, false],
];

const STANDARD_STAGES: readonly StageInfo[] = STANDARD.map(([label, percent, closed, won], order) => ({
  key: label,
  label,
  pipeline: null,
  pipelineLabel: null,
  order,
  closed,
  won,
  probability: percent / 100,
  active: true,
}));

const FLAGS = ['IsClosed', 'IsWon', 'IsDeleted', 'HasOpportunityLineItem', 'IsActive', 'Incoming'];
const NUMBERS = ['Probability', 'DefaultProbability', 'SortOrder'];

/** Exports by way of a table write everything as text. Returns the same object when nothing has to change. */
function typed(fields: NativeFields): NativeFields {
  let changed: Record<string, unknown> | null = null;
  for (const name of FLAGS) {
    const value = fields[name];
    if (typeof value !== 'string') continue;
    changed ??= { ...fields };
    const text = value.trim().toLowerCase();
    changed[name] = text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : null;
  }
  for (const name of NUMBERS) {
    const value = fields[name];
    if (typeof value !== 'string') continue;
    changed ??= { ...fields };
    changed[name] = value.trim() === '' || !Number.isFinite(Number(value)) ? null : Number(value);
  }
  return changed ?? fields;
}

function fact(field: string, native: string, kind: FieldFact['kind']): FieldFact {
  return { field, native, kind, readable: true, writable: false, choices: null, maxLength: null };
}

function facts(account: DescribedAccount, rules: OfflineRules): SalesforceFacts {
  const evidence = new Map<string, EvidenceFact>(
    rules.evidenceNames.map((name) => [name, fact(EVIDENCE_PREFIX + name, conventionalField(name), 'text')]),
  );
  for (const [name, setting] of Object.entries(rules.evidence)) {
    const { native, yes } = evidenceSource(setting);
    evidence.set(name, { ...fact(EVIDENCE_PREFIX + name, native, 'text'), yes });
  }
  return {
    crm: 'salesforce',
    accountId: '',
    timeZone: 'UTC',
    currency: null,
    currencies: null,
    stages: account.stages.length > 0 ? account.stages : STANDARD_STAGES,
    fields: [
      ...Object.entries(NATIVE_FIELDS).map(([field, { native, kind }]) => fact(field, native, kind)),
      ...Object.entries(OWNED_NATIVE_FIELDS).map(([field, { native, kind }]) => fact(field, native, kind)),
      ...Object.entries(EVIDENCE_FIELDS).map(([native, kind]) => fact(RAW_PREFIX + native, native, kind)),
      ...evidence.values(),
    ],
    owners: account.owners,
    clockOffsetMs: 0,
    problems: [],
    evidenceObjects: {},
    // Without activities among the lines the opportunity's own last activity is all there is.
    activities: account.contacts === undefined ? 'off' : 'auto',
  };
}

/** Lines that are activities. */
const ACTIVITIES = new Map(
  EVIDENCE_OBJECTS.filter(({ isActivity }) => isActivity).map((of) => [of.object, of]),
);

function contactOf(of: EvidenceObject, fields: NativeFields): NonNullable<DescribedLine['activity']> | null {
  // A line may say that a task is completed without the flag that follows from it.
  const row =
    fields['IsClosed'] === undefined ? { ...fields, IsClosed: fields['Status'] === 'Completed' } : fields;
  const { records, at, what, item } = itemOf(of, row);
  const [record] = records;
  return record === undefined || at === null ? null : { record, contact: { at, from: `${what} ${item}` } };
}

function inTouch(evidence: Evidence, { at, from }: Contact): Evidence {
  const said = { crm: 'salesforce', about: 'contact', says: at, from };
  return { ...evidence, lastContactAt: at, said: [...(evidence.said ?? []), said] };
}

/** A stage the file does not describe: its name is its label, and nobody has said that it was deleted. */
function undescribed(evidence: Evidence, assumed: boolean): Evidence {
  if (evidence.stageExists !== false) return evidence;
  return { ...evidence, stageLabel: evidence.stageKey ?? null, stageExists: assumed ? null : false };
}

export const salesforceOffline: OfflineReader = {
  crm: 'salesforce',
  recordType: 'Opportunity',
  describingTypes: ['OpportunityStage', 'User', ...ACTIVITIES.keys()],
  describe(type, given) {
    const fields = typed(given);
    const activity = ACTIVITIES.get(type);
    if (activity !== undefined) return { stages: [], owners: [], activity: contactOf(activity, fields) };
    if (type === 'User') {
      const owner = toOwner(fields);
      return { stages: [], owners: owner.id === '' || owner.email === '' ? [] : [owner] };
    }
    const stage = toStage(fields);
    const key = stage.key === '' ? stage.label : stage.key;
    const label = stage.label === '' ? key : stage.label;
    return { stages: key === '' ? [] : [{ ...stage, key, label }], owners: [] };
  },
  facts,
  idOf(fields) {
    const id = fields['Id'];
    return typeof id === 'string' && id.trim() !== '' ? to18(id.trim()) : null;
  },
  createMapper(known, account, readAt) {
    const map = createMapper(known);
    const assumed = account.stages.length === 0;
    return (fields, deleted) => {
      const snapshot = map(typed(fields), readAt);
      const contact = account.contacts?.get(snapshot.id);
      const evidence = undescribed(snapshot.evidence, assumed);
      return {
        ...snapshot,
        deleted: deleted || snapshot.deleted,
        evidence: contact === undefined ? evidence : inTouch(evidence, contact),
      };
    };
  },
};
