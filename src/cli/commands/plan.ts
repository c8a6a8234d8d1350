import type { PlannedChange } from '../../core/report.ts';
import { type CommandSpec, oneSync, printJson, withApp } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { isEmptyPlan, planTotals, printChanges } from '../present/plan.ts';
import { planCsv } from '../present/plan-csv.ts';
import { reportText } from '../present/report.ts';
import { runWithProgress } from '../run-with-progress.ts';

const SHOWN_PER_REASON = 20;

export const plan: CommandSpec = {
  usage: 'plan',
  summary: (words) => words.say('command.plan'),
  options: [
    { flags: '--full', help: (words) => words.say('option.full') },
    { flags: '--all', help: (words) => words.say('option.all') },
    { flags: '--csv', help: (words) => words.say('option.plan_csv') },
  ],
  run: (context, _args, options) =>
    withApp(context, async (app) => {
      const { io, words, colours } = context;
      const sync = oneSync(context, app);
      const report = await runWithProgress(context, { full: options['full'] === true }, (given) =>
        app.run(sync, 'plan', given),
      );
      const changes = () => app.planChanges(sync, report.plan?.digest ?? '', words.locale);
      if (options['csv'] === true) {
        for await (const piece of planCsv(report.plan === null ? nothing() : changes())) {
          io.out(piece);
          await io.caughtUp();
        }
        return EXIT.done;
      }
      if (context.options.json) {
        const listed = options['all'] === true && report.plan !== null ? await all(changes()) : null;
        printJson(context, listed === null ? report : { ...report, changes: listed });
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
      await printChanges(changes(), limit, words, colours, io.out);
      io.out(`\n${words.say('report.approve', { digest: view.digest.slice(0, 12) })}\n`);
      return EXIT.done;
    }),
};

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function* nothing(): AsyncIterable<PlannedChange> {}
