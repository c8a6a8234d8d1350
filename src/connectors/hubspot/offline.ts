/** Deals from an export: the same mapping as for deals read from the portal, with facts from the file itself. */

import type { StageInfo } from '../../core/account-facts.ts';
import { STANDARD_FIELDS } from '../../core/opportunity.ts';
import { evidenceSource } from '../evidence-source.ts';
import type { DescribedAccount, NativeFields, OfflineReader, OfflineRules } from '../offline.ts';
import { asText, type NativeDeal } from './answer.ts';
import { ownerOf, stagesOfPipelines } from './describe.ts';
import {
  conventionalProperty,
  type HubspotFacts,
  type HubspotFieldFact,
  OWNED_NATIVE_FIELDS,
  STANDARD_NATIVE_FIELDS,
} from './fields.ts';
import { toSnapshot } from './map.ts';
import { shapeOf } from './shape.ts';

const DEFAULT_PIPELINE = 'default';

/** The stages of the pipeline a new portal has: id, label, probability, closed. */
const STANDARD: readonly (readonly [string, string, number, boolean])[] = [
  ['appointmentscheduled', 'Appointment Scheduled', 0.2, false],
  ['qualifiedtobuy', 'Qualified To Buy', 0.4, false],
  ['presentationscheduled', 'Presentation Scheduled', 0.6, false],
  ['decisionmakerboughtin', 'Decision Maker Bought-In', 0.8, false],
  ['contractsent', 'Contract Sent', 0.9, false],
  ['closedwon', 'Closed Won', 1, true],
  ['closedlost', 'Closed Lost', 0, true],
];

const STANDARD_STAGES: readonly StageInfo[] = STANDARD.map(([id, label, probability, closed], order) => ({
  key: `${DEFAULT_PIPELINE}/${id}`,
  label,
  pipeline: DEFAULT_PIPELINE,
  pipelineLabel: 'Sales Pipeline',
  order,
  closed,
  won: closed && probability === 1,
  probability,
  active: true,
}));

const FLAGS = ['hs_is_closed', 'hs_is_closed_won', 'hs_is_closed_lost'] as const;

/** HubSpot holds every value as text; exports by way of other programs do not. */
function properties(fields: NativeFields): NativeDeal['properties'] {
  return isAsHubspotHolds(fields) ? fields : asHubspotHolds(fields);
}

/** Most exports are: then nothing has to be copied. */
function isAsHubspotHolds(fields: NativeFields): fields is NativeDeal['properties'] {
  for (const name in fields) {
    const value = fields[name];
    if (typeof value !== 'string' && value !== null) return false;
  }
  return FLAGS.every((name) => {
    const held = fields[name] ?? '';
    return held === '' || held === 'true' || held === 'false';
  });
}

function asHubspotHolds(fields: NativeFields): NativeDeal['properties'] {
  const found: Record<string, string | null> = {};
  for (const name in fields) {
    const value = fields[name];
    if (name === '__proto__') continue;
    if (typeof value === 'string') found[name] = value;
    else if (value === null || value === undefined) found[name] = null;
    else if (typeof value === 'number' || typeof value === 'boolean') found[name] = String(value);
  }
  for (const name of FLAGS) {
    const held = found[name];
    if (typeof held === 'string') found[name] = held.trim().toLowerCase();
  }
  return found;
}

function fact(field: string, native: string, kind: HubspotFieldFact['kind']): HubspotFieldFact {
  return {
    field,
    native,
    kind,
    readable: true,
    writable: false,
    choices: null,
    maxLength: null,
    nativeType: 'string',
  };
}

function facts(account: DescribedAccount, rules: OfflineRules): HubspotFacts {
  const conventional = rules.evidenceNames.map((name) => ({
    name,
    native: conventionalProperty(name),
    type: null,
    yes: null,
  }));
  const named = Object.entries(rules.evidence).map(([name, setting]) => ({
    name,
    ...evidenceSource(setting),
    type: null,
  }));
  return {
    crm: 'hubspot',
    accountId: '',
    timeZone: 'UTC',
    currency: null,
    currencies: null,
    stages: account.stages.length > 0 ? account.stages : STANDARD_STAGES,
    fields: [
      ...Object.entries(STANDARD_NATIVE_FIELDS).map(([field, native]) =>
        fact(field, native, STANDARD_FIELDS[field] ?? 'text'),
      ),
      ...Object.entries(OWNED_NATIVE_FIELDS).map(([field, native]) => fact(field, native, 'text')),
    ],
    owners: account.owners,
    clockOffsetMs: 0,
    problems: [],
    activities: 'off',
    uiDomain: 'app.hubspot.com',
    // Later ones win over earlier ones of the same name.
    evidence: [...conventional, ...named],
  };
}

function textId(value: unknown): string | null {
  const id = asText(value);
  return id === null || id.trim() === '' ? null : id.trim();
}

function idOf(fields: NativeFields): string | null {
  return textId(fields['hs_object_id']) ?? textId(fields['id']);
}

export const hubspotOffline: OfflineReader = {
  crm: 'hubspot',
  recordType: 'deal',
  describingTypes: ['pipeline', 'owner'],
  describe(type, fields) {
    if (type === 'owner') {
      const owner = ownerOf(fields, fields['archived'] !== true && fields['archived'] !== 'true');
      return { stages: [], owners: owner === null ? [] : [owner] };
    }
    const stages = stagesOfPipelines([fields]);
    return {
      stages: stages.filter(({ key }) => !key.startsWith('/') && !key.endsWith('/')),
      owners: [],
    };
  },
  facts,
  idOf,
  createMapper(known, account) {
    const shape = shapeOf(known);
    const assumed = account.stages.length === 0;
    return (fields, deleted) => {
      const deal = {
        id: idOf(fields) ?? '',
        properties: properties(fields),
        updatedAt: null,
        archived: deleted || fields['archived'] === true,
        trace: null,
      };
      const snapshot = toSnapshot(deal, shape);
      const { evidence } = snapshot;
      // Without a described pipeline nobody has said that the stage was deleted.
      if (!assumed || evidence.stageExists !== false) return snapshot;
      return { ...snapshot, evidence: { ...evidence, stageExists: null } };
    };
  },
};
