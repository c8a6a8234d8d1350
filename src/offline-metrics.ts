/** Metrics of exported records, without a CRM, a database or a configuration. */
import { OFFLINE_READERS } from './connectors/offline.ts';
import { type OfflineLine, offlineSurroundings } from './connectors/offline-surroundings.ts';
import type { AccountFacts } from './core/account-facts.ts';
import type { EpochMs } from './core/ids.ts';
import type { PairedRecord } from './core/measure-portfolio.ts';
import type { Portfolio } from './core/measure-query.ts';
import { MEASURED_EVIDENCE, measuredRecord } from './core/measure-snapshot.ts';
import type { Snapshot } from './core/opportunity.ts';
import { lineBlocks } from './dataset-lines.ts';
import { DescribedAccounts } from './described-accounts.ts';
import { type BadLine, parseOfflineLine } from './offline-line.ts';
import { judge, type OfflineSettings } from './offline-verdict.ts';
import { classifierOf, type Rules } from './profiles.ts';

export type { OfflineLine } from './connectors/offline-surroundings.ts';

export interface MeasuringOptions {
  readonly rules: Rules;
  readonly settings: OfflineSettings;
  /** The moment the records are judged at. */
  readonly readAt: EpochMs;
  readonly timeZone: string;
  /** Currency of amounts that name none; null = not known. */
  readonly currency: string | null;
}

interface Read {
  readonly snapshot: Snapshot;
  readonly line: OfflineLine;
}

/** CRMs whose records can be measured from a file. */
export const OFFLINE_CRMS: readonly string[] = OFFLINE_READERS.map(({ crm }) => crm);

/**
 * Lines of a dataset as metrics need them, in their order; labels and blank lines are left out.
 * @param bad told of each line that cannot be read; what it throws ends the reading
 */
export async function measuredLines(
  chunks: AsyncIterable<Uint8Array>,
  bad: (line: number, fault: BadLine) => void,
): Promise<readonly OfflineLine[]> {
  const lines: OfflineLine[] = [];
  for await (const block of lineBlocks(chunks)) {
    for (const [at, text] of block.lines.entries()) {
      const parsed = parseOfflineLine(text);
      if (parsed === null || parsed.is === 'label') continue;
      if (parsed.is === 'bad') bad(block.first + at, parsed.fault);
      else if (parsed.line !== null) lines.push(parsed.line);
    }
  }
  return lines;
}

/**
 * Reads and classifies dataset lines, and pairs what the lines themselves link: by the Salesforce id in the deal or by
 * oppsync's own key. Deleted records are left out. A record whose rule fails is `unknown`, never decided.
 */
export function offlinePortfolio(lines: readonly OfflineLine[], options: MeasuringOptions): Portfolio {
  const classifier = classifierOf(options.rules, options.settings, 'en');
  const surroundings = offlineSurroundings();
  for (const line of lines) surroundings.take(line);
  const { facts, found } = readLines(lines, options);
  const languages = new Map(facts.map(({ crm, stages }) => [crm, classifier.languagesOf(crm, stages)]));
  const linked = new Set(found.flatMap(({ snapshot }) => snapshot.linkedId ?? []));
  const ids = new Set(found.map(({ snapshot }) => snapshot.id));
  const records = found.map(({ snapshot, line }): PairedRecord => {
    const language = languages.get(snapshot.crm)?.get(snapshot.evidence.stageKey ?? '') ?? null;
    const verdict = judge(classifier, snapshot, { now: options.readAt, language, assumed: false });
    const { id, linkedId, pairKey, raw } = snapshot;
    const link = linkedId !== null && ids.has(linkedId) ? linkedId : linked.has(id) ? id : null;
    const record = measuredRecord({
      snapshot,
      verdict,
      account: surroundings.accountOf(line),
      owner: textOf(raw['OwnerId'] ?? raw['hubspot_owner_id']),
      reason: textOf(raw[verdict.outcome === 'won' ? 'closed_won_reason' : 'closed_lost_reason']),
    });
    return { record, pair: link !== null ? `id:${link}` : pairKey !== null ? `key:${pairKey}` : null };
  });
  return {
    records,
    facts,
    readAt: options.readAt,
    staleAfterDays: options.rules.profile.engagement.quietDays,
  };
}

/** Snapshots of all live records, and the facts of each CRM that has lines, in the order of the readers. */
function readLines(
  lines: readonly OfflineLine[],
  { rules, settings, readAt, timeZone, currency }: MeasuringOptions,
): { readonly facts: readonly AccountFacts[]; readonly found: readonly Read[] } {
  const facts: AccountFacts[] = [];
  const found: Read[] = [];
  for (const reader of OFFLINE_READERS) {
    const mine = lines.filter((line) => line.crm === reader.crm);
    if (mine.length === 0) continue;
    const accounts = new DescribedAccounts(readAt);
    for (const line of mine) accounts.take(line);
    const account = accounts.of(reader.crm);
    const evidenceNames = [...new Set([...Object.keys(rules.profile.evidence), ...MEASURED_EVIDENCE])];
    const known = {
      ...reader.facts(account, { evidence: settings.evidence[reader.crm] ?? {}, evidenceNames }),
      timeZone,
      currency,
    };
    const map = reader.createMapper(known, account, readAt);
    facts.push(known);
    for (const line of mine) {
      if (line.type !== reader.recordType) continue;
      const snapshot = map(line.fields, line.deleted === true);
      if (snapshot.deleted) continue;
      const named = snapshot.fields['currency'] ?? currency;
      found.push({ snapshot: { ...snapshot, fields: { ...snapshot.fields, currency: named } }, line });
    }
  }
  return { facts, found };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
