import type { ScheduleStatus } from '../../app.ts';
import type { NightlyRun } from '../../core/schedule.ts';
import type { Colours } from '../colours.ts';
import type { Words } from '../locale/index.ts';
import { noteWords } from './note-words.ts';
import { short } from './text.ts';

/** A nightly run in a few lines: when, whether it is paused, what is wrong with it. */
export function scheduleText(
  sync: string,
  schedule: ScheduleStatus | null,
  words: Words,
  colours: Colours,
): string {
  const lines = [
    colours.bold(words.say('status.title', { sync })),
    ...scheduleLines(schedule, words, colours),
  ];
  return `${lines.join('\n  ')}\n`;
}

/** The same for a table of `status`. */
export function scheduleLines(
  schedule: ScheduleStatus | null,
  words: Words,
  colours: Colours,
): readonly string[] {
  if (schedule === null) return [words.say('schedule.off')];
  const { cron, timeZone, next, paused, asked, lastGood, overdue, watched, trouble, lastRun } = schedule;
  const lines = [
    paused === null
      ? `${cron} (${timeZone}), ${words.say('schedule.next', { at: words.moment(next, timeZone) })}`
      : `${cron} (${timeZone}), ${colours.yellow(words.say('schedule.paused', { by: paused.by, at: words.moment(paused.at) }))}`,
  ];
  if (overdue)
    lines.push(
      colours.red(
        lastGood === null
          ? words.say('schedule.never_good')
          : words.say('schedule.overdue', { at: words.moment(lastGood) }),
      ),
    );
  if (trouble !== null)
    lines.push(
      colours.red(
        words.say('schedule.trouble', {
          ...{ at: words.moment(trouble.since), message: short(noteWords(trouble, words).message, 300) },
          remedy: short(noteWords(trouble, words).remedy, 300),
        }),
      ),
    );
  else if (lastRun !== null && isNoted(lastRun)) lines.push(lastRunLine(lastRun, words, colours));
  if (asked !== null) {
    const key = watched ? 'schedule.asked' : 'schedule.asked_unwatched';
    lines.push(words.say(key, { by: asked.by, at: words.moment(asked.at) }));
  }
  if (!watched) lines.push(colours.dim(words.say('schedule.unwatched')));
  return lines;
}

/** One that ended well needs no words of its own. */
function isNoted({ state, error }: NightlyRun): boolean {
  return state === 'failed' || state === 'interrupted' || state === 'parked' || error !== null;
}

function lastRunLine({ state, startedAt, error }: NightlyRun, words: Words, colours: Colours): string {
  const at = words.moment(startedAt);
  if (state === 'parked') return colours.yellow(words.say('schedule.parked', { at }));
  if (state === 'interrupted') return colours.yellow(words.say('schedule.interrupted', { at }));
  const { message, remedy } = error === null ? { message: '', remedy: '' } : noteWords(error, words);
  const facts = { at, message: short(message, 300), remedy: short(remedy, 300) };
  return state === 'failed'
    ? colours.red(words.say(remedy === '' ? 'schedule.failed_why' : 'schedule.failed', facts))
    : colours.yellow(words.say('schedule.rests', facts));
}
