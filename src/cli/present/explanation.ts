import type { Explanation } from '../../core/report.ts';
import { flagText } from '../../core/sentence.ts';
import type { Because, Verdict } from '../../core/verdict.ts';
import type { Colours } from '../colours.ts';
import type { Words } from '../locale/index.ts';
import { table } from './table.ts';
import { crmName, printable, short, valueText } from './text.ts';

/** More changes of verdict than this are told in `--json` only. */
const MOST_CHANGES = 20;

/** Why a record is as it is: the sentence first, then the proof, the pair, the fields, and what oppsync wrote. */
export function explanationText(explanation: Explanation, words: Words, colours: Colours): string {
  const { ref, verdict, pair, outcome, fields, journal } = explanation;
  const parts = [
    `${colours.bold(short(explanation.name, 80))} ${colours.dim(`${crmName(ref.crm)} ${ref.id}`)}\n`,
    explanation.url === null ? '' : `${colours.dim(explanation.url)}\n`,
    `${printable(explanation.sentence)}\n`,
    ...explanation.notes.map((note) => `${printable(note)}\n`),
    `\n${colours.bold(words.say('explain.because'))}\n`,
    table(
      colours,
      [],
      verdict.because.map((step) => [
        short(step.evidence, 60),
        step.rule,
        useOf(step, verdict, words, colours),
      ]),
    ),
    ...verdict.flags.map((flag) => `  · ${flagText(flag, words.locale)} ${colours.dim(`(${flag})`)}\n`),
    pair === null
      ? `${words.say('explain.unpaired')}\n`
      : `${words.say('explain.pair', {
          counterpart: `${crmName(pair.counterpart.crm)} ${pair.counterpart.id}`,
          how: pair.how,
          since: words.moment(pair.since),
        })}\n`,
    outcome === null ? '' : `${words.say('explain.outcome', { outcome: words.say(`outcome.${outcome}`) })}\n`,
  ];
  if (explanation.history.length > 0)
    parts.push(
      `\n${colours.bold(words.say('explain.history', { n: words.number(explanation.reopened) }))}\n`,
      table(
        colours,
        [],
        explanation.history
          .slice(-MOST_CHANGES)
          .map(({ at, from, to, cause }) => [words.moment(at), `${from} → ${to}`, cause ?? '']),
      ),
    );
  if (fields.length > 0) {
    const crms = Object.keys(fields[0]?.values ?? {});
    parts.push(
      `\n${colours.bold(words.say('explain.fields'))}\n`,
      table(
        colours,
        [words.say('explain.field'), words.say('explain.base'), ...crms.map(crmName)],
        fields.map(({ field, base, values }) => [
          field,
          base === undefined ? '' : valueText(base, words, 30),
          ...crms.map((crm) => valueText(values[crm], words, 30)),
        ]),
      ),
    );
  }
  if (journal.length > 0)
    parts.push(
      `\n${colours.bold(words.say('explain.journal'))}\n`,
      ...journal.map(
        (entry) =>
          `  ${words.moment(entry.at)} ${crmName(entry.crm)} ${entry.field}: ${valueText(entry.before, words)} → ${valueText(entry.after, words)}\n    ${colours.dim(printable(entry.sentence))}\n`,
      ),
    );
  return parts.filter((part) => part !== '').join('');
}

/** What a step of the proof was good for: it decided, it says otherwise, or stronger evidence had decided already. */
function useOf(step: Because, verdict: Verdict, words: Words, colours: Colours): string {
  if (step.decided === 'used') return words.say('explain.used');
  if (step.decided !== null) return step.decided;
  if (step.rule === 'attempt') return colours.dim(words.say('explain.attempt'));
  if (step.rule.startsWith('said/')) return colours.yellow(words.say('explain.contradicts'));
  const flag = step.rule === 'dictionary' ? 'label_contradicts' : 'flags_contradict_stage';
  const speaksAgainst = ['dictionary', 'stage-metadata'].includes(step.rule) && verdict.flags.includes(flag);
  return speaksAgainst
    ? colours.yellow(words.say('explain.contradicts'))
    : colours.dim(words.say('explain.set_aside'));
}
