/** What kind of record may hold which values: a CRM's record types, checked before a value is planned. Pure. */

import type { RecordType } from './account-facts.ts';
import type { GroupMember, ReconcileContext } from './group.ts';
import type { Crm } from './ids.ts';
import type { Value } from './opportunity.ts';
import { type Note, outsideRecordType } from './reconcile-notes.ts';
import type { FieldPolicy } from './settings.ts';

/** Name of the evidence that tells the record type of a record. */
export const RECORD_TYPE = 'recordType';

/** Record types of each CRM in a run, by id. */
export type RecordTypeIndex = ReadonlyMap<Crm, ReadonlyMap<string, RecordType>>;

/** Whether the record may be given this value; true where nothing is known against it. */
export function isOffered(field: string, value: string, to: GroupMember, context: ReconcileContext): boolean {
  return typeOf(to, context)?.choices[field]?.includes(value) !== false;
}

/** Why a record of its type cannot be given this value; null when it can. A record keeps a value it holds already. */
export function outsideItsType(
  field: string,
  kind: FieldPolicy['kind'],
  value: Value,
  to: GroupMember,
  context: ReconcileContext,
): Note | null {
  if (value === null) return null;
  const type = typeOf(to, context);
  const wanted = kind === 'choices' ? value.split(';').filter((one) => one !== '') : [value];
  const foreign = wanted.find((one) => type?.choices[field]?.includes(one) === false);
  if (type === undefined || foreign === undefined) return null;
  const label = kind === 'stage' ? context.stages.get(to.crm)?.get(foreign)?.label : undefined;
  return outsideRecordType({ crm: to.crm, field, value: label ?? foreign, type: type.label });
}

function typeOf(member: GroupMember, context: ReconcileContext): RecordType | undefined {
  if (context.settings.recordTypes === 'ignore') return undefined;
  const id = member.evidence.custom?.[RECORD_TYPE];
  return typeof id === 'string' ? context.recordTypes?.get(member.crm)?.get(id) : undefined;
}
