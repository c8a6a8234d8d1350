import type { App } from '../../app.ts';
import { type CommandSpec, type Context, chosenSyncs, oneSync, printJson, withApp } from '../context.ts';
import { exitCodeOfReport } from '../exit-code.ts';
import { textOption } from '../option-values.ts';
import { reportText } from '../present/report.ts';
import { runWithProgress } from '../run-with-progress.ts';

/** A digest may be shortened to this many characters. */
const SHORTEST = 8;

/** The sync and the whole digest that a (shortened) digest means. Without a match it goes on as given, to be refused. */
async function meantPlan(
  context: Context,
  app: App,
  given: string,
): Promise<{ sync: string; digest: string }> {
  for (const sync of chosenSyncs(context, app)) {
    const open = await app.plan(sync);
    if (open?.digest === given || (given.length >= SHORTEST && open?.digest.startsWith(given)))
      return { sync, digest: open.digest };
  }
  return { sync: oneSync(context, app), digest: given };
}

export const apply: CommandSpec = {
  usage: 'apply <digest>',
  summary: (words) => words.say('command.apply'),
  options: [
    { flags: '--strict', help: (words) => words.say('option.strict') },
    { flags: '--by <name>', help: (words) => words.say('option.approver') },
  ],
  run: (context, [given = ''], options) =>
    withApp(context, async (app) => {
      const by = textOption(options, 'by') ?? context.user;
      const { sync, digest } = await meantPlan(context, app, given);
      const report = await runWithProgress(context, {}, (run) => app.apply(sync, digest, { ...run, by }));
      if (context.options.json) printJson(context, report);
      else context.io.out(reportText(report, context.words, context.colours));
      return exitCodeOfReport(report, options['strict'] === true);
    }),
};
