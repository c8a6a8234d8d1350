import { ConfigError, placeOf } from '../../../config/errors.ts';
import { fill, sentenceOf } from '../../../config/sentences.ts';
import { OppsyncError } from '../../core/errors.ts';
import { faultLines } from '../../core/rule-faults.ts';
import { redactText } from '../../observability/redact.ts';
import type { Colours } from '../colours.ts';
import { CONFIG_FR, configWordsFr } from '../locale/config-fr.ts';
import type { Words } from '../locale/index.ts';
import { RULE_FAULTS_FR } from '../locale/rule-faults-fr.ts';
import { UsageError } from '../usage-error.ts';
import { noteWords } from './note-words.ts';
import { printable } from './text.ts';

/** An error as one clear sentence, what to do, and the machine's form of both. */
export interface PresentedError {
  readonly message: string;
  readonly remedy: string | null;
  /** Lines between the two, such as the place in a file. */
  readonly details: readonly string[];
  /** What `--json` prints. */
  readonly document: { readonly error: Readonly<Record<string, unknown>> };
}

/** Words for any thrown thing. A fault of ours shows its message, never a bare stack. */
export function presentError(error: unknown, words: Words): PresentedError {
  if (error instanceof ConfigError) return presentConfigError(error, words);
  if (error instanceof UsageError) {
    const message = words.say(error.key, error.params);
    const remedy = words.find(`${error.key}_remedy`, error.params) ?? words.say('usage.remedy');
    return { message, remedy, details: [], document: { error: { code: error.key, message, remedy } } };
  }
  if (error instanceof OppsyncError) {
    const { code, recovery, crm, record, field } = error.details;
    // The places of a fault in a file come as lines of their own, lined up under one another.
    const { params = {}, says, faults } = error.details;
    const noted = { message: error.message, remedy: error.details.remedy, says, params };
    const known = noteWords({ ...noted, says: says ?? `fault.${code}` }, words);
    const told =
      faults === undefined
        ? (words.find(`fault.${code}`, params) ?? known.message)
        : faultLines(faults, words.locale === 'fr' ? RULE_FAULTS_FR : undefined);
    const [message = '', ...details] = told.split('\n').map((line) => printable(redactText(line)));
    const advice = words.find(`fault.${code.split('.')[0]}_remedy`, params) ?? known.remedy;
    const remedy = printable(redactText(advice));
    const about = Object.fromEntries(
      Object.entries({ crm, record, field }).filter(([, value]) => value !== undefined),
    );
    return {
      message,
      remedy,
      details,
      document: {
        error: { code, message, remedy, recovery, ...about, ...(details.length === 0 ? {} : { details }) },
      },
    };
  }
  const plain = redactText(error instanceof Error ? error.message : String(error));
  const message = words.say('error.fault', { message: printable(plain.split('\n')[0] ?? '') });
  const remedy = words.say('error.fault_remedy');
  return { message, remedy, details: [], document: { error: { code: 'fault', message, remedy } } };
}

function presentConfigError(error: ConfigError, words: Words): PresentedError {
  const sentences = error.problems.map((problem) => {
    const sentence =
      words.locale === 'fr'
        ? fill(CONFIG_FR[problem.code], inFrench(problem.params))
        : sentenceOf(problem.code, problem.params);
    const place = placeOf(problem);
    return problem.code === 'missing_file' || place === '' ? sentence : `${place}: ${sentence}`;
  });
  const problems = error.problems.map(({ code, file, line, column, path }, index) => ({
    ...{ code, file, line, column, path, message: sentences[index] ?? '' },
  }));
  const [first = ''] = sentences;
  const missing = error.problems[0]?.code === 'missing_file';
  const remedy = missing ? null : words.say('error.config_remedy');
  const message =
    error.problems.length === 1 ? first : words.say('error.config', { n: error.problems.length });
  const shown = error.problems.length === 1 ? [] : sentences;
  const details = error.problems.flatMap((problem, index) =>
    [shown[index], problem.excerpt].filter((line) => line !== undefined && line !== null),
  );
  const code = error.problems.length === 1 ? `config.${error.problems[0]?.code}` : 'config';
  return { message, remedy, details, document: { error: { code, message, remedy, problems } } };
}

function inFrench(params: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const told = (name: string, value: string): string =>
    name === 'expected' || name === 'found' ? configWordsFr(value) : value;
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, told(name, value)]));
}

/** The error on the terminal: one sentence, its place, the remedy. */
export function errorText(presented: PresentedError, words: Words, colours: Colours): string {
  const lines = [`${colours.red(words.say('error.label'))} ${presented.message}`, ...presented.details];
  if (presented.remedy !== null) lines.push(words.say('error.remedy', { remedy: presented.remedy }));
  return `${lines.join('\n')}\n`;
}
