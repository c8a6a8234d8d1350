import type { Value } from '../../core/opportunity.ts';
import type { Words } from '../locale/index.ts';

/**
 * A CRM's text made safe for a terminal: control characters (they could move the cursor or rename the window) and
 * marks that reverse the reading direction are shown as `�`.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u200e\u200f]/gu, '�');
}

/** A text of at most this many characters on one line. */
export function short(text: string, limit: number): string {
  const plain = printable(text.replaceAll(/\s+/g, ' ').trim());
  const characters = [...plain];
  return characters.length <= limit ? plain : `${characters.slice(0, limit - 1).join('')}…`;
}

/** A field's value as people read it. */
export function valueText(value: Value | undefined, words: Words, limit = 40): string {
  if (value === undefined) return words.say('value.unread');
  if (value === null || value === '') return words.say('value.blank');
  return short(value, limit);
}

/** The first twelve characters of a digest: enough to tell plans apart on a screen. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 12);
}

/** Who did something in a CRM, as people say it: `Ann Lee`, `the automation Discounts`, `oppsync`. */
export function actorText(actor: string, words: Words): string {
  if (actor === 'engine') return 'oppsync';
  const at = actor.indexOf(':');
  const [kind, name] = at === -1 ? [actor, ''] : [actor.slice(0, at), actor.slice(at + 1)];
  if (kind === 'human') return short(name, 60);
  return words.find(`actor.${kind}`, { name: short(name, 60) }) ?? short(actor, 60);
}
