import type { OwnedFieldCheck, ProvisionReport } from '../../core/provision-port.ts';
import { crmTitle } from '../../crm-title.ts';
import type { Colours } from '../colours.ts';
import type { Words } from '../locale/index.ts';
import { noteWords } from './note-words.ts';
import { table } from './table.ts';
import { printable } from './text.ts';

/** What there is, and what would be created. */
export function toProvisionText(reports: readonly ProvisionReport[], words: Words, colours: Colours): string {
  return reports
    .map((report) => fieldTable(report, ({ state }) => words.say(`provision.${state}`), words, colours))
    .join('');
}

/** What came of it. */
export function provisionedText(reports: readonly ProvisionReport[], words: Words, colours: Colours): string {
  const tables = reports.map((report) =>
    fieldTable(report, (check) => outcomeOf(check, report, words, colours), words, colours),
  );
  const made = reports.reduce((sum, report) => sum + report.made.length, 0);
  const problems = reports.flatMap((report) => report.problems);
  const lines = problems.map((problem) => {
    const { message, remedy } = noteWords(problem, words);
    return `  · ${printable(message)}\n    ${words.say('error.remedy', { remedy: printable(remedy) })}\n`;
  });
  const inSalesforce = reports.some((report) => report.crm === 'salesforce' && report.made.length > 0);
  return [
    ...tables,
    `${words.say('provision.done', { made })}\n`,
    inSalesforce ? `${words.say('provision.permission_set')}\n` : '',
    problems.length === 0 ? '' : `\n${colours.red(words.say('provision.incomplete'))}\n`,
    ...lines,
  ].join('');
}

function outcomeOf(
  { field, state }: OwnedFieldCheck,
  report: ProvisionReport,
  words: Words,
  colours: Colours,
): string {
  if (report.made.includes(field)) return colours.green(words.say('provision.made'));
  if (state === 'missing') return colours.red(words.say('provision.still_missing'));
  if (state === 'not_permitted') return colours.red(words.say('provision.still_not_permitted'));
  return words.say(`provision.${state}`);
}

function fieldTable(
  { crm, fields }: ProvisionReport,
  state: (check: OwnedFieldCheck) => string,
  words: Words,
  colours: Colours,
): string {
  const head = (['field', 'native', 'state'] as const).map((key) => words.say(`provision.${key}`));
  const rows = fields.map((check) => [
    check.field,
    printable(check.object === undefined ? check.native : `${check.native} (${check.object})`),
    state(check),
  ]);
  const title = words.say('provision.title', { crm: crmTitle(crm) });
  return `${colours.bold(title)}\n${table(colours, head, rows)}\n`;
}
