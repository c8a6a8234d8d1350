import { fill } from '../../../config/sentences.ts';
import type { Words } from '../locale/index.ts';
import { NOTES_FR } from '../locale/notes-fr.ts';

/** Why a record was left alone: as it was noted, with the stable name of the cause and what fills its sentences. */
export interface Told {
  readonly message: string;
  readonly remedy: string;
  readonly code: string | undefined;
  readonly params: Readonly<Record<string, string>> | undefined;
}

/** The cause and its remedy in the language asked for, where they are known in it; otherwise as they were noted. */
export function noteWords(
  { message, remedy, code = '', params }: Told,
  words: Words,
): { message: string; remedy: string } {
  const french = words.locale === 'fr' ? NOTES_FR[code] : undefined;
  if (french === undefined) return { message, remedy };
  return { message: fill(french.message, params ?? {}), remedy: fill(french.remedy, params ?? {}) };
}
