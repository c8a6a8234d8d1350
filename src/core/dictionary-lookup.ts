/**
 * Finds a name in one language: as it stands, or put together from an outcome word, a closing word and a noun of that
 * language ("closed - won", "deal won", "affaire fermée et gagnée"). The parts must make up the whole name, to the letter:
 * a name that merely contains an outcome word is not found.
 */
import { combine, type LabelMeaning, type LanguageTable } from './dictionary.ts';

type Found = LabelMeaning | null | undefined;

/** The meaning of a key; null when it has several, undefined when the language does not know it. */
export function lookUp(table: LanguageTable, key: string): Found {
  const whole = table.meanings.get(key);
  if (whole !== undefined || table.meanings.has(key)) return whole;
  const ending = besideNoun(table, key);
  if (ending !== undefined) return ending;
  const closed = besideClosing(table, key);
  return closed === undefined ? step(table, key) : closed;
}

/** `state [linking] thing` or `thing [linking] state`: a step of selling, so it is open. */
function step(table: LanguageTable, key: string): Found {
  let all: Found;
  for (let at = 1; at < key.length; at += 1) {
    const left = key.slice(0, at);
    const right = key.slice(at);
    if (table.states.has(left))
      all = merge(
        all,
        linked(table, right, (link) => (right.startsWith(link) ? right.slice(link.length) : null)),
      );
    if (table.states.has(right))
      all = merge(
        all,
        linked(table, left, (link) => (left.endsWith(link) ? left.slice(0, -link.length) : null)),
      );
  }
  return all;
}

function linked(table: LanguageTable, key: string, without: (link: string) => string | null): Found {
  const thing = table.things.get(key);
  if (thing !== undefined) return thing;
  for (const link of table.linking) {
    const rest = without(link);
    const found = rest === null ? undefined : table.things.get(rest);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `[noun] core` or `core [noun]`, where the core is an outcome word, with or without a closing word. */
function besideNoun(table: LanguageTable, key: string): Found {
  let all: Found;
  for (let at = 1; at < key.length; at += 1) {
    const left = key.slice(0, at);
    const right = key.slice(at);
    if (table.nouns.has(left)) all = merge(all, core(table, right));
    if (table.nouns.has(right)) all = merge(all, core(table, left));
  }
  return all;
}

function core(table: LanguageTable, key: string): Found {
  return table.words.get(key) ?? besideClosing(table, key);
}

/** `closing [joining] word` or `word [joining] closing`. */
function besideClosing(table: LanguageTable, key: string): Found {
  let all: Found;
  for (let at = 1; at < key.length; at += 1) {
    const left = key.slice(0, at);
    const right = key.slice(at);
    if (table.closing.has(left)) all = merge(all, afterJoining(table, right));
    if (table.closing.has(right)) all = merge(all, beforeJoining(table, left));
  }
  return all;
}

function afterJoining(table: LanguageTable, key: string): Found {
  const word = table.words.get(key);
  if (word !== undefined) return word;
  const join = table.joining.find(
    (joining) => key.startsWith(joining) && table.words.has(key.slice(joining.length)),
  );
  return join === undefined ? undefined : table.words.get(key.slice(join.length));
}

function beforeJoining(table: LanguageTable, key: string): Found {
  const word = table.words.get(key);
  if (word !== undefined) return word;
  const join = table.joining.find(
    (joining) => key.endsWith(joining) && table.words.has(key.slice(0, -joining.length)),
  );
  return join === undefined ? undefined : table.words.get(key.slice(0, -join.length));
}

function merge(all: Found, more: Found): Found {
  if (more === undefined) return all;
  return more === null ? null : combine(all, more);
}
