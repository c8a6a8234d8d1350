/** Reading an exported portfolio line by line: labels are answered as they come, records once all stages are known. */

import type { EvidenceSetting } from './connectors/evidence-source.ts';
import { OFFLINE_READERS, type OfflineMapper, type OfflineReader } from './connectors/offline.ts';
import type { AccountFacts } from './core/account-facts.ts';
import type { Crm, EpochMs } from './core/ids.ts';
import type { Snapshot } from './core/opportunity.ts';
import { type LineBlock, lineBlocks } from './dataset-lines.ts';
import { DatasetSpool } from './dataset-spool.ts';
import { DescribedAccounts } from './described-accounts.ts';
import { type BadLine, describesAccount, parseOfflineLine } from './offline-line.ts';

export type OfflineItem =
  | { readonly is: 'record'; readonly line: number; readonly snapshot: Snapshot; readonly assumed: boolean }
  | { readonly is: 'label'; readonly line: number; readonly label: string; readonly language: string | null }
  | { readonly is: 'bad'; readonly line: number; readonly fault: BadLine };

export interface OfflineOptions {
  /** The moment the records are judged at. */
  readonly readAt: EpochMs;
  /** Evidence fields the configuration names, per CRM by evidence name. */
  readonly evidence: Readonly<Record<Crm, Readonly<Record<string, EvidenceSetting>>>>;
  /** Evidence the profile knows. */
  readonly evidenceNames: readonly string[];
  /** Called once, before the first record, with what the lines say of each account; `assumed` are those whose stages no line
   * describes. */
  readonly onFacts?: (facts: Readonly<Record<Crm, AccountFacts>>, assumed: ReadonlySet<Crm>) => void;
}

/** Bytes that can be read once only (a pipe), or as often as wanted (a file). */
export type OfflineSource =
  | { readonly once: AsyncIterable<Uint8Array> }
  | { readonly again: () => AsyncIterable<Uint8Array> };

/**
 * The records and labels of a dataset in the order of its lines; lines that describe the account may come anywhere. Memory
 * does not grow with the number of records: a file is read twice, a pipe is kept on disk once it is large.
 */
export async function* readOffline(
  source: OfflineSource,
  options: OfflineOptions,
): AsyncGenerator<readonly OfflineItem[]> {
  const accounts = new DescribedAccounts(options.readAt);
  if ('again' in source) {
    for await (const block of lineBlocks(source.again())) gatherAccounts(block, accounts);
    yield* records(lineBlocks(source.again()), accounts, options);
    return;
  }
  const spool = new DatasetSpool();
  try {
    let held: number | null = null;
    for await (const block of lineBlocks(source.once)) {
      let from = 0;
      if (held === null) {
        const { items, end } = untilRecord(block, accounts);
        if (items.length > 0) yield items;
        if (end === null) continue;
        held = block.first + end;
        from = end;
      }
      const rest = { first: block.first + from, lines: block.lines.slice(from) };
      gatherAccounts(rest, accounts);
      // A line that is not UTF-8 stays one: the mark for it can be in no line of JSON.
      await spool.add(rest.lines.map((line) => `${line ?? '\u0000'}\n`).join(''));
    }
    yield* records(lineBlocks(spool.chunks(), held ?? 1), accounts, options);
  } finally {
    spool.remove();
  }
}

/** Items of a block up to its first record; `end` null when it has none. */
function untilRecord(
  block: LineBlock,
  accounts: DescribedAccounts,
): { readonly items: readonly OfflineItem[]; readonly end: number | null } {
  const items: OfflineItem[] = [];
  for (const [at, text] of block.lines.entries()) {
    const line = block.first + at;
    const parsed = parseOfflineLine(text);
    if (parsed === null) continue;
    if (parsed.is === 'record') return { items, end: at };
    if (parsed.is === 'label')
      items.push({ is: 'label', line, label: parsed.label, language: parsed.language });
    else if (parsed.is === 'bad') items.push({ is: 'bad', line, fault: parsed.fault });
    else if (parsed.is === 'account') accounts.take(parsed.line);
  }
  return { items, end: null };
}

function gatherAccounts(block: LineBlock, accounts: DescribedAccounts): void {
  for (const text of block.lines) {
    if (text === null || !describesAccount(text)) continue;
    const parsed = parseOfflineLine(text);
    if (parsed?.is === 'account') accounts.take(parsed.line);
  }
}

interface Side {
  readonly reader: OfflineReader;
  readonly map: OfflineMapper;
  readonly assumed: boolean;
}

async function* records(
  blocks: AsyncIterable<LineBlock>,
  accounts: DescribedAccounts,
  options: OfflineOptions,
): AsyncGenerator<readonly OfflineItem[]> {
  const sides = new Map<Crm, Side>();
  const facts: Record<Crm, AccountFacts> = {};
  for (const reader of OFFLINE_READERS) {
    const account = accounts.of(reader.crm);
    const known = reader.facts(account, {
      evidence: options.evidence[reader.crm] ?? {},
      evidenceNames: options.evidenceNames,
    });
    facts[reader.crm] = known;
    const map = reader.createMapper(known, account, options.readAt);
    sides.set(reader.crm, { reader, map, assumed: account.stages.length === 0 });
  }
  const assumed = [...sides].filter(([, side]) => side.assumed).map(([crm]) => crm);
  options.onFacts?.(facts, new Set(assumed));
  for await (const block of blocks) {
    const items: OfflineItem[] = [];
    for (const [at, text] of block.lines.entries()) {
      const item = itemOf(text, block.first + at, sides);
      if (item !== null) items.push(item);
    }
    yield items;
  }
}

function itemOf(text: string | null, line: number, sides: ReadonlyMap<Crm, Side>): OfflineItem | null {
  const parsed = parseOfflineLine(text === '\u0000' ? null : text);
  if (parsed === null || parsed.is === 'account' || parsed.is === 'other') return null;
  if (parsed.is === 'bad') return { is: 'bad', line, fault: parsed.fault };
  if (parsed.is === 'label') return { is: 'label', line, label: parsed.label, language: parsed.language };
  const side = sides.get(parsed.line.crm);
  if (side === undefined) return null;
  try {
    const { fields, deleted } = parsed.line;
    return { is: 'record', line, snapshot: side.map(fields, deleted === true), assumed: side.assumed };
  } catch (error) {
    // Nested so deep that it cannot be walked.
    if (!(error instanceof RangeError)) throw error;
    return { is: 'bad', line, fault: { code: 'too_deep', params: {} } };
  }
}
