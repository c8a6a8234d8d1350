import { fillIn, type Sentence, type SentenceParams } from './told.ts';

// `{side}` is what the configuration calls the CRM.
const UNMAPPED_REMEDY = "add a row with {side}: {key} to the sync's stages";
const RULE_REMEDY =
  'take the step in {crm} by hand, change the rule there, or set pipelineRules: ignore for the sync';
const RULE_PLACE = 'in the {crm} pipeline "{pipeline}"';

/** Why a record, or one field of it, was left alone, by stable cause. French: src/cli/locale/notes-fr.ts. */
export const NOTE_SENTENCES = {
  unmapped_stage: {
    message: '{from} stage "{label}" is not in the stage map',
    remedy: UNMAPPED_REMEDY,
  },
  unmapped_in_pipeline: {
    message: '{from} stage "{label}" has no counterpart in the {to} pipeline "{pipeline}"',
    remedy: UNMAPPED_REMEDY,
  },
  outside_record_type: {
    message: '{crm} does not offer {field} "{value}" to records of type "{type}"',
    remedy: 'map it to a value that type offers, or add the value to the type in {crm}',
  },
  pipeline_rule_back: {
    message: `a rule lets nobody go back from "{from}" to "{stage}" ${RULE_PLACE}`,
    remedy: RULE_REMEDY,
  },
  pipeline_rule_skip: {
    message: `a rule lets nobody skip a stage between "{from}" and "{stage}" ${RULE_PLACE}`,
    remedy: RULE_REMEDY,
  },
  pipeline_rule_approval: {
    message: `somebody has to approve the step from "{from}" to "{stage}" ${RULE_PLACE}`,
    remedy: RULE_REMEDY,
  },
  pipeline_rule_create: {
    message: `a rule lets nobody create records in stage "{stage}" ${RULE_PLACE}`,
    remedy: RULE_REMEDY,
  },
  read_only_field: {
    message: '{field} cannot be written in {crm}',
    remedy: 'give the {crm} user edit permission on it, or let {crm} win for this field',
  },
  line_items_rule_amount: {
    message: '{crm} computes the amount of this record from its products',
    remedy: 'change the products in {crm}, or let {crm} win for amount',
  },
  left_as_is: {
    message: '{field} differs on the two sides because {by} took a change back',
    remedy: 'nothing to do; it is synced again as soon as one side changes it',
  },
  set_by_crm: {
    message: '{field} differs because {crm} set it by itself when the deal was closed or reopened',
    remedy: 'nothing to do; the date is synced again as soon as somebody enters one on either side',
  },
  excluded_pipeline: {
    message: 'pipeline {pipeline} of {crm} is left out by the configuration',
    remedy: 'remove it from excludePipelines to sync its records',
  },
  deleted: {
    message: 'the record was deleted in its CRM',
    remedy: 'restore it there if that was a mistake',
  },
  edited_and_deleted: {
    message: 'it was edited on one side and deleted on the other',
    remedy: 'restore the deleted record to carry the edit over, or delete this one too',
  },
  counterpart_deleted: {
    message: 'its counterpart was deleted; deletes are never carried over',
    remedy: 'delete this record too, or restore the counterpart',
  },
  create_waits_for_pairing: {
    message: 'it may be the same deal as a record of {to}, so no counterpart is created yet',
    remedy: '`oppsync pair` shows both; accept the pair, or reject it and a counterpart is created',
  },
  create_waits_for_link: {
    message: 'several {to} records claim to be its counterpart, so none is created',
    remedy: 'remove the link from all but one of them',
  },
  create_kept_apart: {
    message: 'somebody parted it from a record of {to}, so no other counterpart is created',
    remedy: 'pair it with the right record, or create one by hand and accept that pair',
  },
  create_linked_elsewhere: {
    message:
      'a link to or from a record of {to} says that it has a counterpart already, though the two are not paired',
    remedy: 'remove the link if that record is gone for good, or let oppsync read it',
  },
  create_had_counterpart: {
    message: 'it bears a pair key, so it had a counterpart in {to}; a deleted record is never created again',
    remedy: 'restore the record in {to}, or empty the pair key field of this one to let it start anew',
  },
  create_waits_for_duplicate: {
    message: 'it seems to be the same deal as another one of {crm}, so no counterpart is created of either',
    remedy:
      '`oppsync pair` lists duplicates; merge them in {crm}, or tell them apart by name, amount or close date',
  },
  create_waits_for_reading: {
    message: 'a counterpart is only created after {to} was read completely, and this run read what changed',
    remedy: 'nothing to do: the nightly run reads everything, and so does `--full`',
  },
  create_incomplete: {
    message: '{to} takes no new record without {fields}',
    remedy: 'fill in {fields} in {from}, and see that it is among the synced fields',
  },
  create_moved_since_plan: {
    message: '{fields} changed in {crm} after the plan was made, so no counterpart was created',
    remedy: 'plan again: the next run decides with the new value',
  },
  create_gone_since_plan: {
    message: 'the record is no longer in {crm}, so no counterpart was created',
    remedy: 'nothing to do if it was deleted or merged on purpose',
  },
  create_paired_since_plan: {
    message: 'somebody paired the record after the plan was made, so no counterpart was created',
    remedy: 'nothing to do',
  },
  create_unanswered: {
    message: '{to} did not say whether the counterpart was created, and it cannot be seen there yet',
    remedy: 'run again: it is looked for by its pair key before anything else, and never created twice',
  },
  moved_since_plan: {
    message: '{fields} changed in {crm} after the plan was made',
    remedy: 'plan again: the next run decides with the new value',
  },
  unreadable_since_plan: {
    message: '{fields} could not be read in {crm} any more right before it was to be written',
    remedy: 'give the {crm} user read permission on it; the next run decides again',
  },
  edited_since: {
    message: '{fields} was edited after the run that is being undone',
    remedy: 'it is left as it is; set it by hand if it should go back',
  },
  ambiguous_link: {
    message: 'several records claim the same counterpart',
    remedy: 'remove the link from all but one of them',
  },
  gone_since_plan: {
    message: 'the record is no longer in {crm}',
    remedy: 'nothing to do if it was deleted or merged on purpose',
  },
} as const satisfies Readonly<Record<string, Sentence>>;

export type Cause = keyof typeof NOTE_SENTENCES;

/** A note of this cause in English, with what its translation needs. */
export function noteOf(cause: Cause, params: SentenceParams = {}, field?: string) {
  const { message, remedy } = NOTE_SENTENCES[cause];
  return {
    cause,
    ...(field === undefined ? {} : { field }),
    message: fillIn(message, params),
    remedy: fillIn(remedy, params),
    ...(Object.keys(params).length === 0 ? {} : { params }),
  };
}
