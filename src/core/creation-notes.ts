import type { Crm } from './ids.ts';
import { noteOf } from './note-sentences.ts';
import type { Note } from './reconcile-notes.ts';

/** Why no counterpart is made of a record, each with what to do. */

export function maybePaired(to: Crm): Note {
  return noteOf('create_waits_for_pairing', { to });
}

export function claimedByOthers(to: Crm): Note {
  return noteOf('create_waits_for_link', { to });
}

export function apartFrom(to: Crm): Note {
  return noteOf('create_kept_apart', { to });
}

export function linkedElsewhere(to: Crm): Note {
  return noteOf('create_linked_elsewhere', { to });
}

export function lostCounterpart(to: Crm): Note {
  return noteOf('create_had_counterpart', { to });
}

export function seemsDuplicate(crm: Crm): Note {
  return noteOf('create_waits_for_duplicate', { crm });
}

export function waitsForCompleteReading(to: Crm): Note {
  return noteOf('create_waits_for_reading', { to });
}

export function missingForCreation(to: Crm, from: Crm, fields: readonly string[]): Note {
  return noteOf('create_incomplete', { to, from, fields: fields.join(', ') }, fields[0] ?? '');
}

/** The record changed between the plan and its writing. */
export function movedSincePlan(fields: readonly string[], crm: Crm): Note {
  return noteOf('create_moved_since_plan', { crm, fields: fields.join(', ') });
}

export function goneSincePlan(crm: Crm): Note {
  return noteOf('create_gone_since_plan', { crm });
}

export function pairedSincePlan(): Note {
  return noteOf('create_paired_since_plan');
}

export function fateUnknown(to: Crm): Note {
  return noteOf('create_unanswered', { to });
}
