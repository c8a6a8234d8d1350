import type { Actor } from '../simulator.ts';
import type { Source } from './record.ts';

/** Who writes, for the truth log and for property history. */
export interface Writer {
  readonly actor: Actor;
  readonly source: Source;
}

/** An app writing through the API; HubSpot's own Salesforce integration has a source of its own (hubspot.md §10 item 20). */
export function appWriter(actor: Actor, name: string, id: string): Writer {
  const type = name.toLowerCase() === 'salesforce' ? 'SALESFORCE' : 'INTEGRATION';
  return { actor, source: { type, id, label: type } };
}

/** Whoever an edit names: property history knows people by number, and others by what they are (hubspot.md §2.8). */
export function editWriter(actor: Actor): Writer {
  const [kind, name = ''] = actor.split(':', 2);
  if (kind === 'automation') {
    return { actor, source: { type: 'AUTOMATION_PLATFORM', id: name, label: 'AUTOMATION_PLATFORM' } };
  }
  if (kind === 'app') return appWriter(actor, name, name);
  const userId = userIdOf(name);
  return { actor, source: { type: 'CRM_UI', id: `userId:${userId}`, label: 'CRM_UI', userId } };
}

/** A person's number within the portal, the same for the same name. */
export function userIdOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return 1_000_000 + ((hash >>> 0) % 90_000_000);
}
