/** Creates the properties oppsync owns, in a group of their own. */
import { type ErrorDetails, OppsyncError } from '../../core/errors.ts';
import type { OwnedFieldCheck, Provisioner } from '../../core/provision-port.ts';
import { asList, asObject, asText, type Json } from './answer.ts';
import type { HubspotClient, Outcome } from './client.ts';
import { ON_DEALS, type OwnField, type OwnFields } from './own-fields.ts';
import { pathsOf } from './paths.ts';
import { told } from './sentences.ts';
import type { HubspotSettings } from './settings.ts';

const GROUP = 'oppsync';

export function createProvisioner(
  client: HubspotClient,
  settings: HubspotSettings,
  own: OwnFields,
): Provisioner {
  const properties = pathsOf(settings.generation).propertiesOf(own.object);
  return {
    async check(signal) {
      const { body } = await client.call({ method: 'GET', path: properties }, signal);
      const known = new Map(
        asList(asObject(body)['results']).map((each) => [asText(asObject(each)['name']), asObject(each)]),
      );
      return own.fields.map((field) => checkOf(own, field, known.get(field.native)));
    },

    async make(fields, signal) {
      const group = { name: GROUP, label: 'oppsync', displayOrder: -1 };
      const path = `${properties}/groups`;
      const made = await client.attempt({ method: 'POST', path, json: group, writes: true }, signal);
      if (!isThere(made)) return [explained(made)];
      const problems: ErrorDetails[] = [];
      for (const { field, native: name, definition } of own.fields) {
        if (!fields.includes(field)) continue;
        const description = 'Kept by oppsync.';
        const json = { name, groupName: GROUP, description, ...definition };
        const outcome = await client.attempt(
          { method: 'POST', path: properties, json, writes: true },
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

function checkOf(
  own: OwnFields,
  { field, native, definition }: OwnField,
  property: Json | undefined,
): OwnedFieldCheck {
  const about = { field, native, ...(own === ON_DEALS ? {} : { object: own.object }) };
  if (property === undefined) return { ...about, state: 'missing', problem: null };
  const readOnly = asObject(property['modificationMetadata'])['readOnlyValue'] === true;
  if (readOnly || property['calculated'] === true) return { ...about, state: 'not_permitted', problem: null };
  const { type } = definition;
  const found = asText(property['type']) ?? '?';
  const why =
    property['type'] !== type
      ? told(own === ON_DEALS ? 'deal_property_type' : 'company_property_type', {
          ...{ native, found, wanted: String(type) },
        })
      : field === 'pairKey' && property['hasUniqueValue'] !== true
        ? told('deal_property_not_unique', { native })
        : null;
  if (why === null) return { ...about, state: 'ready', problem: null };
  const problem: ErrorDetails = {
    recovery: 'fix',
    code: 'hubspot.property-unsuitable',
    crm: 'hubspot',
    field,
    ...why,
  };
  return { ...about, state: 'unsuitable', problem };
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
