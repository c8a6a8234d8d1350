import type { CreatedRecord } from '../../core/creation-port.ts';
import type { KeptChange } from '../../core/trust-port.ts';
import { crmTitle } from '../../crm-title.ts';
import { type CommandSpec, oneSync, printJson, withApp } from '../context.ts';
import { EXIT, exitCodeOfReport } from '../exit-code.ts';
import type { Words } from '../locale/index.ts';
import { textOption } from '../option-values.ts';
import { planTotals, printChanges } from '../present/plan.ts';
import { reportText, rollupsText } from '../present/report.ts';
import { short, shortDigest, valueText } from '../present/text.ts';
import { runWithProgress } from '../run-with-progress.ts';

const SHOWN = 20;
const MOST_KEPT = 100_000;

export const undo: CommandSpec = {
  usage: 'undo <run>',
  summary: (words) => words.say('command.undo'),
  options: [
    { flags: '--apply', help: (words) => words.say('option.undo_apply') },
    { flags: '--all', help: (words) => words.say('option.all') },
    { flags: '--by <name>', help: (words) => words.say('option.approver') },
  ],
  run: (context, [run = ''], options) =>
    withApp(context, async (app) => {
      const { io, words, colours } = context;
      const sync = oneSync(context, app);
      const by = textOption(options, 'by') ?? context.user;
      const planned = await runWithProgress(context, {}, (given) => app.undo(sync, run, { ...given, by }));
      const kept = await app.keptByUndo(sync, planned.run, MOST_KEPT);
      const created = await app.createdBy(sync, run);
      const accounts = Object.values(planned.plan?.rollups ?? {}).reduce((sum, n) => sum + n, 0);
      const changes = (planned.plan?.changes ?? 0) + accounts;
      const digest = planned.plan?.digest ?? '';
      const all = options['all'] === true;
      if (!context.options.json) {
        const view = changes === 0 ? null : await app.plan(sync, digest);
        if (view === null) io.out(`${words.say('undo.nothing_left')}\n`);
        else {
          io.out(planTotals(view, words, colours));
          const limit = all ? Number.POSITIVE_INFINITY : SHOWN;
          await printChanges(app.planChanges(sync, digest, words.locale), limit, words, colours, io.out);
        }
        io.out(keptText(kept, all, words));
        io.out(createdText(created, all, words));
        const rollups = rollupsText(planned, words, colours);
        if (rollups !== '') io.out(`\n${rollups}`);
      }
      const applies = options['apply'] === true && changes > 0;
      const report = applies
        ? await runWithProgress(context, {}, (given) => app.apply(sync, digest, { ...given, by }))
        : planned;
      if (context.options.json)
        printJson(context, {
          ...report,
          undoes: run,
          kept: kept.map(keptDocument),
          created: created.map(createdDocument),
        });
      else if (applies) io.out(`\n${reportText(report, words, colours)}`);
      else if (changes > 0) io.out(`\n${words.say('report.approve', { digest: shortDigest(digest) })}\n`);
      return applies ? exitCodeOfReport(report, false) : EXIT.done;
    }),
};

function keptText(kept: readonly KeptChange[], all: boolean, words: Words): string {
  if (kept.length === 0) return '';
  const shown = all ? kept : kept.slice(0, SHOWN);
  const lines = shown.map(({ ref, name, field, before, after, now }) =>
    words.say('undo.kept_line', {
      ...{ name: short(name, 50), field, crm: crmTitle(ref.crm), id: ref.id },
      before: valueText(before, words),
      after: valueText(after, words),
      now: valueText(now, words),
    }),
  );
  const more = kept.length - shown.length;
  return [
    `\n${words.say('undo.kept', { n: kept.length })}\n`,
    ...lines.map((line) => `  ${line}\n`),
    ...(more > 0 ? [`  ${words.say('plan.more', { n: more })}\n`] : []),
  ].join('');
}

/** What a run made stays: said, with what to do about it. */
function createdText(created: readonly CreatedRecord[], all: boolean, words: Words): string {
  const left = created.filter(({ deleted }) => !deleted);
  if (left.length === 0) return '';
  const shown = all ? left : left.slice(0, SHOWN);
  const more = left.length - shown.length;
  return [
    `\n${words.say('undo.created', { n: left.length })}\n`,
    ...shown.map(({ ref, name }) => `  ${short(name, 50)} (${crmTitle(ref.crm)} ${ref.id})\n`),
    ...(more > 0 ? [`  ${words.say('plan.more', { n: more })}\n`] : []),
    `${words.say('undo.created_remedy')}\n`,
  ].join('');
}

function createdDocument({ ref, ...rest }: CreatedRecord) {
  return { ...ref, ...rest };
}

function keptDocument({ ref, now, ...rest }: KeptChange) {
  return { ...ref, ...rest, now: now ?? null, read: now !== undefined };
}
