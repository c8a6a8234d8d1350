import type { PlannedChange, PlanView } from '../../core/report.ts';
import { crmTitle } from '../../crm-title.ts';
import type { Colours } from '../colours.ts';
import type { Words } from '../locale/index.ts';
import { table } from './table.ts';
import { printable, short, shortDigest, valueText } from './text.ts';

/** Totals of a plan: its digest, changes by reason and field, predicted calls, until when it holds. */
export function planTotals(plan: PlanView, words: Words, colours: Colours): string {
  const records = Object.values(plan.records).reduce((sum, n) => sum + n, 0);
  const creates = Object.entries(plan.creates ?? {})
    .filter(([, n]) => n > 0)
    .map(([crm, n]) => ` ${words.say('plan.creates', { n, crm: crmTitle(crm) })}`);
  const rollups = Object.entries(plan.rollups ?? {})
    .filter(([, n]) => n > 0)
    .map(([crm, n]) => ` ${words.say('plan.rollups', { n, crm: crmTitle(crm) })}`);
  const title = words.say('plan.title', {
    digest: shortDigest(plan.digest),
    changes: words.count('changes', plan.changes),
    records: words.count('records', records),
  });
  const calls = Object.entries(plan.predictedCalls).map(([crm, n]) => `${words.number(n)} ${crmTitle(crm)}`);
  const rows = plan.byReason.map(({ reason, field, crm, count }) => [
    reasonText(reason, words),
    field,
    crmTitle(crm),
    { right: words.number(count) },
  ]);
  return [
    colours.bold(`${[title, ...creates, ...rollups].join('')}`),
    '\n',
    table(
      colours,
      [words.say('plan.reason'), words.say('plan.field'), words.say('plan.crm'), words.say('plan.count')],
      rows,
    ),
    words.say('plan.cost', { calls: calls.join(' · ') }),
    ' ',
    words.say('plan.expires', { at: words.moment(plan.expiresAt) }),
    '\n',
  ].join('');
}

/** What a reason means, in words. */
export function reasonText(reason: string, words: Words): string {
  return words.find(`reason.${reason}`) ?? reason;
}

/** One change: whose, which field, before and after, and why. */
export function changeText(change: PlannedChange, words: Words, colours: Colours): string {
  if (change.creation !== undefined) return creationText(change, change.creation, words, colours);
  const before = colours.red(valueText(change.before, words));
  const after = colours.green(valueText(change.after, words));
  const head = `  ${short(change.name, 50)} ${colours.dim(`${crmTitle(change.crm)} ${change.id}`)}`;
  return `${head}\n    ${change.field}: ${before} → ${after}\n    ${colours.dim(printable(change.sentence))}\n`;
}

/** A record to be made: whose counterpart it is, and every value of a synced field it gets. */
function creationText(
  change: PlannedChange,
  { source, fields }: NonNullable<PlannedChange['creation']>,
  words: Words,
  colours: Colours,
): string {
  const head = `  ${short(change.name, 50)} ${colours.dim(`${crmTitle(source.crm)} ${source.id} → ${crmTitle(change.crm)}`)}`;
  const values = Object.entries(fields).map(([field, value]) => `${field}: ${valueText(value, words)}`);
  return `${head}\n    ${colours.green(values.join(' · '))}\n    ${colours.dim(printable(change.sentence))}\n`;
}

/** Does a plan do anything at all? */
export function isEmptyPlan({
  changes,
  creates = {},
  rollups = {},
}: Pick<PlanView, 'changes' | 'creates' | 'rollups'>): boolean {
  return [changes, ...Object.values(creates), ...Object.values(rollups)].every((n) => n === 0);
}

/** Prints a stream of changes grouped by reason as it comes, at most `limit` of each. */
export async function printChanges(
  changes: AsyncIterable<PlannedChange>,
  limit: number,
  words: Words,
  colours: Colours,
  out: (text: string) => void,
): Promise<void> {
  let reason: string | null = null;
  let seen = 0;
  const closeGroup = (): void => {
    if (seen > limit) out(colours.dim(`  ${words.say('plan.more', { n: seen - limit })}\n`));
  };
  for await (const change of changes) {
    if (change.reason !== reason) {
      closeGroup();
      reason = change.reason;
      seen = 0;
      out(`\n${colours.bold(reasonText(reason, words))}\n`);
    }
    seen += 1;
    if (seen <= limit) out(changeText(change, words, colours));
  }
  closeGroup();
}
