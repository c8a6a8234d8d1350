import { fillIn, type SentenceParams } from '../../core/told.ts';
import { crmTitle } from '../../crm-title.ts';
import type { Words } from '../locale/index.ts';
import { sentenceNamed } from '../locale/sentences.ts';

/** Why something is not as it should be: as it was noted, with the name of the sentence and what fills it. */
export interface Told {
  readonly message: string;
  readonly remedy: string;
  /** Name of the sentence; where it is absent, the cause of a note names it. */
  readonly says?: string | undefined;
  readonly code?: string | undefined;
  readonly params?: SentenceParams | undefined;
}

/** Parameters that name a CRM. */
const CRMS = new Set(['crm', 'from', 'to']);

/** The cause and its remedy in the language asked for, where they are known in it; otherwise as they were noted. */
export function noteWords(
  { message, remedy, says, code, params = {} }: Told,
  words: Words,
): { message: string; remedy: string } {
  const sentence = sentenceNamed(says ?? `note.${code ?? ''}`, words.locale);
  // What an older version has noted may lack something that the sentence needs by now.
  if (sentence === null || lacks(sentence.message, params) || lacks(sentence.remedy, params))
    return { message, remedy };
  const named = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, CRMS.has(name) ? crmTitle(value) : value]),
  );
  return { message: fillIn(sentence.message, named), remedy: fillIn(sentence.remedy, named) };
}

function lacks(template: string, params: SentenceParams): boolean {
  const needed = template.replaceAll(/\[[^\]]*\]/g, '').matchAll(/\{(\w+)\}/g);
  return [...needed].some(([, name = '']) => !Object.hasOwn(params, name));
}
