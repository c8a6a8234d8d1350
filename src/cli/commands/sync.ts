import { type CommandSpec, oneSync, printJson, withApp } from '../context.ts';
import { exitCodeOfReport } from '../exit-code.ts';
import { planTotals } from '../present/plan.ts';
import { reportText } from '../present/report.ts';
import { shortDigest } from '../present/text.ts';
import { runWithProgress } from '../run-with-progress.ts';

export const sync: CommandSpec = {
  usage: 'sync',
  summary: (words) => words.say('command.sync'),
  options: [
    { flags: '--full', help: (words) => words.say('option.full') },
    { flags: '--strict', help: (words) => words.say('option.strict') },
  ],
  run: (context, _args, options) =>
    withApp(context, async (app) => {
      const { io, words, colours } = context;
      const name = oneSync(context, app);
      const report = await runWithProgress(context, { full: options['full'] === true }, (given) =>
        app.run(name, 'sync', given),
      );
      const code = exitCodeOfReport(report, options['strict'] === true);
      if (context.options.json) {
        printJson(context, report);
        return code;
      }
      io.out(reportText(report, words, colours));
      if (report.brakes.length === 0 || report.plan === null) return code;
      const view = await app.plan(name, report.plan.digest);
      if (view !== null) io.out(`\n${planTotals(view, words, colours)}`);
      if (report.brakes.some(({ brake }) => brake === 'first_run'))
        io.out(`${words.say('sync.first_run')}\n`);
      io.out(`${words.say('report.approve', { digest: shortDigest(report.plan.digest) })}\n`);
      return code;
    }),
};
