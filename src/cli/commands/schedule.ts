import type { ScheduleOrder } from '../../app.ts';
import { type CommandSpec, chosenSyncs, printJson, withApp } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { textOption } from '../option-values.ts';
import { scheduleText } from '../present/schedule.ts';
import { UsageError } from '../usage-error.ts';

const ORDERS: readonly ScheduleOrder[] = ['pause', 'resume', 'now'];

export const schedule: CommandSpec = {
  usage: 'schedule [action]',
  summary: (words) => words.say('command.schedule'),
  options: [{ flags: '--by <name>', help: (words) => words.say('option.approver') }],
  run: (context, [action], options) => {
    const order = ORDERS.find((known) => known === action);
    if (action !== undefined && order === undefined)
      throw new UsageError('usage.action', { given: JSON.stringify(action), known: ORDERS.join(', ') });
    return withApp(context, async (app) => {
      const by = textOption(options, 'by') ?? context.user;
      const all = [];
      for (const sync of chosenSyncs(context, app)) {
        const status =
          order === undefined ? (await app.status(sync)).schedule : await app.orderSchedule(sync, order, by);
        all.push({ sync, schedule: status });
      }
      if (context.options.json) printJson(context, { schedules: all });
      else
        context.io.out(
          all.map((one) => scheduleText(one.sync, one.schedule, context.words, context.colours)).join('\n'),
        );
      return EXIT.done;
    });
  },
};
