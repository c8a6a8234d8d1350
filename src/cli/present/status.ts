import type { SyncStatus } from '../../app.ts';
import { OUTCOMES, type RunSummary } from '../../core/report.ts';
import type { Colours } from '../colours.ts';
import type { Words } from '../locale/index.ts';
import { changeEventRows } from './change-events.ts';
import { isEmptyPlan } from './plan.ts';
import { scheduleLines } from './schedule.ts';
import { table } from './table.ts';
import { crmName, short, shortDigest } from './text.ts';

/** Where one sync stands. */
export function statusText(status: SyncStatus, words: Words, colours: Colours): string {
  const title = `${colours.bold(words.say('status.title', { sync: status.sync }))}\n`;
  if (status.lastRun === null) return `${title}  ${words.say('status.never')}\n`;
  const records = Object.entries(status.records).map(([crm, n]) => `${words.number(n)} ${crmName(crm)}`);
  const outcomes = OUTCOMES.filter((key) => (status.outcomes[key] ?? 0) > 0).map((key) =>
    words.count(`outcomes.${key}`, status.outcomes[key] ?? 0),
  );
  const plan = status.openPlan;
  const none = words.say('status.none');
  return (
    title +
    table(
      colours,
      [],
      [
        [words.say('status.records'), records.join(' · ')],
        [words.say('status.pairs'), words.number(status.pairs)],
        [words.say('report.outcomes'), outcomes.join(' · ') || '0'],
        [words.say('status.conflicts'), words.number(status.conflicts)],
        [words.say('status.quarantined'), words.number(status.quarantined)],
        ...lostRow(status.lastRun, words),
        [words.say('status.last_run'), runLine(status.lastRun, words)],
        [words.say('status.last_good'), status.lastGood === null ? none : runLine(status.lastGood, words)],
        [
          words.say('status.open_plan'),
          plan === null || isEmptyPlan(plan)
            ? none
            : `${shortDigest(plan.digest)}, ${words.count('changes', plan.changes)}`,
        ],
        ...eventRows(status, words, colours),
        ...changeEventRows(status.changeEvents, words, colours),
        ...scheduleLines(status.schedule, words, colours).map((line, index) => [
          index === 0 ? words.say('status.schedule') : '',
          line,
        ]),
      ].map(([label = '', text = '']) => [colours.dim(label), text]),
    )
  );
}

/** Events are shown when some wait, or when what they are about cannot be carried over. */
function eventRows({ events }: SyncStatus, words: Words, colours: Colours): string[][] {
  const { waiting, since, failing } = events;
  const lines: string[] = [];
  if (waiting > 0 && since !== null)
    lines.push(words.say('status.events_waiting', { n: words.number(waiting), since: words.moment(since) }));
  if (failing !== null)
    lines.push(
      colours.red(
        words.say('status.events_failing', {
          ...{ failures: words.number(failing.failures), since: words.moment(failing.since) },
          ...{ next: words.moment(failing.nextAt), message: short(failing.error.message, 160) },
          remedy: failing.error.remedy,
        }),
      ),
    );
  return lines.map((line, index) => [index === 0 ? words.say('status.events') : '', line]);
}

function runLine(run: RunSummary, words: Words): string {
  const state = words.say(`runstate.${run.state}`);
  const error = run.error === null ? '' : `: ${short(run.error, 120)}`;
  return `${words.moment(run.startedAt)}, ${words.say(`mode.${run.mode}`)}, ${state}${error}`;
}

/** Runs as a table, in the order given. */
export function runsText(runs: readonly RunSummary[], words: Words, colours: Colours): string {
  if (runs.length === 0) return `${words.say('runs.none')}\n`;
  const head = (['run', 'sync', 'mode', 'state', 'started', 'took', 'by', 'writes'] as const).map((key) =>
    words.say(`runs.${key}`),
  );
  return table(
    colours,
    head,
    runs.map((run) => [
      run.run,
      run.sync,
      words.say(`mode.${run.mode}`),
      words.say(`runstate.${run.state}`),
      words.moment(run.startedAt),
      run.finishedAt === null ? '' : words.duration(run.finishedAt - run.startedAt),
      short(run.by, 24),
      { right: run.report === null ? '' : writesText(run, words) },
    ]),
  );
}

/** The number of writes, with how many values they replaced that nobody had seen. */
function writesText(run: RunSummary, words: Words): string {
  const writes = words.number(writesOf(run));
  const lost = run.report?.lostEdits?.count ?? 0;
  return lost === 0 ? writes : `${writes} (${words.count('lost_short', lost)})`;
}

/** Shown as long as the last run is the one that replaced edits. */
function lostRow(run: RunSummary, words: Words): string[][] {
  const lost = run.report?.lostEdits?.count ?? 0;
  if (lost === 0) return [];
  const remedy = words.say('report.lost_remedy', { run: run.run });
  return [[words.say('status.lost'), `${words.number(lost)}: ${remedy}`]];
}

function writesOf(run: RunSummary): number {
  return Object.values(run.report?.writes ?? {}).reduce(
    (sum, { update, create }) => sum + update + create,
    0,
  );
}
