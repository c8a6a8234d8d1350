/** Creates the custom fields oppsync owns, and lets the running user see and edit them through a permission set. */
import { type ErrorDetails, OppsyncError } from '../../core/errors.ts';
import type { KeptField, OwnedFieldCheck, Provisioner } from '../../core/provision-port.ts';
import { ROLLUP_FIELDS } from '../../core/rollup.ts';
import type { Told } from '../../core/told.ts';
import type { Client } from './client.ts';
import { nativeFields } from './describe-fields.ts';
import { vendorErrors } from './errors.ts';
import { ON_OPPORTUNITIES, type OwnField, type OwnFields } from './own-fields.ts';
import { isRow, type Row, readAllRows, toResultPage } from './query.ts';
import { told } from './sentences.ts';
import { isIn, text } from './soql.ts';

const PERMISSION_SET = 'Oppsync';

/** Errors that mean: this user may not do that. A resource hidden from a user is simply not found. */
const FORBIDDEN = new Set([
  'INSUFFICIENT_ACCESS',
  'INSUFFICIENT_ACCESS_OR_READONLY',
  'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY',
  'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
  'FORBIDDEN',
  'INVALID_TYPE',
  'NOT_FOUND',
]);

export function createProvisioner(client: Client, own: OwnFields): Provisioner {
  return {
    check: (signal) => check(client, own, signal),
    make: (fields, signal) =>
      make(client, { ...own, fields: own.fields.filter(({ field }) => fields.includes(field)) }, signal),
  };
}

async function check(
  client: Client,
  own: OwnFields,
  signal: AbortSignal,
): Promise<readonly OwnedFieldCheck[]> {
  const answer = await client.call(
    { method: 'GET', path: `/sobjects/${own.object}/describe`, repeatable: true },
    signal,
  );
  const seen = nativeFields(answer.body) ?? new Map<string, Row>();
  const hidden = own.fields.filter(({ native }) => !seen.has(native));
  const existing =
    hidden.length === 0
      ? new Set<string>()
      : await existingFields(client, { ...own, fields: hidden }, signal);
  const where = own === ON_OPPORTUNITIES ? {} : { object: own.object };
  return own.fields.map(({ field, native }): OwnedFieldCheck => {
    const described = seen.get(native);
    const about = { field, native, ...where };
    if (described === undefined) {
      const state = existing.has(native) ? 'not_permitted' : 'missing';
      return { ...about, state, problem: null };
    }
    if (described['updateable'] !== true) return { ...about, state: 'not_permitted', problem: null };
    const fault = unsuitable(field, native, described);
    return { ...about, state: fault === null ? 'ready' : 'unsuitable', problem: fault };
  });
}

const NUMBERS = new Set(['double', 'currency', 'percent', 'int', 'long']);

function unsuitable(field: KeptField, native: string, described: Row): ErrorDetails | null {
  if (field === 'pairKey' && described['unique'] !== true)
    return fault('salesforce.field_unsuitable', told('field_not_unique', { native }), field);
  const isRollup = (ROLLUP_FIELDS as readonly string[]).includes(field);
  if (!isRollup || NUMBERS.has(String(described['type']))) return null;
  return fault('salesforce.field_unsuitable', told('field_no_number', { native }), field);
}

/** Fields that exist, whoever may see them; empty when this user may not look into the setup. */
async function existingFields(
  client: Client,
  { object, fields }: OwnFields,
  signal: AbortSignal,
): Promise<Set<string>> {
  const names = fields.map(({ native }) => native.slice(0, -'__c'.length));
  const soql = `SELECT DeveloperName FROM CustomField WHERE TableEnumOrId = ${text(object)} AND ${isIn('DeveloperName', names)}`;
  try {
    const path = `/tooling/query?q=${encodeURIComponent(soql)}`;
    const answer = await client.call({ method: 'GET', path, repeatable: true }, signal);
    const { rows } = toResultPage(answer.body, answer.serverTime);
    return new Set(rows.map((row) => `${String(row['DeveloperName'])}__c`));
  } catch (error) {
    if (isForbidden(error)) return new Set();
    throw error;
  }
}

/**
 * First who may see the fields, then the fields: a field is only made once there is a permission set to show it, so that an
 * interruption leaves at worst a field the next attempt permits.
 */
async function make(client: Client, own: OwnFields, signal: AbortSignal): Promise<readonly ErrorDetails[]> {
  let set: string;
  try {
    set = await permissionSet(client, signal);
    await assign(client, set, signal);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return [forbidden(error, 'may_not_permit', 'Manage Profiles and Permission Sets')];
  }
  const problems: ErrorDetails[] = [];
  const there = await existingFields(client, own, signal);
  const made: OwnField[] = [];
  for (const field of own.fields) {
    if (there.has(field.native)) made.push(field);
    else {
      const problem = await createField(client, own.object, field, signal);
      if (problem === null) made.push(field);
      else problems.push(problem);
      // What one field needs, all need.
      if (problem?.code === 'salesforce.forbidden') break;
    }
  }
  return [...problems, ...(await permit(client, set, { ...own, fields: made }, signal))];
}

async function permissionSet(client: Client, signal: AbortSignal): Promise<string> {
  const [found] = await readAllRows(
    client,
    `SELECT Id FROM PermissionSet WHERE Name = ${text(PERMISSION_SET)}`,
    signal,
  );
  if (found !== undefined) return String(found['Id']);
  const body = {
    Name: PERMISSION_SET,
    Label: 'oppsync',
    Description: 'Shows the fields that oppsync keeps.',
  };
  return create(client, '/sobjects/PermissionSet', body, signal);
}

async function assign(client: Client, set: string, signal: AbortSignal): Promise<void> {
  const answer = await client.call(
    { method: 'GET', path: '/services/oauth2/userinfo', repeatable: true },
    signal,
  );
  const user = isRow(answer.body) ? String(answer.body['user_id'] ?? '') : '';
  const given = await readAllRows(
    client,
    `SELECT Id FROM PermissionSetAssignment WHERE PermissionSetId = ${text(set)} AND AssigneeId = ${text(user)}`,
    signal,
  );
  if (given.length > 0) return;
  await create(
    client,
    '/sobjects/PermissionSetAssignment',
    { PermissionSetId: set, AssigneeId: user },
    signal,
  );
}

async function create(client: Client, path: string, body: unknown, signal: AbortSignal): Promise<string> {
  const answer = await client.call({ method: 'POST', path, body, repeatable: false }, signal);
  return isRow(answer.body) ? String(answer.body['id'] ?? '') : '';
}

/** Null when the field is there afterwards. */
async function createField(
  client: Client,
  object: OwnFields['object'],
  { field, native, metadata }: OwnField,
  signal: AbortSignal,
): Promise<ErrorDetails | null> {
  const description = 'Kept by oppsync.';
  const body = { FullName: `${object}.${native}`, Metadata: { ...metadata, description } };
  try {
    await create(client, '/tooling/sobjects/CustomField', body, signal);
    return null;
  } catch (error) {
    if (!(error instanceof OppsyncError)) throw error;
    if (error.details.code === 'DUPLICATE_DEVELOPER_NAME') return null;
    if (isForbidden(error)) return forbidden(error, 'may_not_make_fields', 'Customize Application');
    // Credentials or the way to the org: nothing that is particular to this field.
    if (error.recovery !== 'skip' && error.recovery !== 'fix' && error.recovery !== 'unknown') throw error;
    return { ...error.details, field };
  }
}

/** Read and edit access to these fields for everybody who has the permission set. */
async function permit(
  client: Client,
  set: string,
  { object, fields }: OwnFields,
  signal: AbortSignal,
): Promise<ErrorDetails[]> {
  if (fields.length === 0) return [];
  const rows = await readAllRows(
    client,
    `SELECT Id, Field, PermissionsRead, PermissionsEdit FROM FieldPermissions WHERE ParentId = ${text(set)} AND SobjectType = ${text(object)}`,
    signal,
  );
  const known = new Map(rows.map((row) => [String(row['Field']), row]));
  const granted = { PermissionsRead: true, PermissionsEdit: true };
  const added: Grant[] = [];
  const raised: Grant[] = [];
  for (const field of fields) {
    const name = `${object}.${field.native}`;
    const row = known.get(name);
    const attributes = { type: 'FieldPermissions' };
    if (row === undefined)
      added.push({
        field,
        record: { attributes, ParentId: set, SobjectType: object, Field: name, ...granted },
      });
    else if (row['PermissionsRead'] !== true || row['PermissionsEdit'] !== true)
      raised.push({ field, record: { attributes, id: row['Id'], ...granted } });
  }
  return [
    ...(await saveGrants(client, 'POST', added, signal)),
    ...(await saveGrants(client, 'PATCH', raised, signal)),
  ];
}

interface Grant {
  readonly field: OwnField;
  readonly record: unknown;
}

async function saveGrants(
  client: Client,
  method: 'POST' | 'PATCH',
  grants: readonly Grant[],
  signal: AbortSignal,
): Promise<ErrorDetails[]> {
  if (grants.length === 0) return [];
  const body = { allOrNone: false, records: grants.map(({ record }) => record) };
  const answer = await client.call({ method, path: '/composite/sobjects', body, repeatable: false }, signal);
  const rows: unknown[] = Array.isArray(answer.body) ? answer.body : [];
  return grants.flatMap(({ field: { field, native } }, at) => {
    const row = rows[at];
    if (isRow(row) && row['success'] === true) return [];
    const [first] = vendorErrors(isRow(row) ? (row['errors'] ?? []) : []);
    return [
      fault(
        'salesforce.not_permitted',
        told('not_granted', { native, code: first?.code ?? 'NO_ANSWER' }),
        field,
      ),
    ];
  });
}

function isForbidden(error: unknown): boolean {
  return error instanceof OppsyncError && FORBIDDEN.has(error.details.code);
}

function forbidden(
  error: unknown,
  what: 'may_not_permit' | 'may_not_make_fields',
  permission: string,
): ErrorDetails {
  const code = error instanceof OppsyncError ? error.details.code : 'unknown';
  return fault('salesforce.forbidden', told(what, { code, permission }));
}

function fault(code: string, what: Told, field?: KeptField): ErrorDetails {
  return {
    recovery: 'fix',
    code,
    ...what,
    crm: 'salesforce',
    ...(field === undefined ? {} : { field }),
  };
}
