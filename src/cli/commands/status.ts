import { type CommandSpec, chosenSyncs, printJson, withApp } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { statusText } from '../present/status.ts';

export const status: CommandSpec = {
  usage: 'status',
  summary: (words) => words.say('command.status'),
  options: [],
  run: (context) =>
    withApp(context, async (app) => {
      const all = [];
      for (const sync of chosenSyncs(context, app)) all.push(await app.status(sync));
      if (context.options.json) printJson(context, { syncs: all });
      else
        context.io.out(
          all.map((one) => statusText(one, context.words, context.colours, context.io.columns)).join('\n'),
        );
      return EXIT.done;
    }),
};
