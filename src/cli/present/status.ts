import type { SyncStatus } from '../../app.ts';
import { OUTCOMES, type RunSummary } from '../../core/report.ts';
import { crmTitle } from '../../crm-title.ts';
import type { Colours } from '../colours.ts';
import type { Words } from '../locale/index.ts';
import { changeEventRows } from './change-events.ts';
import { noteWords } from './note-words.ts';
import { isEmptyPlan } from './plan.ts';
import { brakeWords } from './report.ts';
import { scheduleLines } from './schedule.ts';
import { table } from './table.ts';
import { short, shortDigest } from './text.ts';

/** Where one sync stands, in lines no wider than `columns` where words allow it. */
export function statusText(status: SyncStatus, words: Words, colours: Colours, columns = 100): string {
  const title = `${colours.bold(words.say('status.title', { sync: status.sync }))}\n`;
  const scheduled = scheduleLines(status.schedule, words, colours);
  const rows = [
    ...(status.lastRun === null ? [] : stateRows(status, status.lastRun, words, colours)),
    ...under(words.say('status.events'), eventLines(status, words, colours)),
    ...changeEventRows(status.changeEvents, words, colours),
    ...under(words.say('status.schedule'), scheduled),
  ];
  const never = status.lastRun === null ? `  ${words.say('status.never')}\n` : '';
  const dimmed = rows.map(([label = '', text = '']) => [colours.dim(label), text]);
  return `${title}${never}${table(colours, [], dimmed, columns)}`;
}

function stateRows(status: SyncStatus, lastRun: RunSummary, words: Words, colours: Colours): string[][] {
  const records = Object.entries(status.records).map(([crm, n]) => `${words.number(n)} ${crmTitle(crm)}`);
  const outcomes = OUTCOMES.filter((key) => (status.outcomes[key] ?? 0) > 0).map((key) =>
    words.count(`outcomes.${key}`, status.outcomes[key] ?? 0),
  );
  const { lastGood } = status;
  return [
    [words.say('status.records'), records.join(' · ')],
    [words.say('status.pairs'), words.number(status.pairs)],
    [words.say('report.outcomes'), outcomes.join(' · ') || '0'],
    [words.say('status.conflicts'), words.number(status.conflicts)],
    [words.say('status.quarantined'), words.number(status.quarantined)],
    ...lostRow(lastRun, words),
    [words.say('status.last_run'), runLine(lastRun, words)],
    [
      words.say('status.last_good'),
      lastGood === null ? words.say('status.no_good') : runLine(lastGood, words),
    ],
    ...under(words.say('status.open_plan'), planLines(status, words, colours)),
  ];
}

/** Lines under one label. */
function under(label: string, lines: readonly string[]): string[][] {
  return lines.map((line, index) => [index === 0 ? label : '', line]);
}

/** The open plan, how it is carried out, and what holds it. */
function planLines({ openPlan: plan, brakes }: SyncStatus, words: Words, colours: Colours): string[] {
  if (plan === null || isEmptyPlan(plan)) return [words.say('status.none')];
  const digest = shortDigest(plan.digest);
  const changes = words.count('changes', plan.changes);
  return [
    words.say('status.plan_waits', { digest, changes }),
    ...brakes.map((brake) => colours.yellow(words.say('status.held_by', brakeWords(brake, words)))),
  ];
}

/** Events are shown when some wait, or when what they are about cannot be carried over. */
function eventLines({ events }: SyncStatus, words: Words, colours: Colours): string[] {
  const { waiting, since, failing, refused, held, full, stuck } = events;
  const lines: string[] = [];
  if (waiting > 0 && since !== null) {
    lines.push(words.say('status.events_waiting', { n: words.number(waiting), since: words.moment(since) }));
    if (held !== null) lines.push(colours.yellow(words.say(`status.events_${held}`)));
    if (full) lines.push(colours.red(words.say('status.events_full')));
    if (stuck) lines.push(colours.red(words.say('status.events_stuck')));
  }
  if (failing !== null) {
    const { message, remedy } = noteWords(failing.error, words);
    lines.push(
      colours.red(
        words.say('status.events_failing', {
          ...{ failures: words.number(failing.failures), since: words.moment(failing.since) },
          ...{ next: words.moment(failing.nextAt), message: short(message, 300) },
          remedy: short(remedy, 300),
        }),
      ),
    );
  }
  if (refused !== null)
    lines.push(colours.red(words.say('status.events_refused', { at: words.moment(refused) })));
  return lines;
}

function runLine(run: RunSummary, words: Words): string {
  const begun = `${words.moment(run.startedAt)}, ${words.say(`mode.${run.mode}`)}`;
  if (run.rests !== undefined) {
    const { crm, until } = run.rests;
    return `${begun}, ${words.say('status.rests', { crm: crmTitle(crm), until: words.moment(until) })}`;
  }
  const told = run.fault === undefined ? null : noteWords(run.fault, words);
  const error = run.error === null ? '' : `: ${short(told?.message ?? run.error, 300)}`;
  const remedy = run.remedy === null ? '' : ` → ${short(told?.remedy ?? run.remedy, 300)}`;
  return `${begun}, ${words.say(`runstate.${run.state}`)}${error}${remedy}`;
}

/** Shown as long as the last run is the one that replaced edits. */
function lostRow(run: RunSummary, words: Words): string[][] {
  const lost = run.report?.lostEdits?.count ?? 0;
  if (lost === 0) return [];
  const remedy = words.say('report.lost_remedy', { run: run.run });
  return [[words.say('status.lost'), `${words.number(lost)}: ${remedy}`]];
}
