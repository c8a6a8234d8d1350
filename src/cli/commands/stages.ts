import type { StageReport } from '../../app.ts';
import { datasetStages, stageReport } from '../../stages.ts';
import { type CommandSpec, type Context, oneSync, printJson, withApp } from '../context.ts';
import { datasetSource } from '../dataset-source.ts';
import { EXIT } from '../exit-code.ts';
import { offlineRules } from '../offline-rules.ts';
import { textOption } from '../option-values.ts';
import { proposedStages, stagesText } from '../present/stages.ts';
import { printable } from '../present/text.ts';
import { UsageError } from '../usage-error.ts';

/** The stage advisor: what each stage is taken for, and what is odd about it. */
export const stages: CommandSpec = {
  usage: 'stages',
  summary: (words) => words.say('command.stages'),
  options: [
    { flags: '--dataset <file>', help: (words) => words.say('option.stages_dataset') },
    { flags: '--propose', help: (words) => words.say('option.propose') },
    { flags: '--skip-bad', help: (words) => words.say('option.skip_bad') },
  ],
  async run(context, _args, options) {
    const file = textOption(options, 'dataset');
    const report =
      file === undefined
        ? await withApp(context, (app) => app.stages(oneSync(context, app)))
        : await ofDataset(context, file, options['skipBad'] === true);
    if (options['propose'] === true) {
      const proposed = proposedStages(report);
      if (proposed === null) throw new UsageError('usage.two_crms');
      context.io.out(proposed);
    } else if (context.options.json) printJson(context, { stages: report.stages });
    else context.io.out(stagesText(report, context.words, context.colours, context.io.columns));
    return EXIT.done;
  },
};

async function ofDataset(context: Context, file: string, skipBad: boolean): Promise<StageReport> {
  const { settings, rules } = offlineRules(context, undefined);
  const sides = await datasetStages(
    datasetSource(context, file),
    { readAt: context.now(), evidence: settings.evidence, evidenceNames: [] },
    (number, fault) => {
      const line = String(number);
      const reason = printable(context.words.find(`line.${fault.code}`, fault.params) ?? fault.code);
      if (!skipBad) throw new UsageError('usage.bad_line', { file, line, reason });
      context.io.err(`${context.words.say('sandbox.skipped', { line, reason })}\n`);
    },
  );
  return stageReport(sides, rules, settings, settings.stages !== null);
}
