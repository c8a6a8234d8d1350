import { objectOf, onlyKeys, Refusal } from './refusal.ts';
import type { SandboxEdit, SimRequest } from './simulator.ts';

const EDIT_KEYS = ['type', 'id', 'action', 'fields', 'into', 'absorbs', 'associations', 'actor'];
const ACTIONS = ['update', 'create', 'delete', 'restore', 'merge'] as const;
const TEXT_KEYS = ['type', 'id', 'into', 'absorbs', 'actor'] as const;
/** Who edits when the edit does not say. */
const SOMEBODY = 'human:someone';

/** @throws {Refusal} when the body is not JSON. */
export function requestBody({ body }: SimRequest): unknown {
  if (body.length === 0) throw new Refusal('a JSON body is expected');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new Refusal('the body is not JSON in UTF-8');
  }
}

/** The shape of a person's edit; whether the CRM takes it is for the simulator to say. @throws {Refusal} */
export function settleEdit(value: unknown): SandboxEdit {
  const edit = objectOf(value, 'an edit');
  onlyKeys(edit, EDIT_KEYS, 'edit');
  const texts: Partial<Record<(typeof TEXT_KEYS)[number], string>> = {};
  for (const key of TEXT_KEYS) {
    const text = edit[key];
    if (text === undefined) continue;
    // An id may well be given as a number; the CRMs know it as text.
    if (typeof text === 'number' && Number.isSafeInteger(text)) texts[key] = String(text);
    else if (typeof text === 'string' && text !== '') texts[key] = text;
    else throw new Refusal(`edit: "${key}" must be a text that is not empty`);
  }
  const { type, actor = SOMEBODY, ...ids } = texts;
  if (type === undefined) throw new Refusal('edit: "type" is missing, such as "Opportunity" or "deal"');
  const action = ACTIONS.find((known) => known === (edit['action'] ?? 'update'));
  if (action === undefined) throw new Refusal(`edit: "action" must be one of ${ACTIONS.join(', ')}`);
  if (action !== 'create' && action !== 'merge' && ids.id === undefined) {
    throw new Refusal(`edit: "id" is missing; ${action} needs to know the record`);
  }
  const fields = edit['fields'] === undefined ? undefined : objectOf(edit['fields'], 'edit: "fields"');
  const companies = companiesOf(edit['associations']);
  return {
    type,
    actor,
    action,
    ...ids,
    ...(fields === undefined ? {} : { fields }),
    ...(companies === undefined ? {} : { associations: { companies } }),
  };
}

function companiesOf(value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const associations = objectOf(value, 'edit: "associations"');
  onlyKeys(associations, ['companies'], 'edit: associations');
  const companies = associations['companies'] ?? [];
  if (Array.isArray(companies) && companies.every((id) => typeof id === 'string')) return companies;
  throw new Refusal('edit: "associations.companies" must be a list of ids');
}
