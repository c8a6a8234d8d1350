import type { RunReport } from '../../core/report.ts';
import { OUTCOMES } from '../../core/report.ts';
import { crmTitle } from '../../crm-title.ts';
import type { Colours } from '../colours.ts';
import type { MessageKey, PluralKey, Words } from '../locale/index.ts';
import { noteWords } from './note-words.ts';
import { table } from './table.ts';
import { actorText, printable, short, valueText } from './text.ts';

const VERDICTS = ['active', 'won', 'lost', 'cancelled', 'unknown'] as const;

/** The human report of a run: what was read, decided and written, what needs attention, how long it took. */
export function reportText(report: RunReport, words: Words, colours: Colours): string {
  const title = words.say('report.title', {
    mode: words.say(`mode.${report.mode}`),
    sync: report.sync,
    run: report.run,
  });
  return [
    `${colours.bold(title)}\n`,
    countsTable(report, words, colours),
    brakesText(report, words, colours),
    problemsText(report, words, colours),
    hiddenText(report, words),
    rollupsText(report, words, colours),
    lostText(report, words, colours),
    attentionText(report, words, colours),
    `${closingLine(report, words, colours)} ${words.say('report.duration', { duration: words.duration(report.duration_ms) })}\n`,
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** One row per group of numbers; zeros that say nothing are left out. */
export function countsTable(report: RunReport, words: Words, colours: Colours): string {
  const { pairs, verdicts, outcomes } = report;
  const perCrm = (counts: Readonly<Record<string, number>>): string[] =>
    Object.entries(counts).map(([crm, n]) => `${words.number(n)} ${crmTitle(crm)}`);
  const listed = (entries: readonly (readonly [number, string])[]): string[] =>
    entries.filter(([n]) => n > 0).map(([n, label]) => `${words.number(n)} ${label}`);
  const counted = (entries: readonly (readonly [number, PluralKey])[]): string[] =>
    entries.filter(([n]) => n > 0).map(([n, key]) => words.count(key, n));
  const rows: [MessageKey, string[]][] = [
    ['report.read', perCrm(report.read)],
    [
      'report.pairs',
      listed([
        [pairs.linked, words.say('report.linked')],
        [pairs.adopted, words.say('report.adopted')],
        [pairs.certain, words.say('report.certain')],
        [pairs.ask, words.say('report.ask')],
        [pairs.ambiguous, words.say('report.ambiguous')],
        ...Object.entries(pairs.orphans).map(
          ([crm, n]) => [n, words.say('report.orphans', { crm: crmTitle(crm) })] as const,
        ),
      ]),
    ],
    ['report.verdicts', counted(VERDICTS.map((key) => [verdicts[key], `verdicts.${key}` as const]))],
    [
      'report.outcomes',
      counted(OUTCOMES.map((key) => [outcomes[key], `outcomes.${key}` as const] as const).reverse()),
    ],
    [
      'report.writes',
      listed(
        Object.entries(report.writes).flatMap(([crm, counts]) => [
          [counts.update, words.say('report.updated', { crm: crmTitle(crm) })] as const,
          [counts.create, words.say('report.created', { crm: crmTitle(crm) })] as const,
          [counts.failed, words.say('report.failed', { crm: crmTitle(crm) })] as const,
        ]),
      ),
    ],
    ['report.calls', perCrm(report.calls)],
  ];
  const evidence = evidenceParts(report, words);
  if (evidence.length > 0) rows.push(['report.evidence', evidence]);
  const history = historyParts(report, words);
  if (history.length > 0) rows.push(['report.history', history]);
  const rollups = listed(
    Object.entries(report.rollups ?? {}).flatMap(([crm, counts]) =>
      (['written', 'failed', 'waiting', 'in_sync', 'withheld'] as const).map(
        (key) => [counts[key], words.say(`report.rollups_${key}`, { crm: crmTitle(crm) })] as const,
      ),
    ),
  );
  if (report.rollups !== undefined) rows.push(['report.rollups', rollups]);
  return table(
    colours,
    [],
    rows.map(([label, parts]) => [
      colours.dim(words.say(label)),
      parts.length === 0 ? '0' : parts.join(' · '),
    ]),
  );
}

/** Calls that went into evidence, and how many kinds of it are not to be seen. */
function evidenceParts(report: RunReport, words: Words): string[] {
  return Object.entries(report.evidence ?? {}).map(([crm, { calls, refused }]) => {
    const read = `${words.number(calls)} ${crmTitle(crm)}`;
    return refused.length === 0
      ? read
      : `${read} (${words.say('report.evidence_refused', { n: words.number(refused.length) })})`;
  });
}

/** What may not be read beside the records, one sentence per CRM. */
function hiddenText(report: RunReport, words: Words): string {
  return Object.entries(report.evidence ?? {})
    .map(([crm, { refused }]) => ({ crm, kinds: refused.flatMap(({ what }) => what ?? []) }))
    .filter(({ kinds }) => kinds.length > 0)
    .map(
      ({ crm, kinds }) =>
        `${words.say('evidence.hidden', { crm: crmTitle(crm), kinds: kinds.join(', ') })}\n`,
    )
    .join('');
}

/** What the CRMs told of the time before the first run, or that they may not be asked. */
function historyParts(report: RunReport, words: Words): string[] {
  return Object.entries(report.history ?? {}).map(([crm, { moves, refused }]) =>
    words.say(refused ? 'report.history_refused' : 'report.history_told', {
      crm: crmTitle(crm),
      moves: words.count('moves', moves),
    }),
  );
}

/** Each brake that tripped: what it stopped and what to do. */
export function brakesText(report: RunReport, words: Words, colours: Colours): string {
  if (report.brakes.length === 0) return '';
  const lines = report.brakes.map((brake) => {
    const { message, remedy } = brakeWords(brake, words);
    return `  ${colours.yellow(brake.brake)}: ${message}\n    ${words.say('error.remedy', { remedy })}\n`;
  });
  return `${colours.bold(words.say('report.brakes'))}\n${lines.join('')}`;
}

/** What a brake says and what to do, in the reader's language. */
export function brakeWords(
  { brake, message, remedy, params = {} }: RunReport['brakes'][number],
  words: Words,
): { readonly message: string; readonly remedy: string } {
  const { crm } = params;
  const named = { ...params, ...(crm === undefined ? {} : { crm: crmTitle(String(crm)) }) };
  return {
    message: words.find(`brake.${brake}.message`, named) ?? printable(message),
    remedy: words.find(`brake.${brake}.remedy`, named) ?? printable(remedy),
  };
}

/** Permissions and fields that a CRM lacks. */
function problemsText(report: RunReport, words: Words, colours: Colours): string {
  if (report.problems.length === 0) return '';
  const lines = report.problems.map((problem) => {
    const { message, remedy } = noteWords(problem, words);
    return `  ${crmTitle(problem.crm)}: ${printable(message)}\n    ${words.say('error.remedy', { remedy: printable(remedy) })}\n`;
  });
  return `${colours.bold(words.say('report.problems'))}\n${lines.join('')}`;
}

/** What stands in the way of roll-ups. */
export function rollupsText(report: RunReport, words: Words, colours: Colours): string {
  const lines = Object.entries(report.rollups ?? {}).flatMap(([crm, { problems }]) =>
    problems.map((problem) => {
      const { count, example } = problem;
      const { message, remedy } = noteWords(problem, words);
      const about = { n: words.number(count), ...(example === null ? {} : { example }) };
      const which = count === 0 ? '' : ` (${words.say('report.rollups_about', about)})`;
      return `  ${crmTitle(crm)}: ${printable(message)}${which}\n    ${words.say('error.remedy', { remedy: printable(remedy) })}\n`;
    }),
  );
  return lines.length === 0 ? '' : `${colours.bold(words.say('report.rollups_problems'))}\n${lines.join('')}`;
}

/** Edits that writes of this run replaced, each with who made it, and how to bring them back. */
function lostText({ lostEdits, run }: RunReport, words: Words, colours: Colours): string {
  if (lostEdits === undefined) return '';
  const lines = lostEdits.edits.map(({ crm, id, name, field, value, written, actor, at }) => {
    const values = { value: valueText(value, words), written: valueText(written, words) };
    const who = actor === null ? {} : { actor: actorText(actor, words) };
    const record = { field, name: short(name, 50), crm: crmTitle(crm), id };
    return `  ${words.say('report.lost_line', { ...record, ...values, ...who, at: words.moment(at) })}\n`;
  });
  const more = lostEdits.count - lostEdits.edits.length;
  const remedy = words.say('error.remedy', { remedy: words.say('report.lost_remedy', { run }) });
  return [
    `${colours.bold(words.count('lost', lostEdits.count))}\n`,
    ...lines,
    more > 0 ? `  ${words.say('plan.more', { n: more })}\n` : '',
    `    ${remedy}\n`,
  ].join('');
}

function attentionText(report: RunReport, words: Words, colours: Colours): string {
  if (report.attention.length === 0) return '';
  const lines = report.attention.map((item) => {
    const outcome = words.say(`outcome.${item.outcome}`);
    const example = words.say('report.example', {
      example: `${crmTitle(item.example.crm)} ${item.example.id}`,
    });
    const { message, remedy } = noteWords(
      { ...item, message: item.cause, code: item.code, params: item.params },
      words,
    );
    const head = `  ${words.number(item.count)} ${outcome}: ${short(message, 300)} (${example})`;
    return `${head}\n    ${words.say('error.remedy', { remedy: printable(remedy) })}\n`;
  });
  return `${colours.bold(words.say('report.attention'))}\n${lines.join('')}`;
}

function closingLine(report: RunReport, words: Words, colours: Colours): string {
  if (report.converged) {
    const waiting = (['conflict', 'quarantined', 'held', 'unpaired'] as const)
      .filter((key) => report.outcomes[key] > 0)
      .map((key) => words.count(`outcomes.${key}`, report.outcomes[key]));
    return colours.green(
      words.say('report.converged', waiting.length === 0 ? {} : { waiting: waiting.join(', ') }),
    );
  }
  if (report.plan === null) return '';
  const { changes, creates = {}, rollups = {} } = report.plan;
  const all = [changes, ...Object.values(creates), ...Object.values(rollups)].reduce((sum, n) => sum + n, 0);
  return all === 0 ? '' : words.say('report.open', { changes: words.count('changes', all) });
}
