import type { StageReport } from '../../app.ts';
import type { StageAdvice, StageWarning } from '../../core/stage-advice.ts';
import { crmTitle } from '../../crm-title.ts';
import type { Colours } from '../colours.ts';
import type { Words } from '../locale/index.ts';
import { type FittedColumn, fittedTable } from './fitted-table.ts';
import { stageRowsYaml } from './stage-rows.ts';
import { short } from './text.ts';

/** Every stage, pipeline by pipeline, its notes by number, and below what the notes mean. */
export function stagesText({ stages }: StageReport, words: Words, colours: Colours, columns: number): string {
  if (stages.length === 0) return `${words.say('stages.none')}\n`;
  const groups = Map.groupBy(stages, ({ crm, pipelineLabel, pipeline }) =>
    [crmTitle(crm), pipelineLabel ?? pipeline ?? ''].filter((part) => part !== '').join(' · '),
  );
  const met = [...new Set(stages.flatMap(({ warnings }) => warnings))];
  const shown = columnsOf(met, words, colours);
  const parts = [...groups].map(
    ([title, own]) => `${colours.bold(title)}\n${fittedTable(colours, shown, own, columns).text}\n`,
  );
  const meanings = met.map(
    (warning, index) =>
      `  ${colours.yellow(String(index + 1))}  ${words.say(`stages.warning_${warning}`)} ${colours.dim(`(${warning})`)}\n`,
  );
  return `${parts.join('')}${meanings.length === 0 ? `${words.say('stages.fine')}\n` : meanings.join('')}`;
}

function columnsOf(
  met: readonly StageWarning[],
  words: Words,
  colours: Colours,
): readonly FittedColumn<StageAdvice>[] {
  const column = (
    key: 'label' | 'key' | 'flags' | 'count' | 'class' | 'evidence' | 'language' | 'warnings',
    cell: (stage: StageAdvice) => string,
    more: Partial<FittedColumn<StageAdvice>> = {},
  ): FittedColumn<StageAdvice> => ({ head: words.say(`stages.${key}`), cell, ...more });
  return [
    column('label', ({ label }) => short(label ?? '?', 34), { shrinkTo: 14 }),
    column('key', ({ key }) => short(key, 34), { shrinkTo: 12, expendable: 3 }),
    column('flags', (stage) => flagsOf(stage, words)),
    column('count', ({ count }) => (count === null ? '' : words.number(count)), { right: true, idle: [''] }),
    column('class', (stage) => classOf(stage, words)),
    column(
      'evidence',
      ({ evidence }) => (evidence === null ? '' : (words.find(`proof.${evidence}`) ?? evidence)),
      { expendable: 2, idle: [''] },
    ),
    column('language', ({ language }) => language ?? '', { expendable: 1, idle: [''] }),
    column('warnings', ({ warnings }) => warnings.map((one) => met.indexOf(one) + 1).join(', '), {
      idle: [''],
      paint: (text) => colours.yellow(text),
    }),
  ];
}

function classOf({ class: found, phase }: StageAdvice, words: Words): string {
  const name = words.say(`stageclass.${found}`);
  return phase === null || phase === found ? name : `${name}, ${words.say(`phasename.${phase}`)}`;
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
