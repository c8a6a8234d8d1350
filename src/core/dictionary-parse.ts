/** Checks the text of dictionary files and makes them one dictionary. */
import {
  compileDictionary,
  type Dictionary,
  type DictionarySource,
  type OutcomeWords,
} from './dictionary.ts';
import { OppsyncError } from './errors.ts';
import { type FaultName, faultOf } from './fault-sentences.ts';
import type { SentenceParams } from './told.ts';

const OUTCOMES = ['won', 'lost', 'cancelled', 'paused'] as const;
const PHASES = new Set([
  'any',
  'prospecting',
  'qualifying',
  'meeting',
  'proposing',
  'negotiating',
  'committing',
  'finalising',
  'paused',
]);

/** One dictionary from the text of its files. Throws OppsyncError `fix` that names the file and the key at fault. */
export function parseDictionaries(files: readonly { file: string; text: string }[]): Dictionary {
  return compileDictionary(files.map(({ file, text }) => parseDictionary(file, text)));
}

/** One language. Throws OppsyncError `fix`. */
export function parseDictionary(file: string, text: string): DictionarySource {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw wrong(file, 'dictionary.json', { words: cause instanceof Error ? cause.message : '' }, cause);
  }
  const source = object(file, 'the file', parsed);
  const known = new Set([
    'language',
    'aliases',
    'accents',
    'closing',
    'joining',
    'nouns',
    'open',
    'steps',
    'fallback',
    ...OUTCOMES,
  ]);
  for (const key of Object.keys(source))
    if (!known.has(key)) throw wrong(file, 'dictionary.key', { key, known: [...known].join(', ') });
  const { language, accents } = source;
  if (typeof language !== 'string' || language === '') throw wrong(file, 'dictionary.language');
  if (accents !== 'fold' && accents !== 'keep') throw wrong(file, 'dictionary.accents');
  const open = object(file, 'open', source['open']);
  for (const phase of Object.keys(open)) {
    if (!PHASES.has(phase)) throw noPhase(file, 'open', phase);
  }
  const won = outcomeWords(file, source, 'won');
  const lost = outcomeWords(file, source, 'lost');
  const cancelled = outcomeWords(file, source, 'cancelled');
  const paused = outcomeWords(file, source, 'paused');
  const steps = source['steps'] === undefined ? {} : object(file, 'steps', source['steps']);
  const things = steps['things'] === undefined ? {} : object(file, 'steps.things', steps['things']);
  for (const phase of Object.keys(things)) {
    if (!PHASES.has(phase) || phase === 'any') throw noPhase(file, 'steps.things', phase);
  }
  return {
    fallback: list(file, 'fallback', source['fallback']),
    steps: {
      states: list(file, 'steps.states', steps['states']),
      linking: list(file, 'steps.linking', steps['linking']),
      things: Object.fromEntries(
        Object.entries(things).map(([phase, names]) => [phase, list(file, `steps.things.${phase}`, names)]),
      ),
    },
    language,
    aliases: list(file, 'aliases', source['aliases']),
    accents,
    closing: list(file, 'closing', source['closing']),
    joining: list(file, 'joining', source['joining']),
    nouns: list(file, 'nouns', source['nouns']),
    won,
    lost,
    cancelled,
    paused,
    open: Object.fromEntries(
      Object.entries(open).map(([phase, phrases]) => [phase, list(file, `open.${phase}`, phrases)]),
    ),
  };
}

function outcomeWords(
  file: string,
  source: Readonly<Record<string, unknown>>,
  outcome: (typeof OUTCOMES)[number],
): OutcomeWords {
  const words = object(file, outcome, source[outcome]);
  return {
    words: list(file, `${outcome}.words`, words['words']),
    phrases: list(file, `${outcome}.phrases`, words['phrases']),
  };
}

function object(file: string, key: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw wrong(file, 'dictionary.object', { key });
}

function list(file: string, key: string, value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string' && item.trim() !== ''))
    return value;
  throw wrong(file, 'dictionary.list', { key });
}

function noPhase(file: string, key: string, phase: string): OppsyncError {
  const known = [...PHASES].filter((one) => one !== 'any' || key === 'open').join(', ');
  return wrong(file, 'dictionary.phase', { key, phase, known });
}

/** One code for all of them; the name of the sentence tells which. */
function wrong(
  file: string,
  what: FaultName & `dictionary.${string}`,
  params: SentenceParams = {},
  cause?: unknown,
): OppsyncError {
  const fault = faultOf(what, { file, ...params });
  return new OppsyncError({ recovery: 'fix', ...fault, code: 'dictionary.invalid', cause });
}
