import type { Explanation } from '../../core/report.ts';
import { flagText } from '../../core/sentence.ts';
import type { Because, Verdict } from '../../core/verdict.ts';
import { crmTitle } from '../../crm-title.ts';
import type { Colours } from '../colours.ts';
import type { Words } from '../locale/index.ts';
import { cutToWidth, displayWidth } from './display-width.ts';
import { noteWords } from './note-words.ts';
import { table } from './table.ts';
import { printable, short, valueText } from './text.ts';
import { decidedText, evidenceText, fieldName, proofText } from './verdict-words.ts';

/** More changes of verdict than this are told in `--json` only. */
const MOST_CHANGES = 20;
const LONGEST_EVIDENCE = 120;

/** Why it was left alone, in the language asked for. */
function notesOf({ notes, causes }: Explanation, words: Words): readonly string[] {
  if (causes === undefined) return notes;
  return causes.map((cause) => {
    const { message, remedy } = noteWords({ ...cause, code: cause.cause, params: cause.params }, words);
    return `${message}${words.locale === 'fr' ? '\u00a0; ' : '; '}${remedy}`;
  });
}

/** Why a record is as it is: the sentence first, then the proof, the pair, the fields, and what oppsync wrote. */
export function explanationText(
  explanation: Explanation,
  words: Words,
  colours: Colours,
  columns: number,
): string {
  const { ref, verdict, pair, outcome, fields, journal } = explanation;
  const parts = [
    `${colours.bold(short(explanation.name, 80))} ${colours.dim(`${crmTitle(ref.crm)} ${ref.id}`)}\n`,
    explanation.url === null ? '' : `${colours.dim(explanation.url)}\n`,
    `${printable(explanation.sentence)}\n`,
    ...notesOf(explanation, words).map((note) => `${printable(note)}\n`),
    `\n${colours.bold(words.say('explain.because'))}\n`,
    becauseText(verdict, words, colours, columns),
    ...verdict.flags.map((flag) => `  · ${flagText(flag, words.locale)} ${colours.dim(`(${flag})`)}\n`),
    ...explanation.notEvidenced.map(
      ({ crm, kinds }) =>
        `  ${colours.dim(words.say('evidence.hidden', { crm: crmTitle(crm), kinds: kinds.join(', ') }))}\n`,
    ),
    pair === null
      ? `${words.say('explain.unpaired')}\n`
      : `${words.say('explain.pair', {
          counterpart: `${crmTitle(pair.counterpart.crm)} ${pair.counterpart.id}`,
          how: words.find(`pairhow.${pair.how}`) ?? pair.how,
          since: words.moment(pair.since),
        })}\n`,
    outcome === null ? '' : `${words.say('explain.outcome', { outcome: words.say(`outcome.${outcome}`) })}\n`,
  ];
  if (explanation.history.length > 0)
    parts.push(
      `\n${colours.bold(words.say('explain.history', explanation.reopened === 0 ? {} : { n: words.count('times', explanation.reopened) }))}\n`,
      table(
        colours,
        [],
        explanation.history
          .slice(-MOST_CHANGES)
          .map(({ at, from, to, cause }) => [
            words.moment(at),
            `${decidedText(from, words)} → ${decidedText(to, words)}`,
            cause === null ? '' : proofText(cause, words),
          ]),
      ),
    );
  if (fields.length > 0) {
    const crms = Object.keys(fields[0]?.values ?? {});
    const names = Math.max(...fields.map(({ field }) => fieldName(field, words).length));
    const room = Math.max(12, Math.min(30, Math.floor((columns - names - 2) / (crms.length + 1)) - 2));
    parts.push(
      `\n${colours.bold(words.say('explain.fields'))}\n`,
      table(
        colours,
        [words.say('explain.field'), words.say('explain.base'), ...crms.map(crmTitle)],
        fields.map(({ field, base, values }) => [
          fieldName(field, words),
          base === undefined ? '' : valueText(base, words, room),
          ...crms.map((crm) => valueText(values[crm], words, room)),
        ]),
      ),
    );
  }
  if (journal.length > 0)
    parts.push(`\n${colours.bold(words.say('explain.journal'))}\n`, journalText(explanation, words, colours));
  return parts.filter((part) => part !== '').join('');
}

/** The proof step by step: what was seen, where, and what it was good for; on two lines each where one has no room. */
function becauseText(verdict: Verdict, words: Words, colours: Colours, columns: number): string {
  const steps = verdict.because.map((step) => ({
    seen: short(evidenceText(step, words), LONGEST_EVIDENCE),
    where: short(proofText(step.rule, words), 60),
    use: useOf(step, verdict, words),
  }));
  const widest = (key: keyof (typeof steps)[number]): number =>
    Math.max(0, ...steps.map((step) => displayWidth(step[key])));
  if (2 + widest('where') + 2 + widest('use') + 2 + widest('seen') <= columns)
    return table(
      colours,
      [],
      steps.map(({ seen, where, use }) => [where, use, colours.dim(seen)]),
    );
  return steps
    .map(
      ({ seen, where, use }) => `  ${where}: ${use}\n      ${colours.dim(cutToWidth(seen, columns - 6))}\n`,
    )
    .join('');
}

/** What oppsync wrote, under the moment and the CRM, with the reasons for what the teams' own fields were given. */
function journalText({ journal, fields }: Explanation, words: Words, colours: Colours): string {
  const theirs = new Set(fields.map(({ field }) => field));
  const moments = Map.groupBy(journal, ({ at, crm }) => `${words.moment(at)} · ${crmTitle(crm)}`);
  return [...moments]
    .map(([moment, entries]) => {
      const changes = entries.map((entry) => [
        `  ${fieldName(entry.field, words)}`,
        `${valueText(entry.before, words, 24)} → ${valueText(entry.after, words, 60)}`,
      ]);
      const reasons = new Set(
        entries.filter(({ field }) => theirs.has(field)).map(({ sentence }) => printable(sentence)),
      );
      return [
        `  ${moment}\n${table(colours, [], changes)}`,
        ...[...reasons].map((sentence) => `      ${colours.dim(sentence)}\n`),
      ].join('');
    })
    .join('');
}

/** What a step of the proof was good for: it decided, it says otherwise, or stronger evidence had decided already. */
function useOf(step: Because, verdict: Verdict, words: Words): string {
  if (step.decided === 'used') return words.say('explain.used');
  if (step.decided !== null) return decidedText(step.decided, words);
  if (step.rule === 'attempt') return words.say('explain.attempt');
  if (step.rule.startsWith('said/')) return words.say('explain.contradicts');
  const flag = step.rule === 'dictionary' ? 'label_contradicts' : 'flags_contradict_stage';
  const speaksAgainst = ['dictionary', 'stage-metadata'].includes(step.rule) && verdict.flags.includes(flag);
  return words.say(speaksAgainst ? 'explain.contradicts' : 'explain.set_aside');
}
