import { type CommandSpec, printJson, withApp } from '../context.ts';
import { EXIT } from '../exit-code.ts';

export const migrate: CommandSpec = {
  usage: 'migrate',
  summary: (words) => words.say('command.migrate'),
  options: [],
  run: (context) =>
    withApp(context, async (app) => {
      const applied = await app.migrate();
      const { words } = context;
      if (context.options.json) printJson(context, { applied });
      else if (applied.length === 0) context.io.out(`${words.say('migrate.none')}\n`);
      else context.io.out(`${words.say('migrate.done', { names: applied.join(', ') })}\n`);
      return EXIT.done;
    }),
};
