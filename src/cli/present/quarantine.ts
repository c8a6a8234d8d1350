import type { QuarantineEntry } from '../../core/trust-port.ts';
import { crmTitle } from '../../crm-title.ts';
import type { Colours } from '../colours.ts';
import type { Words } from '../locale/index.ts';
import { csvText } from './csv.ts';
import { noteWords } from './note-words.ts';
import { table } from './table.ts';
import { printable, short } from './text.ts';

const COLUMNS = [
  'crm',
  'id',
  'name',
  'cause',
  'field',
  'message',
  'remedy',
  'since',
  'attempts',
  'replayed',
  'run',
] as const;

/** An entry as one object of the JSON document; times in ISO 8601 (UTC). */
export function quarantineDocument(entry: QuarantineEntry) {
  const { ref, since, ...rest } = entry;
  return { ...ref, ...rest, since: new Date(since).toISOString() };
}

/** One line per record, with headings. */
export function quarantineCsv(entries: readonly QuarantineEntry[]): string {
  const lines = entries.map(quarantineDocument).map((entry) => COLUMNS.map((column) => cell(entry[column])));
  return csvText([[...COLUMNS], ...lines]);
}

/** All quarantined records as a table, and how to let them out. */
export function quarantineText(entries: readonly QuarantineEntry[], words: Words, colours: Colours): string {
  if (entries.length === 0) return `${words.say('quarantine.none')}\n`;
  const head = (['crm', 'id', 'record', 'cause', 'since', 'attempts'] as const).map((key) =>
    words.say(`quarantine.${key}`),
  );
  const lines = entries.map((entry) => [
    crmTitle(entry.ref.crm),
    entry.ref.id,
    short(entry.name, 32),
    short(wordsOf(entry, words).message, 60),
    new Date(entry.since).toISOString().slice(0, 10),
    {
      right: `${words.number(entry.attempts)}${entry.replayed ? ` ${words.say('quarantine.replayed')}` : ''}`,
    },
  ]);
  const title = `${colours.bold(words.count('quarantined', entries.length))}\n`;
  return `${title}${table(colours, head, lines)}${words.say('quarantine.how')}\n`;
}

/** One quarantined record: what it was refused for, and what to do. */
export function quarantineEntryText(entry: QuarantineEntry, words: Words, colours: Colours): string {
  const { message, remedy } = wordsOf(entry, words);
  const rows = [
    [words.say('quarantine.cause'), `${printable(message)} (${entry.cause})`],
    ...(entry.field === null ? [] : [[words.say('conflicts.field'), entry.field]]),
    [words.say('quarantine.remedy'), printable(remedy)],
    [words.say('quarantine.since'), `${words.moment(entry.since)}, ${entry.run}`],
    [
      words.say('quarantine.attempts'),
      `${words.number(entry.attempts)}${entry.replayed ? ` ${words.say('quarantine.replayed')}` : ''}`,
    ],
  ].map(([label = '', text = '']) => [colours.dim(label), text]);
  const title = `${short(entry.name, 80)} ${colours.dim(`${crmTitle(entry.ref.crm)} ${entry.ref.id}`)}`;
  return `${colours.bold(title)}\n${table(colours, [], rows)}`;
}

function wordsOf({ message, remedy, cause, says, params }: QuarantineEntry, words: Words) {
  return noteWords({ message, remedy, code: cause, says, params }, words);
}

function cell(value: string | number | boolean | null): string | number {
  return typeof value === 'number' ? value : value === null ? '' : String(value);
}
