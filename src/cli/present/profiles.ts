import type { ProfileComparison } from '../../app.ts';
import { crmTitle } from '../../crm-title.ts';
import type { Colours } from '../colours.ts';
import type { Words } from '../locale/index.ts';
import { table } from './table.ts';
import { printable, short } from './text.ts';

const ENDS = ['active', 'won', 'lost', 'cancelled', 'unknown'] as const;

/** Profiles side by side, and unless `brief` what each asks for and one record they see differently. */
export function profilesText(
  { profiles, example }: ProfileComparison,
  words: Words,
  colours: Colours,
  brief: boolean,
): string {
  const head = [words.say('profiles.profile'), ...ENDS.map((end) => words.say(`verdict.${end}`))];
  const counts = table(
    colours,
    head,
    profiles.map(({ name, counts: own }) => [
      name,
      ...ENDS.map((end) => ({ right: words.number(own[end]) })),
    ]),
  );
  if (brief) return `\n${counts}`;
  const meanings = profiles.map(({ describe }) => `  · ${printable(describe)}\n`).join('');
  return `${meanings}\n${counts}${example === null ? '' : exampleText(example, words, colours)}`;
}

function exampleText(
  { ref, name, verdicts }: NonNullable<ProfileComparison['example']>,
  words: Words,
  colours: Colours,
): string {
  const title = words.say('profiles.example', {
    name: colours.cyan(short(name, 60)),
    crm: crmTitle(ref.crm),
    id: ref.id,
  });
  const rows = verdicts.map(({ profile, sentence }) => [profile, printable(sentence)]);
  return `\n  ${title}\n${table(colours, [], rows)}`;
}
