import { type CommandSpec, oneSync, printJson, withApp } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { isEmptyPlan, planTotals, printChanges } from '../present/plan.ts';
import { reportText } from '../present/report.ts';
import { runWithProgress } from '../run-with-progress.ts';

const SHOWN_PER_REASON = 20;

export const plan: CommandSpec = {
  usage: 'plan',
  summary: (words) => words.say('command.plan'),
  options: [
    { flags: '--full', help: (words) => words.say('option.full') },
    { flags: '--all', help: (words) => words.say('option.all') },
  ],
  run: (context, _args, options) =>
    withApp(context, async (app) => {
      const { io, words, colours } = context;
      const sync = oneSync(context, app);
      const report = await runWithProgress(context, { full: options['full'] === true }, (given) =>
        app.run(sync, 'plan', given),
      );
      if (context.options.json) {
        printJson(context, report);
        return EXIT.done;
      }
      io.out(`${reportText(report, words, colours)}\n`);
      const view = report.plan === null ? null : await app.plan(sync, report.plan.digest);
      if (view === null || isEmptyPlan(view)) {
        io.out(`${words.say('plan.empty')}\n`);
        return EXIT.done;
      }
      io.out(planTotals(view, words, colours));
      const limit = options['all'] === true ? Number.POSITIVE_INFINITY : SHOWN_PER_REASON;
      await printChanges(app.planChanges(sync, view.digest, words.locale), limit, words, colours, io.out);
      io.out(`\n${words.say('report.approve', { digest: view.digest.slice(0, 12) })}\n`);
      return EXIT.done;
    }),
};
