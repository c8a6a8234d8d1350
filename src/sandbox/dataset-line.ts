import { DatasetError, type DatasetLine } from './simulator.ts';

const KNOWN_KEYS = ['crm', 'type', 'fields', 'associations', 'deleted'];
const CRMS = ['salesforce', 'hubspot'];
/** Names that would reach into the prototype of an object built from them. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
const MAX_DEPTH = 32;

/**
 * Checks the outer shape of one dataset line; which types and fields exist is for the simulator to say.
 * @throws {DatasetError} one sentence: what is wrong and what was expected.
 */
export function parseDatasetLine(text: string): DatasetLine {
  const value = asObject(parse(text), 'not_a_line');
  checkDeep(value, 0);
  for (const key of Object.keys(value)) {
    if (!KNOWN_KEYS.includes(key)) {
      throw new DatasetError('outer_key', { key });
    }
  }
  const { crm, type } = value;
  if (typeof crm !== 'string' || !CRMS.includes(crm)) {
    throw new DatasetError('crm', { found: show(crm) });
  }
  if (typeof type !== 'string' || type === '') {
    throw new DatasetError('type', { found: show(type) });
  }
  const fields = asObject(value['fields'], 'fields');
  const { deleted } = value;
  if (deleted !== undefined && typeof deleted !== 'boolean') {
    throw new DatasetError('deleted', { found: show(deleted) });
  }
  const companies = companiesOf(value['associations']);
  return {
    crm,
    type,
    fields,
    ...(companies === undefined ? {} : { associations: { companies } }),
    ...(deleted === undefined ? {} : { deleted }),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message.slice(0, 120) : '';
    throw new DatasetError('not_json', { detail });
  }
}

function companiesOf(associations: unknown): readonly string[] | undefined {
  if (associations === undefined) return undefined;
  const { companies, ...others } = asObject(associations, 'associations');
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) {
    throw new DatasetError('association', { name: unknown });
  }
  if (companies === undefined) return [];
  if (!Array.isArray(companies)) throw new DatasetError('companies');
  return companies.map((id: unknown) => {
    if (typeof id === 'string' && id !== '') return id;
    if (typeof id === 'number' && Number.isSafeInteger(id)) return String(id);
    throw new DatasetError('company', { found: show(id) });
  });
}

function checkDeep(value: unknown, depth: number): void {
  if (depth > MAX_DEPTH) throw new DatasetError('deep', { most: String(MAX_DEPTH) });
  if (typeof value === 'number' && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) {
    throw new DatasetError('big_number');
  }
  if (typeof value === 'string' && !value.isWellFormed()) {
    throw new DatasetError('half_character');
  }
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) checkDeep(item, depth + 1);
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (FORBIDDEN_KEYS.has(key)) throw new DatasetError('forbidden_key', { key });
    checkDeep(key, depth);
    checkDeep(inner, depth + 1);
  }
}

function asObject(value: unknown, fault: 'not_a_line' | 'fields' | 'associations'): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new DatasetError(fault, { found: show(value) });
}

function show(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
