import type { App } from '../../app.ts';
import type { AuditRow } from '../../core/audit.ts';
import { type CommandSpec, type Context, printJson, withApp } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { numberOption, textOption, wholeNumber } from '../option-values.ts';
import { table } from '../present/table.ts';
import { short } from '../present/text.ts';
import { UsageError } from '../usage-error.ts';

export const audit: CommandSpec = {
  usage: 'audit [action]',
  summary: (words) => words.say('command.audit'),
  options: [
    {
      flags: '--limit <n>',
      help: (words) => words.say('option.audit_limit'),
      parse: wholeNumber('--limit', 1, 1_000_000),
    },
    { flags: '--expect <n:hash>', help: (words) => words.say('option.expect') },
  ],
  run: (context, [action = ''], options) => {
    if (action === '')
      return withApp(context, (app) => list(context, app, numberOption(options, 'limit') ?? 50));
    if (action === 'verify')
      return withApp(context, (app) => verify(context, app, textOption(options, 'expect')));
    throw new UsageError('usage.action', { given: JSON.stringify(action), known: 'verify' });
  },
};

async function list(context: Context, app: App, limit: number): Promise<number> {
  const { words, colours, io } = context;
  const rows = await app.audit(limit);
  if (context.options.json) printJson(context, rows.map(document));
  else if (rows.length === 0) io.out(`${words.say('audit.none')}\n`);
  else {
    const head = (['n', 'at', 'by', 'action', 'details'] as const).map((key) => words.say(`audit.${key}`));
    const lines = rows.map((row) => [
      { right: String(row.n) },
      words.moment(row.at),
      short(row.by, 24),
      row.action,
      short(row.details, 80),
    ]);
    io.out(table(colours, head, lines));
  }
  return EXIT.done;
}

async function verify(context: Context, app: App, expected: string | undefined): Promise<number> {
  const { words, colours, io } = context;
  const { rows, head, fault } = await app.verifyAudit();
  const known = expected === undefined ? null : await remembered(app, expected);
  const broken = fault ?? known;
  if (context.options.json) printJson(context, { ok: broken === null, rows, head, fault: broken });
  else if (broken === null)
    io.out(
      `${colours.green(words.say('audit.whole', { rows }))} ${words.say('audit.keep', { head: `${head.n}:${head.hash}` })}\n`,
    );
  else io.out(`${colours.red(words.say(`audit.${broken.fault}`, { n: String(broken.n) }))}\n`);
  return broken === null ? EXIT.done : EXIT.refused;
}

/** A row noted down earlier has to be there as it was: so that a chain made anew as a whole is noticed. */
async function remembered(app: App, expected: string) {
  const match = /^(\d{1,15}):([0-9a-f]{64})$/.exec(expected);
  if (match === null) throw new UsageError('usage.expect', { given: JSON.stringify(expected) });
  const n = Number(match[1]);
  if (n === 0) return null;
  const row = (await app.audit(Number.MAX_SAFE_INTEGER)).find((one) => one.n === n);
  if (row?.hash === match[2]) return null;
  return { n, fault: row === undefined ? ('missing' as const) : ('altered' as const) };
}

function document({ details, at, ...row }: AuditRow) {
  return { ...row, at: new Date(at).toISOString(), details: JSON.parse(details) as unknown };
}
