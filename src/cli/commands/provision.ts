import type { ProvisionReport } from '../../core/provision-port.ts';
import { type CommandSpec, type Context, oneSync, printJson, withApp } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { provisionedText, toProvisionText } from '../present/provision.ts';

/** Shows which of our own fields the CRMs have, and creates the others once somebody says so. */
export const provision: CommandSpec = {
  usage: 'provision',
  summary: (words) => words.say('command.provision'),
  options: [{ flags: '--yes', help: (words) => words.say('option.yes') }],
  run: (context, _args, options) =>
    withApp(context, async (app) => {
      const { io, words, colours } = context;
      const sync = oneSync(context, app);
      const before = await app.provision(sync, false);
      const { json } = context.options;
      const yes = options['yes'] === true;
      if (!json && !yes) io.out(toProvisionText(before, words, colours));
      const toDo = before.some(({ fields }) =>
        fields.some(({ state }) => state === 'missing' || state === 'not_permitted'),
      );
      if (!toDo || !(yes || (await agrees(context)))) {
        if (json) printJson(context, document(sync, before));
        else io.out(`${words.say(toDo ? 'provision.how' : 'provision.complete')}\n`);
        return toDo || isComplete(before) ? EXIT.done : EXIT.refused;
      }
      const after = await app.provision(sync, true);
      if (json) printJson(context, document(sync, after));
      else io.out(provisionedText(after, words, colours));
      return isComplete(after) ? EXIT.done : EXIT.refused;
    }),
};

function isComplete(reports: readonly ProvisionReport[]): boolean {
  return reports.every(({ fields }) => fields.every(({ state }) => state === 'ready'));
}

/** Asks the person at the terminal; nobody there means no. */
async function agrees(context: Context): Promise<boolean> {
  if (!context.inputIsTerminal || context.options.json) return false;
  context.io.err(context.words.say('provision.ask'));
  for await (const typed of context.input()) {
    const answer = Buffer.from(typed).toString('utf8').trim().toLowerCase();
    return context.words.say('provision.answers').split(',').includes(answer);
  }
  return false;
}

function document(sync: string, reports: readonly ProvisionReport[]): unknown {
  return {
    sync,
    crms: Object.fromEntries(
      reports.map(({ crm, fields, made, problems }) => [
        crm,
        {
          fields: fields.map(({ field, native, object, state }) => ({
            ...{ field, native, state },
            ...(object === undefined ? {} : { object }),
          })),
          made,
          problems: problems.map(({ code, field, message, remedy }) => ({
            code,
            field: field ?? null,
            message,
            remedy,
          })),
        },
      ]),
    ),
  };
}
