import { type CommandSpec, chosenSyncs, printJson, withApp } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { numberOption, wholeNumber } from '../option-values.ts';
import { runsText } from '../present/runs.ts';

export const runs: CommandSpec = {
  usage: 'runs',
  summary: (words) => words.say('command.runs'),
  options: [
    {
      flags: '--limit <n>',
      help: (words) => words.say('option.limit'),
      parse: wholeNumber('--limit', 1, 10_000),
    },
  ],
  run: (context, _args, options) =>
    withApp(context, async (app) => {
      const limit = numberOption(options, 'limit') ?? 20;
      const all = [];
      for (const sync of chosenSyncs(context, app)) all.push(...(await app.runs(sync, limit)));
      const latest = all.sort((a, b) => b.startedAt - a.startedAt).slice(0, limit);
      if (context.options.json) printJson(context, latest);
      else
        context.io.out(
          runsText(
            latest,
            context.words,
            context.colours,
            context.io.outIsTerminal ? context.io.columns : Infinity,
          ),
        );
      return EXIT.done;
    }),
};
