import type { Explanation } from '../../core/report.ts';
import type { Colours } from '../colours.ts';
import type { Words } from '../locale/index.ts';
import { table } from './table.ts';
import { crmName, printable, short, valueText } from './text.ts';

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
      verdict.because.map(({ evidence, rule, decided }) => [
        short(evidence, 60),
        rule,
        decided ?? colours.dim(words.say('explain.set_aside')),
      ]),
    ),
    verdict.flags.length === 0 ? '' : `${words.say('explain.flags', { flags: verdict.flags.join(', ') })}\n`,
    pair === null
      ? `${words.say('explain.unpaired')}\n`
      : `${words.say('explain.pair', {
          counterpart: `${crmName(pair.counterpart.crm)} ${pair.counterpart.id}`,
          how: pair.how,
          since: words.moment(pair.since),
        })}\n`,
    outcome === null ? '' : `${words.say('explain.outcome', { outcome: words.say(`outcome.${outcome}`) })}\n`,
  ];
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
