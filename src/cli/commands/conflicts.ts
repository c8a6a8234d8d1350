import type { App } from '../../app.ts';
import { OppsyncError } from '../../core/errors.ts';
import { faultOf } from '../../core/fault-sentences.ts';
import { type CommandSpec, type Context, oneSync, printJson, withApp } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { textOption } from '../option-values.ts';
import { conflictDocument, conflictsText, conflictText } from '../present/conflicts.ts';
import { UsageError } from '../usage-error.ts';

export const conflicts: CommandSpec = {
  usage: 'conflicts [action] [ids...]',
  summary: (words) => words.say('command.conflicts'),
  options: [
    { flags: '--use <crm>', help: (words) => words.say('option.use') },
    { flags: '--value <value>', help: (words) => words.say('option.value') },
    { flags: '--field <field>', help: (words) => words.say('option.field') },
    { flags: '--all', help: (words) => words.say('option.all_conflicts') },
    { flags: '--by <name>', help: (words) => words.say('option.approver') },
  ],
  run: (context, [action = '', ...ids], options) => {
    const field = textOption(options, 'field');
    if (action === '') return withApp(context, (app) => list(context, app, field));
    if (action === 'show') return withApp(context, (app) => show(context, app, ids));
    if (action === 'resolve') return withApp(context, (app) => resolve(context, app, ids, options));
    throw new UsageError('usage.action', { given: JSON.stringify(action), known: 'show, resolve' });
  },
};

async function list(context: Context, app: App, field: string | undefined): Promise<number> {
  const rows = await app.conflicts(oneSync(context, app), field);
  if (context.options.json) printJson(context, rows.map(conflictDocument));
  else context.io.out(conflictsText(rows, context.words, context.colours));
  return EXIT.done;
}

async function show(context: Context, app: App, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) throw new UsageError('usage.missing_argument', { given: 'id' });
  const rows = await app.conflicts(oneSync(context, app));
  const found = ids.map((id) => rows.find((row) => row.id === id) ?? unknown(id));
  if (context.options.json) printJson(context, found.map(conflictDocument));
  else context.io.out(found.map((row) => conflictText(row, context.words, context.colours)).join('\n'));
  return EXIT.done;
}

async function resolve(
  context: Context,
  app: App,
  ids: readonly string[],
  options: Record<string, unknown>,
): Promise<number> {
  const field = textOption(options, 'field');
  const use = textOption(options, 'use');
  const value = textOption(options, 'value');
  if ((use === undefined) === (value === undefined)) throw new UsageError('usage.use_or_value');
  const bulk = options['all'] === true || field !== undefined;
  if (bulk === ids.length > 0) throw new UsageError('usage.which_conflicts');
  const decided = use === undefined ? { value: value === '' ? null : (value ?? null) } : { use };
  const request = {
    ids: bulk ? ('all' as const) : ids,
    ...(field === undefined ? {} : { field }),
    ...decided,
  };
  const by = textOption(options, 'by') ?? context.user;
  const done = await app.resolveConflicts(oneSync(context, app), request, by);
  if (context.options.json) printJson(context, { resolved: done.map(({ id }) => id) });
  else context.io.out(`${context.words.say('conflicts.resolved', { n: done.length })}\n`);
  return EXIT.done;
}

function unknown(id: string): never {
  throw new OppsyncError({
    recovery: 'refuse',
    ...faultOf('conflict.unknown', { id }),
  });
}
