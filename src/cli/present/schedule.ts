import type { ScheduleStatus } from '../../app.ts';
import type { Colours } from '../colours.ts';
import type { Words } from '../locale/index.ts';

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
  const { cron, timeZone, next, paused, asked, lastGood, overdue, watched } = schedule;
  const lines = [
    paused === null
      ? `${cron} (${timeZone}), ${words.say('schedule.next', { at: words.moment(next) })}`
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
  if (asked !== null) lines.push(words.say('schedule.asked', { by: asked.by, at: words.moment(asked.at) }));
  if (!watched) lines.push(colours.dim(words.say('schedule.unwatched')));
  return lines;
}
