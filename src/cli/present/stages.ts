import type { StageReport } from '../../app.ts';
import type { StageAdvice } from '../../core/stage-advice.ts';
import type { Colours } from '../colours.ts';
import type { Words } from '../locale/index.ts';
import { stageRowsYaml } from './stage-rows.ts';
import { table } from './table.ts';
import { crmName, short } from './text.ts';

/** Every stage, pipeline by pipeline, each warning in its line, and below what the warnings mean. */
export function stagesText({ stages }: StageReport, words: Words, colours: Colours): string {
  const groups = Map.groupBy(stages, ({ crm, pipelineLabel, pipeline }) =>
    [crmName(crm), pipelineLabel ?? pipeline ?? ''].filter((part) => part !== '').join(' · '),
  );
  const head = (['label', 'key', 'flags', 'count', 'class', 'evidence', 'language', 'warnings'] as const).map(
    (key) => words.say(`stages.${key}`),
  );
  const parts = [...groups].map(
    ([title, own]) =>
      `${colours.bold(title)}\n${table(
        colours,
        head,
        own.map((stage) => rowOf(stage, words, colours)),
      )}\n`,
  );
  const met = new Set(stages.flatMap(({ warnings }) => warnings));
  const meanings = [...met].map(
    (warning) => `  ${colours.yellow(warning)}  ${words.say(`stages.warning_${warning}`)}\n`,
  );
  return `${parts.join('')}${meanings.length === 0 ? `${words.say('stages.fine')}\n` : meanings.join('')}`;
}

function rowOf(stage: StageAdvice, words: Words, colours: Colours): (string | { readonly right: string })[] {
  const { label, key, count, class: found, phase, evidence, language, warnings } = stage;
  return [
    short(label ?? '?', 34),
    short(key, 34),
    flagsOf(stage, words),
    { right: count === null ? '' : words.number(count) },
    phase === null || phase === found
      ? words.say(`stageclass.${found}`)
      : `${words.say(`stageclass.${found}`)}, ${phase}`,
    evidence ?? '',
    language ?? '',
    colours.yellow(warnings.join(', ')),
  ];
}

/** What the CRM itself says, in its own order: closed or open, won or not, probability. */
function flagsOf({ closed, won, probability, active, label }: StageAdvice, words: Words): string {
  if (label === null) return words.say('stages.gone');
  const said = [
    closed === null ? null : words.say(closed ? 'stages.closed' : 'stages.open'),
    closed === true && won !== null ? words.say(won ? 'stages.won' : 'stages.not_won') : null,
    probability === null ? null : `${words.number(Math.round(probability * 100))} %`,
    active ? null : words.say('stages.inactive'),
  ];
  return said.filter((part) => part !== null).join(', ');
}

/** A `stages:` block ready for the configuration; null when there are not two CRMs. */
export function proposedStages({ sides }: StageReport): string | null {
  const [a, b] = sides;
  if (a === undefined || b === undefined) return null;
  return `stages:\n${stageRowsYaml(a, b, 2)}\n`;
}
