import type { RunSummary } from '../../core/report.ts';
import type { Colours } from '../colours.ts';
import type { Words } from '../locale/index.ts';
import { type FittedColumn, fittedTable } from './fitted-table.ts';
import { short } from './text.ts';

/** Runs as a table, in the order given, no wider than so many columns: what tells least is left out first, and named. */
export function runsText(
  runs: readonly RunSummary[],
  words: Words,
  colours: Colours,
  columns: number,
): string {
  if (runs.length === 0) return `${words.say('runs.none')}\n`;
  const shown: readonly FittedColumn<RunSummary>[] = [
    { head: words.say('runs.run'), cell: ({ run }) => run },
    { head: words.say('runs.sync'), cell: ({ sync }) => sync, expendable: 3 },
    { head: words.say('runs.mode'), cell: ({ mode }) => words.say(`mode.${mode}`), shrinkTo: 9 },
    {
      head: words.say('runs.state'),
      cell: ({ rests, state }) => words.say(`runstate.${rests === undefined ? state : 'resting'}`),
      shrinkTo: 9,
    },
    { head: words.say('runs.started'), cell: ({ startedAt }) => words.moment(startedAt), shrinkTo: 21 },
    {
      head: words.say('runs.took'),
      cell: ({ startedAt, finishedAt }) =>
        finishedAt === null ? '' : words.duration(finishedAt - startedAt),
      expendable: 2,
    },
    { head: words.say('runs.by'), cell: ({ by }) => short(by, 24), expendable: 1 },
    {
      head: words.say('runs.writes'),
      cell: (run) => (run.report === null ? '' : writesText(run, words)),
      right: true,
    },
  ];
  const { text, leftOut } = fittedTable(colours, shown, runs, columns);
  if (leftOut.length === 0) return text;
  return `${text}\n${colours.dim(words.say('runs.narrow', { heads: leftOut.join(' · ') }))}\n`;
}

/** The number of writes, with how many values they replaced that nobody had seen. */
function writesText(run: RunSummary, words: Words): string {
  const writes = words.number(writesOf(run));
  const lost = run.report?.lostEdits?.count ?? 0;
  return lost === 0 ? writes : `${writes} (${words.count('lost_short', lost)})`;
}

function writesOf(run: RunSummary): number {
  return Object.values(run.report?.writes ?? {}).reduce(
    (sum, { update, create }) => sum + update + create,
    0,
  );
}
