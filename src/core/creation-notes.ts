import type { Crm } from './ids.ts';
import type { Note } from './reconcile-notes.ts';

/** Why no counterpart is made of a record, each with what to do. */

export function maybePaired(to: Crm): Note {
  return {
    cause: 'create_waits_for_pairing',
    message: `it may be the same deal as a record of ${to}, so no counterpart is created yet`,
    remedy: '`oppsync pair` shows both; accept the pair, or reject it and a counterpart is created',
    params: { to },
  };
}

export function claimedByOthers(to: Crm): Note {
  return {
    cause: 'create_waits_for_link',
    message: `several ${to} records claim to be its counterpart, so none is created`,
    remedy: 'remove the link from all but one of them',
    params: { to },
  };
}

export function apartFrom(to: Crm): Note {
  return {
    cause: 'create_kept_apart',
    message: `somebody parted it from a record of ${to}, so no other counterpart is created`,
    remedy: 'pair it with the right record, or create one by hand and accept that pair',
    params: { to },
  };
}

export function linkedElsewhere(to: Crm): Note {
  return {
    cause: 'create_linked_elsewhere',
    message: `a link to or from a record of ${to} says that it has a counterpart already, though the two are not paired`,
    remedy: 'remove the link if that record is gone for good, or let oppsync read it',
    params: { to },
  };
}

export function lostCounterpart(to: Crm): Note {
  return {
    cause: 'create_had_counterpart',
    message: `it bears a pair key, so it had a counterpart in ${to}; a deleted record is never created again`,
    remedy: `restore the record in ${to}, or empty the pair key field of this one to let it start anew`,
    params: { to },
  };
}

export function seemsDuplicate(crm: Crm): Note {
  return {
    cause: 'create_waits_for_duplicate',
    message: `it seems to be the same deal as another one of ${crm}, so no counterpart is created of either`,
    remedy: `\`oppsync pair\` lists duplicates; merge them in ${crm}, or tell them apart by name, amount or close date`,
    params: { crm },
  };
}

export function waitsForCompleteReading(to: Crm): Note {
  return {
    cause: 'create_waits_for_reading',
    message: `a counterpart is only created after ${to} was read completely, and this run read what changed`,
    remedy: 'nothing to do: the nightly run reads everything, and so does `--full`',
    params: { to },
  };
}

export function missingForCreation(to: Crm, from: Crm, fields: readonly string[]): Note {
  const [field = ''] = fields;
  return {
    cause: 'create_incomplete',
    field,
    message: `${to} takes no new record without ${fields.join(', ')}`,
    remedy: `fill in ${fields.join(', ')} in ${from}, and see that it is among the synced fields`,
    params: { to, from, fields: fields.join(', ') },
  };
}

/** The record changed between the plan and its writing. */
export function movedSincePlan(fields: readonly string[], crm: Crm): Note {
  return {
    cause: 'create_moved_since_plan',
    message: `${fields.join(', ')} changed in ${crm} after the plan was made, so no counterpart was created`,
    remedy: 'plan again: the next run decides with the new value',
    params: { crm, fields: fields.join(', ') },
  };
}

export function goneSincePlan(crm: Crm): Note {
  return {
    cause: 'create_gone_since_plan',
    message: `the record is no longer in ${crm}, so no counterpart was created`,
    remedy: 'nothing to do if it was deleted or merged on purpose',
    params: { crm },
  };
}

export function pairedSincePlan(): Note {
  return {
    cause: 'create_paired_since_plan',
    message: 'somebody paired the record after the plan was made, so no counterpart was created',
    remedy: 'nothing to do',
  };
}

export function fateUnknown(to: Crm): Note {
  return {
    cause: 'create_unanswered',
    message: `${to} did not say whether the counterpart was created, and it cannot be seen there yet`,
    remedy: 'run again: it is looked for by its pair key before anything else, and never created twice',
    params: { to },
  };
}
