import type { ErrorDetails } from './errors.ts';
import type { Crm } from './ids.ts';

/** Why a record, or one field of it, was left alone: what a person reads, with the remedy. */
export interface Note {
  /** Stable cause, for example `unmapped_stage`. */
  readonly cause: string;
  readonly message: string;
  readonly remedy: string;
  readonly field?: string;
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

/** The connector knows beforehand that the CRM will refuse this value. An owner unknown there is no fault of the record. */
export function refusedValue(field: string, error: ErrorDetails): Note {
  const cause = field === 'owner' ? 'refused_owner' : `refused_${error.code}`;
  return { cause, message: error.message, remedy: error.remedy, field };
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
  return {
    cause: 'unmapped_stage',
    field: 'stage',
    message:
      pipeline === null
        ? `${from} stage "${label}" is not in the stage map`
        : `${from} stage "${label}" has no counterpart in the ${to} pipeline "${pipeline}"`,
    remedy: `add a row with ${from}: ${JSON.stringify(key)} to the sync's stages`,
    params: { from, key, label, to, ...(pipeline === null ? {} : { pipeline }) },
  };
}

/** The record's type does not offer the value: its team works without it. */
export function outsideRecordType(about: { crm: Crm; field: string; value: string; type: string }): Note {
  const { crm, field, value, type } = about;
  return {
    cause: 'outside_record_type',
    field,
    message: `${crm} does not offer ${field} "${value}" to records of type "${type}"`,
    remedy: `map it to a value that type offers, or add the value to the type in ${crm}`,
    params: { crm, field, value, type },
  };
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
  const { rule, crm, field, from, stage, pipeline } = about;
  const where = `in the ${crm} pipeline "${pipeline}"`;
  const message = {
    back: `a rule lets nobody go back from "${from}" to "${stage}" ${where}`,
    skip: `a rule lets nobody skip a stage between "${from}" and "${stage}" ${where}`,
    approval: `somebody has to approve the step from "${from}" to "${stage}" ${where}`,
    create: `a rule lets nobody create records in stage "${stage}" ${where}`,
  }[rule];
  return {
    cause: `pipeline_rule_${rule}`,
    field,
    message,
    remedy: `take the step in ${crm} by hand, change the rule there, or set pipelineRules: ignore for the sync`,
    params: { crm, field, from, stage, pipeline },
  };
}

export function readOnly(field: string, crm: Crm): Note {
  return {
    cause: 'read_only_field',
    field,
    message: `${field} cannot be written in ${crm}`,
    remedy: `give the ${crm} user edit permission on it, or let ${crm} win for this field`,
    params: { field, crm },
  };
}

/** Success is reported and nothing happens: the CRM adds up the products instead (reference: salesforce, Opportunity.Amount). */
export function lineItems(crm: Crm): Note {
  return {
    cause: 'line_items_rule_amount',
    field: 'amount',
    message: `${crm} computes the amount of this record from its products`,
    remedy: `change the products in ${crm}, or let ${crm} win for amount`,
    params: { crm },
  };
}

/** The two sides differ because somebody took a change back, or chose so. */
export function leftAsIs(field: string, by: string): Note {
  return {
    cause: 'left_as_is',
    field,
    message: `${field} differs on the two sides because ${by} took a change back`,
    remedy: 'nothing to do; it is synced again as soon as one side changes it',
    params: { field, by },
  };
}

/** The two sides differ because a CRM set its date when the deal was closed or reopened. */
export function setByCrmNote(field: string, crm: Crm): Note {
  return {
    cause: 'set_by_crm',
    field,
    message: `${field} differs because ${crm} set it by itself when the deal was closed or reopened`,
    remedy: 'nothing to do; the date is synced again as soon as somebody enters one on either side',
    params: { field, crm },
  };
}

export function excludedPipeline(crm: Crm, pipeline: string): Note {
  return {
    cause: 'excluded_pipeline',
    message: `pipeline ${pipeline} of ${crm} is left out by the configuration`,
    remedy: 'remove it from excludePipelines to sync its records',
    params: { crm, pipeline },
  };
}

export const DELETED: Note = {
  cause: 'deleted',
  message: 'the record was deleted in its CRM',
  remedy: 'restore it there if that was a mistake',
};

export const EDITED_AND_DELETED: Note = {
  cause: 'edited_and_deleted',
  message: 'it was edited on one side and deleted on the other',
  remedy: 'restore the deleted record to carry the edit over, or delete this one too',
};

export const COUNTERPART_DELETED: Note = {
  cause: 'counterpart_deleted',
  message: 'its counterpart was deleted; deletes are never carried over',
  remedy: 'delete this record too, or restore the counterpart',
};
