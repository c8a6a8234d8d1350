import { type CommandSpec, oneSync, printJson, withApp } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { explanationText } from '../present/explanation.ts';
import { UsageError } from '../usage-error.ts';

export const explain: CommandSpec = {
  usage: 'explain <id>',
  summary: (words) => words.say('command.explain'),
  options: [],
  run: (context, [id = '']) =>
    withApp(context, async (app) => {
      const sync = oneSync(context, app);
      const found = await app.explain(sync, id, context.words.locale);
      if (found.length === 0) throw new UsageError('usage.not_found', { sync, id });
      if (context.options.json) printJson(context, found);
      else
        context.io.out(
          found
            .map((one) => explanationText(one, context.words, context.colours, context.io.columns))
            .join('\n'),
        );
      return EXIT.done;
    }),
};
