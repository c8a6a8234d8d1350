/** The machine words of a verdict's proof, as people say them. */
import type { Because } from '../../core/verdict.ts';
import type { Words } from '../locale/index.ts';

/** What a step of the proof rests on: `crm-flags`, `said/contractSigned`, `consulting/contract`. */
export function proofText(rule: string, words: Words): string {
  const known = words.find(`proof.${rule}`);
  if (known !== null) return known;
  const [kind = '', name] = rule.split(/\/(.*)/s);
  if (name === undefined) return rule;
  if (kind === 'said') return words.say('proof.said', { name });
  return words.say('proof.profile', { profile: kind, rule: name });
}

/** A standing as `closed/won` or `active/negotiating`, or the answer to a criterion as `contract: yes`. */
export function decidedText(decided: string, words: Words): string {
  const criterion = /^(.+): (yes|no|unknown)$/.exec(decided);
  if (criterion !== null) return `${criterion[1]}: ${words.find(`proof.${criterion[2]}`) ?? criterion[2]}`;
  const [status = '', detail] = decided.split('/');
  const first = words.find(`status.${status}`) ?? status;
  if (detail === undefined) return first;
  return `${first}, ${words.find(`verdict.${detail}`) ?? words.find(`phasename.${detail}`) ?? detail}`;
}

/** The name of a field, ours or the teams'; a field of their own keeps its own. */
export function fieldName(field: string, words: Words): string {
  return words.find(`fieldname.${field}`) ?? field;
}

/** The evidence of a step; only its own little grammar is put into words. */
export function evidenceText({ evidence, rule }: Because, words: Words): string {
  if (rule !== 'dictionary') return evidence;
  return evidence.replace(/ means (\w+)$/, (_, found: string) => {
    const meant = words.find(`stageclass.${found}`) ?? found;
    return ` → ${meant}`;
  });
}
