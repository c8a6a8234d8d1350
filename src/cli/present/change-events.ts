import type { ChangeEventsStatus } from '../../app.ts';
import { crmTitle } from '../../crm-title.ts';
import type { Colours } from '../colours.ts';
import type { Words } from '../locale/index.ts';
import { noteWords } from './note-words.ts';
import { short } from './text.ts';

/** How change events are followed, in rows of the table of `status`; none where nobody asked for them. */
export function changeEventRows(
  changeEvents: ChangeEventsStatus | null,
  words: Words,
  colours: Colours,
): string[][] {
  if (changeEvents === null) return [];
  const { eventAt, lagMs, missingSince } = changeEvents;
  const lines = [stateLine(changeEvents, words, colours)];
  if (eventAt !== null)
    lines.push(
      words.say('change_events.event', { at: words.moment(eventAt), lag: words.duration(lagMs ?? 0) }),
    );
  if (missingSince !== null)
    lines.push(colours.yellow(words.say('change_events.missing', { at: words.moment(missingSince) })));
  return lines.map((line, index) => [index === 0 ? words.say('change_events.title') : '', line]);
}

function stateLine(changeEvents: ChangeEventsStatus, words: Words, colours: Colours): string {
  const { crm, state, trouble, fault, heardAt } = changeEvents;
  const heard = {
    crm: crmTitle(crm),
    at: heardAt === null ? words.say('status.none') : words.moment(heardAt),
  };
  if (state === 'following')
    return words.say(heardAt === null ? 'change_events.quiet' : 'change_events.following', heard);
  if (state === 'silent') return colours.red(words.say('change_events.silent', heard));
  if (state === 'starting') return colours.dim(words.say('change_events.starting'));
  const known = fault == null ? null : noteWords(fault, words);
  const told = known === null ? null : `${known.message} ${known.remedy}`;
  return colours.yellow(
    trouble === null
      ? words.say('change_events.cut')
      : words.say('change_events.waiting', { trouble: short(told ?? trouble, 300) }),
  );
}
