/** What the record types of a Salesforce org offer: read once a run, and only where there are any. */

import type { AccountFacts, FieldFact, RecordType } from '../../core/account-facts.ts';
import { type ErrorDetails, OppsyncError } from '../../core/errors.ts';
import type { Client } from './client.ts';
import { EVIDENCE_PREFIX, RAW_PREFIX, RECORD_TYPE_FIELD } from './fields.ts';
import { isRow, type Row, readAllRows } from './query.ts';
import { to18 } from './record-id.ts';
import { told } from './sentences.ts';

const IN_USE = `SELECT ${RECORD_TYPE_FIELD} FROM Opportunity GROUP BY ${RECORD_TYPE_FIELD}`;
/** Of so few types all are read: to ask which are in use would cost as much as it could save. */
const FEW = 2;

export type RecordTypeFacts = Pick<AccountFacts, 'recordTypes' | 'newRecordType'>;

interface Described {
  readonly id: string;
  readonly label: string;
  /** What the user's new records are of. */
  readonly isDefault: boolean;
}

/** PURE. The record types a describe answer names; the master, which every record has that has none, is not one. */
export function describedTypes(describe: unknown): Described[] {
  const infos = isRow(describe) ? describe['recordTypeInfos'] : undefined;
  return (Array.isArray(infos) ? infos : []).filter(isRow).flatMap((info) => {
    const { recordTypeId, name, master, active, defaultRecordTypeMapping } = info;
    if (typeof recordTypeId !== 'string' || master === true || active === false) return [];
    const label = typeof name === 'string' ? name : recordTypeId;
    return [{ id: to18(recordTypeId), label, isDefault: defaultRecordTypeMapping === true }];
  });
}

/**
 * Reads what each record type offers: no call for an org without any, one for each that is in use, and one more to know which
 * are where there are more than {@link FEW}. A type of which it cannot be read restricts nothing, and is told as a problem.
 */
export async function readRecordTypes(
  client: Client,
  types: readonly Described[],
  fields: readonly FieldFact[],
  problems: ErrorDetails[],
  signal: AbortSignal,
): Promise<RecordTypeFacts> {
  if (types.length === 0) return {};
  const used = types.length <= FEW ? null : await typesInUse(client, signal);
  const wanted = types.filter(({ id, isDefault }) => used === null || isDefault || used.has(id));
  const read = await Promise.all(wanted.map((type) => readOne(client, type, fields, problems, signal)));
  const known = types.find(({ isDefault }) => isDefault)?.id;
  return {
    recordTypes: read.filter((type) => type !== null),
    ...(known === undefined ? {} : { newRecordType: known }),
  };
}

async function typesInUse(client: Client, signal: AbortSignal): Promise<Set<string> | null> {
  try {
    const rows = await readAllRows(client, IN_USE, signal);
    return new Set(
      rows
        .map((row) => row[RECORD_TYPE_FIELD])
        .filter((id) => typeof id === 'string')
        .map(to18),
    );
  } catch (error) {
    // Not knowing which are in use only costs calls; counting millions of records may take too long.
    if (isOutOfReach(error) || (error instanceof OppsyncError && error.details.code === 'QUERY_TIMEOUT'))
      return null;
    throw error;
  }
}

async function readOne(
  client: Client,
  { id, label }: Described,
  fields: readonly FieldFact[],
  problems: ErrorDetails[],
  signal: AbortSignal,
): Promise<RecordType | null> {
  const path = `/ui-api/object-info/Opportunity/picklist-values/${id}`;
  try {
    const { body } = await client.call({ method: 'GET', path, repeatable: true }, signal);
    return { id, label, choices: choicesOf(body, fields) };
  } catch (error) {
    if (!isOutOfReach(error)) throw error;
    problems.push({
      recovery: 'fix',
      code: 'salesforce.record_type_unread',
      crm: 'salesforce',
      ...told('record_type_unread', { label, code: (error as OppsyncError).details.code }),
    });
    return null;
  }
}

/** PURE. Values per canonical field, of the stage and of choices that are restricted: others take any value. */
export function choicesOf(body: unknown, fields: readonly FieldFact[]): RecordType['choices'] {
  const byField = isRow(body) ? body['picklistFieldValues'] : undefined;
  const found: Record<string, readonly string[]> = {};
  for (const { field, native, kind, choices } of fields) {
    if (field.startsWith(RAW_PREFIX) || field.startsWith(EVIDENCE_PREFIX)) continue;
    if (kind !== 'stage' && choices === null) continue;
    const values = isRow(byField) ? valuesOf(byField[native]) : null;
    if (values !== null) found[field] = values;
  }
  return found;
}

/** Null when the answer does not tell: that is not the same as offering nothing. */
function valuesOf(told: unknown): string[] | null {
  const values = isRow(told) ? told['values'] : undefined;
  if (!Array.isArray(values)) return null;
  return values.filter(isRow).flatMap((value: Row) => {
    return typeof value['value'] === 'string' ? [value['value']] : [];
  });
}

/** Refusals that are about the caller, not about the question. */
const OF_THE_CALLER = new Set([
  'INVALID_SESSION_ID',
  'REQUEST_LIMIT_EXCEEDED',
  'API_DISABLED_FOR_ORG',
  'API_CURRENTLY_DISABLED',
  'UNSUPPORTED_API_VERSION',
]);

/** The question itself was refused: asking again, or anybody else, gives the same answer. */
function isOutOfReach(error: unknown): boolean {
  if (!(error instanceof OppsyncError) || error.details.unreachable === true) return false;
  return error.recovery !== 'retry' && error.recovery !== 'wait' && !OF_THE_CALLER.has(error.details.code);
}
