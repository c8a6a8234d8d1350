import type { AgreementReport } from '../../core/agreement-report.ts';
import { crmTitle } from '../../crm-title.ts';
import type { Colours } from '../colours.ts';
import type { Words } from '../locale/index.ts';
import { noteWords } from './note-words.ts';
import { table } from './table.ts';
import { printable, short, valueText } from './text.ts';

/** Differences shown per why, unless all are asked for. */
const SHOWN = 10;

/** How many pairs agree, field by field; then what differs, grouped by why it waits. */
export function agreementText(report: AgreementReport, all: boolean, words: Words, colours: Colours): string {
  const read = Object.entries(report.read).map(([crm, n]) => `${words.number(n)} ${crmTitle(crm)}`);
  const whole = report.agree === report.pairs;
  const title = words.say('verify.title', { sync: report.sync, pairs: report.pairs, agree: report.agree });
  const fields = Object.entries(report.fields).map(([field, { agree, differ, unread }]) => [
    field,
    { right: words.number(agree) },
    { right: differ === 0 ? '0' : colours.yellow(words.number(differ)) },
    { right: words.number(unread) },
  ]);
  const head = (['field', 'agree', 'differ', 'unread'] as const).map((key) => words.say(`verify.${key}`));
  return [
    `${whole ? colours.green(title) : colours.bold(title)}\n`,
    `${words.say('verify.read', { read: read.join(' · ') })}\n\n`,
    table(colours, head, fields),
    ...Object.keys(report.waiting).map((why) => whyText(report, why, all, words, colours)),
  ].join('');
}

function whyText(report: AgreementReport, why: string, all: boolean, words: Words, colours: Colours): string {
  const list = report.differing.filter((one) => one.why === why);
  const shown = all ? list : list.slice(0, SHOWN);
  const lines = shown.map((one) => {
    const { name, field, sides } = one;
    const values = Object.entries(sides).map(
      ([crm, { value }]) => `${crmTitle(crm)} ${valueText(value, words)}`,
    );
    const said =
      why === 'planned' || why === 'conflict' || why === 'blank'
        ? ''
        : `\n    ${colours.dim(printable(noteWords({ ...one, code: why, params: one.params }, words).message))}`;
    return `  ${short(name, 50)}: ${field}, ${values.join(' · ')}${said}\n`;
  });
  const [first] = list;
  const told =
    first === undefined ? '' : noteWords({ ...first, code: why, params: first.params }, words).remedy;
  const label = words.find(`verify.why_${why}`) ?? why;
  const more = list.length - shown.length;
  return [
    `\n${colours.bold(`${words.number(list.length)} ${label}`)}\n`,
    ...lines,
    ...(more > 0 ? [colours.dim(`  ${words.say('plan.more', { n: more })}\n`)] : []),
    `  ${words.say('error.remedy', { remedy: words.find(`verify.remedy_${why}`) ?? printable(told) })}\n`,
  ].join('');
}
