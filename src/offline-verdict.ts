/** Verdicts on exported records, and the words for rules that cannot decide. */
import { z } from 'zod';
import type { Config } from '../config/load.ts';
import { settingsOf } from '../config/settings.ts';
import { type EvidenceSetting, evidenceSettings, namedEvidence } from './connectors/evidence-source.ts';
import { OppsyncError } from './core/errors.ts';
import { faultOf } from './core/fault-sentences.ts';
import type { Crm, EpochMs } from './core/ids.ts';
import type { Snapshot } from './core/opportunity.ts';
import type { SyncSettings } from './core/settings.ts';
import type { Verdict } from './core/verdict.ts';
import type { Classifier } from './engine/deps.ts';

/**
 * The verdict on one record. A rule that fails decides nothing: the record is `unknown` with the flag `rule_failed`. A
 * verdict that rests on the CRM's standard stages, because no line described the real ones, carries `stages_assumed`.
 */
export function judge(
  classifier: Classifier,
  snapshot: Snapshot,
  at: { readonly now: EpochMs; readonly language: string | null; readonly assumed: boolean },
): Verdict {
  try {
    const verdict = classifier.classify(snapshot.crm, snapshot.evidence, at.now, at.language);
    const onStages =
      at.assumed &&
      verdict.because.some(({ rule, decided }) => rule === 'stage-metadata' && decided !== null);
    return onStages ? { ...verdict, flags: [...verdict.flags, 'stages_assumed'].sort() } : verdict;
  } catch (error) {
    if (!(error instanceof OppsyncError) || error.recovery !== 'skip') throw error;
    return {
      status: 'unknown',
      outcome: null,
      phase: null,
      engagement: { state: 'unknown', last: null, days: null },
      completeness: { accepted: null, contract: null, finance: null },
      flags: ['rule_failed'],
      because: [{ evidence: error.message, rule: error.details.code, decided: 'unknown' }],
    };
  }
}

/** What one sync's configuration says about judging records. */
export interface OfflineSettings {
  readonly profile: string;
  readonly decisions: NonNullable<SyncSettings['decisions']>;
  readonly languages: NonNullable<SyncSettings['languages']>;
  readonly stages: SyncSettings['stages'];
  readonly evidence: Readonly<Record<Crm, Readonly<Record<string, EvidenceSetting>>>>;
}

/** Without a configuration: trust the CRM. */
export const NO_SETTINGS: OfflineSettings = {
  profile: 'standard',
  stages: null,
  decisions: {},
  languages: {},
  evidence: {},
};

/**
 * The settings of one sync that matter for records from a file.
 *
 * @throws OppsyncError `fix` for evidence that is not written as it should be
 */
export function offlineSettings(config: Config, sync: string): OfflineSettings {
  const { settings, connections } = settingsOf(config, sync);
  return {
    profile: settings.profile,
    decisions: settings.decisions as OfflineSettings['decisions'],
    languages: settings.languages,
    stages: settings.stages,
    evidence: Object.fromEntries(
      connections.map(({ crm, options, path }) => [crm, evidenceOf(options['evidence'], `${path}.evidence`)]),
    ),
  };
}

const evidence = evidenceSettings(z.string().min(1));

function evidenceOf(given: unknown, path: string): Readonly<Record<string, EvidenceSetting>> {
  const parsed = evidence.safeParse(given);
  if (parsed.success) return namedEvidence(parsed.data);
  throw new OppsyncError({
    recovery: 'fix',
    ...faultOf('config.evidence', { path }),
    field: path,
  });
}
