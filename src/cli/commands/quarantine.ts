import type { App } from '../../app.ts';
import { entriesNamed } from '../../core/quarantine.ts';
import { type CommandSpec, type Context, oneSync, printJson, withApp } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { textOption } from '../option-values.ts';
import {
  quarantineCsv,
  quarantineDocument,
  quarantineEntryText,
  quarantineText,
} from '../present/quarantine.ts';
import { UsageError } from '../usage-error.ts';

export const quarantine: CommandSpec = {
  usage: 'quarantine [action] [ids...]',
  summary: (words) => words.say('command.quarantine'),
  options: [
    { flags: '--csv', help: (words) => words.say('option.quarantine_csv') },
    { flags: '--all', help: (words) => words.say('option.all_quarantined') },
    { flags: '--by <name>', help: (words) => words.say('option.approver') },
  ],
  run: (context, [action = '', ...ids], options) => {
    if (action === '') return withApp(context, (app) => list(context, app, options['csv'] === true));
    if (action === 'show') return withApp(context, (app) => show(context, app, ids));
    if (action === 'replay') return withApp(context, (app) => replay(context, app, ids, options));
    throw new UsageError('usage.action', { given: JSON.stringify(action), known: 'show, replay' });
  },
};

async function list(context: Context, app: App, csv: boolean): Promise<number> {
  const entries = await app.quarantine(oneSync(context, app));
  if (context.options.json) printJson(context, entries.map(quarantineDocument));
  else context.io.out(csv ? quarantineCsv(entries) : quarantineText(entries, context.words, context.colours));
  return EXIT.done;
}

async function show(context: Context, app: App, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) throw new UsageError('usage.missing_argument', { given: 'id' });
  const entries = await app.quarantine(oneSync(context, app));
  const found = ids.flatMap((id) => entriesNamed(entries, id));
  if (context.options.json) printJson(context, found.map(quarantineDocument));
  else
    context.io.out(found.map((one) => quarantineEntryText(one, context.words, context.colours)).join('\n'));
  return EXIT.done;
}

async function replay(
  context: Context,
  app: App,
  ids: readonly string[],
  options: Record<string, unknown>,
): Promise<number> {
  const all = options['all'] === true;
  if (all === ids.length > 0) throw new UsageError('usage.which_quarantined');
  const by = textOption(options, 'by') ?? context.user;
  const replayed = await app.replayQuarantine(oneSync(context, app), all ? 'all' : ids, by);
  if (context.options.json) printJson(context, { replayed });
  else context.io.out(`${context.words.say('quarantine.will_replay', { n: replayed.length })}\n`);
  return EXIT.done;
}
