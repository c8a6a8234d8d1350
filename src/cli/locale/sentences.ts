import { FAULT_SENTENCES } from '../../core/fault-sentences.ts';
import { NOTE_SENTENCES } from '../../core/note-sentences.ts';
import { ROLLUP_SENTENCES } from '../../core/rollup-remarks.ts';
import type { Sentence } from '../../core/told.ts';
import { FAULTS_FR } from './faults-fr.ts';
import { HUBSPOT_FR } from './hubspot-fr.ts';
import type { Locale } from './index.ts';
import { NOTES_FR } from './notes-fr.ts';
import { ROLLUP_NOTES_FR } from './rollup-notes-fr.ts';
import { SALESFORCE_FR } from './salesforce-fr.ts';

type Family = Readonly<Record<string, Sentence>>;

/**
 * The sentences that runs leave behind, by family and name. In English those of a CRM are told as they were noted: they name
 * it themselves; the others are told anew, so that a CRM is called what people call it.
 */
const SENTENCES: Readonly<Record<Locale, Readonly<Record<string, Family>>>> = {
  en: { fault: FAULT_SENTENCES, note: NOTE_SENTENCES, rollup: ROLLUP_SENTENCES },
  fr: {
    fault: FAULTS_FR,
    note: NOTES_FR,
    rollup: ROLLUP_NOTES_FR,
    hubspot: HUBSPOT_FR,
    salesforce: SALESFORCE_FR,
  },
};

/**
 * The sentence of a name, `family.what`; null where this language has none. `family.what/other` is told with the remedy of
 * another one of the family.
 */
export function sentenceNamed(says: string, locale: Locale): Sentence | null {
  const [family = '', name = ''] = split(says, '.');
  const [what = '', other] = split(name, '/');
  const sentences = SENTENCES[locale][family] ?? {};
  const sentence = Object.hasOwn(sentences, what) ? sentences[what] : undefined;
  if (sentence === undefined) return null;
  const advice = other === undefined ? sentence : sentences[other];
  return { message: sentence.message, remedy: (advice ?? sentence).remedy };
}

function split(text: string, at: string): readonly [string, string?] {
  const place = text.indexOf(at);
  return place === -1 ? [text] : [text.slice(0, place), text.slice(place + 1)];
}
