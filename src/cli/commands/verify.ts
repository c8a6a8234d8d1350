import { type CommandSpec, oneSync, printJson, withApp } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { agreementText } from '../present/agreement.ts';

export const verify: CommandSpec = {
  usage: 'verify',
  summary: (words) => words.say('command.verify'),
  options: [
    { flags: '--strict', help: (words) => words.say('option.strict') },
    { flags: '--all', help: (words) => words.say('option.all_differences') },
  ],
  run: (context, _args, options) =>
    withApp(context, async (app) => {
      const report = await app.verify(oneSync(context, app), context.signal);
      if (context.options.json) printJson(context, { ...report, at: new Date(report.at).toISOString() });
      else context.io.out(agreementText(report, options['all'] === true, context.words, context.colours));
      return options['strict'] === true && report.agree < report.pairs ? EXIT.attention : EXIT.done;
    }),
};
