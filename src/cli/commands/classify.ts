import { classifyLabel, tableFor } from '../../core/label.ts';
import type { Snapshot } from '../../core/opportunity.ts';
import { sentence } from '../../core/sentence.ts';
import type { Verdict } from '../../core/verdict.ts';
import { type OfflineItem, readOffline } from '../../offline.ts';
import { judge, type OfflineSettings } from '../../offline-verdict.ts';
import { classifierOf, type Rules } from '../../profiles.ts';
import type { CommandSpec, Context } from '../context.ts';
import { datasetSource } from '../dataset-source.ts';
import { EXIT } from '../exit-code.ts';
import { offlineRules } from '../offline-rules.ts';
import { momentAtEndOf, textOption } from '../option-values.ts';
import { printable } from '../present/text.ts';
import { UsageError } from '../usage-error.ts';

/** Verdicts on exported records, offline: dataset lines in, one line per opportunity, deal or label out, in their order. */
export const classify: CommandSpec = {
  usage: 'classify [file]',
  summary: (words) => words.say('command.classify'),
  options: [
    { flags: '--profile <profile>', help: (words) => words.say('option.classify_profile') },
    {
      flags: '--as-of <date>',
      help: (words) => words.say('option.classify_as_of'),
      parse: momentAtEndOf('--as-of'),
    },
    { flags: '--label-language <language>', help: (words) => words.say('option.label_language') },
    { flags: '--skip-bad', help: (words) => words.say('option.skip_bad') },
  ],
  async run(context, [file], options) {
    const { settings, rules } = offlineRules(context, textOption(options, 'profile'));
    const language = textOption(options, 'labelLanguage');
    if (language !== undefined && tableFor(language, rules.dictionary) === null)
      throw new UsageError('usage.language', {
        ...{ option: '--label-language', given: JSON.stringify(language) },
        known: rules.dictionary.tables.map((table) => table.language).join(', '),
      });
    const answers = createAnswers(context, settings, rules, options);
    const name = file === undefined || file === 'undefined' ? '-' : file;
    const source = datasetSource(context, name);
    for await (const items of readOffline(source, answers.reading)) {
      context.signal.throwIfAborted();
      answerBlock(context, name, items, answers.answer, options['skipBad'] === true);
      await context.io.caughtUp();
    }
    return EXIT.done;
  },
};

type Answer = (item: Exclude<OfflineItem, { is: 'bad' }>) => string;

/** Writes the answers of a block at once; at a line that cannot be read those before it are still written. */
function answerBlock(
  context: Context,
  file: string,
  items: readonly OfflineItem[],
  answer: Answer,
  skipBad: boolean,
): void {
  let out = '';
  for (const item of items) {
    if (item.is !== 'bad') {
      out += answer(item);
      continue;
    }
    const line = String(item.line);
    const reason = printable(context.words.say(`line.${item.fault.code}`, item.fault.params));
    if (!skipBad) {
      context.io.out(out);
      throw new UsageError('usage.bad_line', { ...(file === '-' ? {} : { file }), line, reason });
    }
    context.io.err(`${context.words.say('sandbox.skipped', { line, reason })}\n`);
  }
  if (out !== '') context.io.out(out);
}

function createAnswers(
  context: Context,
  settings: OfflineSettings,
  rules: Rules,
  options: Record<string, unknown>,
): { readonly answer: Answer; readonly reading: Parameters<typeof readOffline>[1] } {
  const { locale } = context.words;
  const given = textOption(options, 'labelLanguage') ?? null;
  const asOf = options['asOf'];
  const now = typeof asOf === 'number' ? asOf : context.now();
  const classifier = classifierOf(rules, settings, locale);
  let languages = new Map<string, ReadonlyMap<string, string | null>>();
  const answer: Answer = (item) => {
    if (item.is === 'label') {
      const { class: found, phase } = classifyLabel(item.label, item.language ?? given, rules.dictionary);
      return `${JSON.stringify({ label: item.label, class: found, phase })}\n`;
    }
    const { snapshot, assumed } = item;
    const language = given ?? languages.get(snapshot.crm)?.get(snapshot.evidence.stageKey ?? '') ?? null;
    return `${verdictLine(snapshot, judge(classifier, snapshot, { now, language, assumed }), locale)}\n`;
  };
  return {
    answer,
    reading: {
      readAt: now,
      evidence: settings.evidence,
      evidenceNames: Object.keys(rules.profile.evidence),
      onFacts: (facts) => {
        languages = new Map(
          Object.values(facts).map(({ crm, stages }) => [crm, classifier.languagesOf(crm, stages)]),
        );
      },
    },
  };
}

/** The contract of a verdict line; moments are ISO 8601 in UTC. */
function verdictLine(snapshot: Snapshot, verdict: Verdict, locale: 'en' | 'fr'): string {
  const { fields, evidence, id, crm } = snapshot;
  const { status, outcome, phase, engagement, completeness, flags, because } = verdict;
  const { state, last, days } = engagement;
  const about = {
    name: fields['name'] ?? id,
    amount: fields['amount'] ?? null,
    currency: fields['currency'] ?? null,
    stageLabel: evidence.stageLabel ?? null,
  };
  // The id as the file writes it: whoever sent the line joins the verdict to it. Salesforce ids have two forms.
  const given = snapshot.raw['Id'];
  return JSON.stringify({
    id: typeof given === 'string' && id.startsWith(given) ? given : id,
    crm,
    status,
    outcome,
    phase,
    engagement: { state, last: last === null ? null : new Date(last).toISOString(), days },
    completeness,
    flags,
    because,
    sentence: sentence(verdict, about, locale),
  });
}
