/** Creates the deal properties oppsync owns, in a group of their own. */
import { type ErrorDetails, OppsyncError } from '../../core/errors.ts';
import { OWNED_FIELDS, type OwnedField } from '../../core/opportunity.ts';
import type { OwnedFieldCheck, Provisioner } from '../../core/ports.ts';
import { asList, asObject, asText, type Json } from './answer.ts';
import type { HubspotClient, Outcome } from './client.ts';
import { OWNED_NATIVE_FIELDS } from './fields.ts';
import { pathsOf } from './paths.ts';
import type { HubspotSettings } from './settings.ts';

const GROUP = 'oppsync';

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

export function createProvisioner(client: HubspotClient, settings: HubspotSettings): Provisioner {
  const paths = pathsOf(settings.generation);
  return {
    async check(signal) {
      const { body } = await client.call({ method: 'GET', path: paths.properties }, signal);
      const known = new Map(
        asList(asObject(body)['results']).map((each) => [asText(asObject(each)['name']), asObject(each)]),
      );
      return OWNED_FIELDS.map((field) => checkOf(field, known.get(OWNED_NATIVE_FIELDS[field])));
    },

    async make(fields, signal) {
      const group = { name: GROUP, label: 'oppsync', displayOrder: -1 };
      const path = `${paths.properties}/groups`;
      const made = await client.attempt({ method: 'POST', path, json: group, writes: true }, signal);
      if (!isThere(made)) return [explained(made)];
      const problems: ErrorDetails[] = [];
      for (const field of fields) {
        const name = OWNED_NATIVE_FIELDS[field];
        const description = 'Kept by oppsync.';
        const json = { name, groupName: GROUP, description, ...DEFINITIONS[field] };
        const outcome = await client.attempt(
          { method: 'POST', path: paths.properties, json, writes: true },
          signal,
        );
        if (isThere(outcome)) continue;
        const problem = explained(outcome);
        problems.push({ ...problem, field });
        // A missing scope is missing for all of them.
        if (problem.recovery === 'stop') break;
      }
      return problems;
    },
  };
}

function checkOf(field: OwnedField, property: Json | undefined): OwnedFieldCheck {
  const native = OWNED_NATIVE_FIELDS[field];
  if (property === undefined) return { field, native, state: 'missing', problem: null };
  const readOnly = asObject(property['modificationMetadata'])['readOnlyValue'] === true;
  if (readOnly || property['calculated'] === true)
    return { field, native, state: 'not_permitted', problem: null };
  const { type } = DEFINITIONS[field];
  const why =
    property['type'] !== type
      ? `is of type ${asText(property['type']) ?? 'unknown'}, not ${String(type)}`
      : field === 'pairKey' && property['hasUniqueValue'] !== true
        ? 'is not unique, so it cannot keep pairs apart'
        : null;
  if (why === null) return { field, native, state: 'ready', problem: null };
  const problem: ErrorDetails = {
    recovery: 'fix',
    code: 'hubspot.property-unsuitable',
    crm: 'hubspot',
    field,
    message: `HubSpot: the deal property ${native} exists but ${why}.`,
    remedy: 'Delete it in HubSpot (its values are oppsync’s own) and run oppsync provision again.',
  };
  return { field, native, state: 'unsuitable', problem };
}

/** Made now, or there already (409). */
function isThere(outcome: Outcome): boolean {
  return outcome.ok || outcome.answer?.status === 409;
}

/** @throws OppsyncError when HubSpot cannot be reached or does not know the credentials */
function explained(outcome: Outcome): ErrorDetails {
  if (outcome.ok) throw new Error('what succeeded needs no explanation');
  const { error, answer } = outcome;
  if (error.unreachable === true || answer?.status === 401) throw new OppsyncError(error);
  return error;
}
