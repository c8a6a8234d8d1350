/** Metrics of exported records, without a CRM, a database or a configuration. */
import { readDictionaryFiles } from '../config/dictionaries/read.ts';
import { readProfileFiles } from '../config/rules/read.ts';
import { OFFLINE_READERS } from './connectors/offline.ts';
import { type OfflineLine, offlineSurroundings } from './connectors/offline-surroundings.ts';
import { parseDictionaries } from './core/dictionary-parse.ts';
import { OppsyncError } from './core/errors.ts';
import type { EpochMs } from './core/ids.ts';
import type { PairedRecord } from './core/measure-portfolio.ts';
import type { Portfolio } from './core/measure-query.ts';
import { MEASURED_EVIDENCE, measuredRecord } from './core/measure-snapshot.ts';
import type { Snapshot } from './core/opportunity.ts';
import type { AccountFacts } from './core/ports.ts';
import type { Profile } from './core/profile.ts';
import { parseProfiles } from './core/profile-yaml.ts';
import type { Verdict } from './core/verdict.ts';
import { createClassifier } from './engine/classifier.ts';
import type { Classifier } from './engine/deps.ts';

export type { OfflineLine } from './connectors/offline-surroundings.ts';

export interface OfflineOptions {
  readonly profile: string;
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

/**
 * Reads and classifies dataset lines, and pairs what the lines themselves link: by the Salesforce id in the deal or by
 * oppsync's own key. Deleted records are left out. A record whose rule fails is `unknown`, never decided.
 *
 * @throws OppsyncError `fix` for a profile that is not shipped
 */
export function offlinePortfolio(lines: readonly OfflineLine[], options: OfflineOptions): Portfolio {
  const profile = shippedProfile(options.profile);
  const classifier = createClassifier({
    profile,
    dictionary: parseDictionaries(readDictionaryFiles()),
    timeZone: options.timeZone,
    locale: 'en',
  });
  const surroundings = offlineSurroundings();
  for (const line of lines) surroundings.take(line);
  const { facts, found } = readLines(lines, profile, options);
  const linked = new Set(found.flatMap(({ snapshot }) => snapshot.linkedId ?? []));
  const ids = new Set(found.map(({ snapshot }) => snapshot.id));
  const records = found.map(({ snapshot: read, line }): PairedRecord => {
    const contact = surroundings.lastContactOf(read.crm, read.id);
    const snapshot =
      contact === null || read.evidence.lastContactAt !== undefined
        ? read
        : { ...read, evidence: { ...read.evidence, lastContactAt: contact } };
    const verdict = judge(classifier, snapshot, options.readAt);
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
  return { records, facts, readAt: options.readAt, staleAfterDays: profile.engagement.quietDays };
}

/** A shipped profile by name. */
function shippedProfile(name: string): Profile {
  const profiles = parseProfiles(readProfileFiles());
  const profile = profiles.get(name);
  if (profile !== undefined) return profile;
  throw new OppsyncError({
    recovery: 'fix',
    code: 'profile.unknown',
    message: `There is no profile called "${name}".`,
    remedy: `Use one of: ${[...profiles.keys()].join(', ')}.`,
  });
}

/** Snapshots of all live records, and the facts of each CRM that has lines, in the order of the readers. */
function readLines(
  lines: readonly OfflineLine[],
  profile: Profile,
  { readAt, timeZone, currency }: OfflineOptions,
): { readonly facts: readonly AccountFacts[]; readonly found: readonly Read[] } {
  const facts: AccountFacts[] = [];
  const found: Read[] = [];
  for (const reader of OFFLINE_READERS) {
    const mine = lines.filter((line) => line.crm === reader.crm);
    if (mine.length === 0) continue;
    const described = mine
      .filter((line) => reader.describingTypes.includes(line.type))
      .map((line) => reader.describe(line.type, line.fields));
    const account = {
      stages: described.flatMap(({ stages }) => stages),
      owners: described.flatMap(({ owners }) => owners),
    };
    const evidenceNames = [...new Set([...Object.keys(profile.evidence), ...MEASURED_EVIDENCE])];
    const known = { ...reader.facts(account, { evidence: {}, evidenceNames }), timeZone, currency };
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

function judge(classifier: Classifier, { crm, evidence }: Snapshot, now: EpochMs): Verdict {
  try {
    return classifier.classify(crm, evidence, now);
  } catch (error) {
    if (!(error instanceof OppsyncError) || error.recovery !== 'skip') throw error;
    return {
      status: 'unknown',
      outcome: null,
      phase: null,
      engagement: { state: 'unknown', last: null, days: null },
      completeness: { accepted: null, contract: null, finance: null },
      flags: ['rule_failed'],
      because: [{ evidence: 'rule', rule: error.details.code, decided: 'unknown' }],
    };
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
