import type { ErrorDetails } from './errors.ts';
import type { Crm } from './ids.ts';
import { noteOf } from './note-sentences.ts';

/** Why a record, or one field of it, was left alone: what a person reads, with the remedy. */
export interface Note {
  /** Stable cause, for example `unmapped_stage`. */
  readonly cause: string;
  readonly message: string;
  readonly remedy: string;
  readonly field?: string;
  /** Name of the sentence where the cause does not name it: the causes of refusals are the codes of a CRM. */
  readonly says?: string;
  /** What the sentence of this cause is filled with in other languages. */
  readonly params?: Readonly<Record<string, string>>;
}

/** Causes that leave a field alone without holding up the record. */
const REMARKS = new Set([
  'read_only_field',
  'line_items_rule_amount',
  'refused_owner',
  'left_as_is',
  'set_by_crm',
]);

/** Does this note only remark on a field, without deciding the record's outcome? */
export function isRemark(note: Note): boolean {
  return REMARKS.has(note.cause);
}

/** What went wrong, as the reason why something was left alone. */
export function noteOfError(
  cause: string,
  { message, remedy, says, params }: Pick<ErrorDetails, 'message' | 'remedy' | 'says' | 'params'>,
): Note {
  return {
    ...{ cause, message, remedy },
    ...(says === undefined ? {} : { says }),
    ...(params === undefined ? {} : { params }),
  };
}

/** The connector knows beforehand that the CRM will refuse this value. An owner unknown there is no fault of the record. */
export function refusedValue(field: string, error: ErrorDetails): Note {
  return { ...noteOfError(field === 'owner' ? 'refused_owner' : `refused_${error.code}`, error), field };
}

/** `pipeline` names the pipeline in which a mapped stage has no counterpart; null when the stage is not in the map. */
export function unmappedStage(about: {
  from: Crm;
  key: string;
  label: string;
  to: Crm;
  pipeline: string | null;
}): Note {
  const { from, key, label, to, pipeline } = about;
  const params = { from, side: from, key: JSON.stringify(key), label, to };
  const note = noteOf('unmapped_stage', params, 'stage');
  if (pipeline === null) return note;
  const { message } = noteOf('unmapped_in_pipeline', { ...params, pipeline });
  return { ...note, says: 'note.unmapped_in_pipeline', message, params: { ...params, pipeline } };
}

/** The record's type does not offer the value: its team works without it. */
export function outsideRecordType(about: { crm: Crm; field: string; value: string; type: string }): Note {
  return noteOf('outside_record_type', about, about.field);
}

/** The team's own rules forbid people this step, and the sync says to hold to them. */
export function againstPipelineRule(about: {
  rule: 'back' | 'skip' | 'approval' | 'create';
  crm: Crm;
  field: string;
  from: string;
  stage: string;
  pipeline: string;
}): Note {
  const { rule, ...params } = about;
  return noteOf(`pipeline_rule_${rule}`, params, about.field);
}

export function readOnly(field: string, crm: Crm): Note {
  return noteOf('read_only_field', { field, crm }, field);
}

/** Success is reported and nothing happens: the CRM adds up the products instead (reference: salesforce, Opportunity.Amount). */
export function lineItems(crm: Crm): Note {
  return noteOf('line_items_rule_amount', { crm }, 'amount');
}

/** The two sides differ because somebody took a change back, or chose so. */
export function leftAsIs(field: string, by: string): Note {
  return noteOf('left_as_is', { field, by }, field);
}

/** The two sides differ because a CRM set its date when the deal was closed or reopened. */
export function setByCrmNote(field: string, crm: Crm): Note {
  return noteOf('set_by_crm', { field, crm }, field);
}

export function excludedPipeline(crm: Crm, pipeline: string): Note {
  return noteOf('excluded_pipeline', { crm, pipeline });
}

export const DELETED: Note = noteOf('deleted');

export const EDITED_AND_DELETED: Note = noteOf('edited_and_deleted');

export const COUNTERPART_DELETED: Note = noteOf('counterpart_deleted');
