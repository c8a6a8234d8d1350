/** Spells out the phrases a dictionary source stands for: closing word x outcome word x order, and outcome word x noun. */
import type { DictionarySource, LabelClass, LabelMeaning, OutcomeWords } from './dictionary.ts';
import type { Phase } from './verdict.ts';

const OUTCOMES = ['won', 'lost', 'cancelled', 'paused'] as const satisfies readonly LabelClass[];

/** Every phrase with its meaning. The same phrase may come more than once. */
export function* expandPhrases(source: DictionarySource): Generator<[phrase: string, meaning: LabelMeaning]> {
  for (const kind of OUTCOMES) {
    const meaning: LabelMeaning = { class: kind, phase: kind === 'paused' ? 'paused' : null };
    for (const phrase of spellOut(source, source[kind], kind !== 'paused')) yield [phrase, meaning];
  }
  for (const [phase, phrases] of Object.entries(source.open)) {
    const meaning: LabelMeaning = { class: phase === 'paused' ? 'paused' : 'open', phase: phase as Phase };
    for (const phrase of phrases) yield [phrase, meaning];
  }
}

function* spellOut(source: DictionarySource, outcome: OutcomeWords, closes: boolean): Generator<string> {
  yield* outcome.phrases ?? [];
  const closing = closes ? (source.closing ?? []) : [];
  const nouns = source.nouns ?? [];
  for (const word of outcome.words ?? []) {
    yield word;
    for (const closed of closing) {
      yield `${closed} ${word}`;
      yield `${word} ${closed}`;
      for (const join of source.joining ?? []) {
        yield `${closed} ${join} ${word}`;
        yield `${word} ${join} ${closed}`;
      }
    }
    for (const noun of nouns) {
      yield `${noun} ${word}`;
      yield `${word} ${noun}`;
    }
  }
}
