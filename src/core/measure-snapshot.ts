/** A snapshot with its verdict, as metrics see it. */

import type { AccountFacts } from './account-facts.ts';
import type { EpochMs } from './ids.ts';
import type { HistoryEntry, MeasuredRecord, StageBook, StageFact } from './measure-record.ts';
import type { Snapshot } from './opportunity.ts';
import type { Verdict } from './verdict.ts';

export interface SnapshotToMeasure {
  readonly snapshot: Pick<Snapshot, 'crm' | 'id' | 'fields' | 'evidence'>;
  readonly verdict: Verdict;
  readonly account?: string | null;
  readonly owner?: string | null;
  /** Used when the CRM has no evidence field of that name. */
  readonly reason?: string | null;
  readonly history?: readonly HistoryEntry[];
  readonly observedSince?: EpochMs | null;
}

/** Names of evidence fields a configuration may map to native ones, and what metrics use them for. */
export const MEASURED_EVIDENCE = ['wonReason', 'lostReason', 'referenceAsked', 'accountName'] as const;

/**
 * Makes the measured record. The probability is the record's own, else that of its stage. Account, reasons and whether a
 * reference was asked come from the evidence fields {@link MEASURED_EVIDENCE}, where the configuration names them.
 */
export function measuredRecord(given: SnapshotToMeasure): MeasuredRecord {
  const { snapshot, verdict } = given;
  const { fields, evidence } = snapshot;
  const custom = evidence.custom ?? {};
  const word = (name: (typeof MEASURED_EVIDENCE)[number]): string | null => {
    const value = custom[name];
    return typeof value === 'string' && value.trim() !== '' ? value : null;
  };
  const asked = custom['referenceAsked'];
  return {
    crm: snapshot.crm,
    id: snapshot.id,
    name: fields['name'] ?? '',
    pipeline: evidence.pipelineLabel ?? null,
    stage: fields['stage'] ?? evidence.stageKey ?? null,
    owner: fields['owner'] ?? given.owner ?? null,
    account: given.account ?? word('accountName'),
    amount: fields['amount'] ?? null,
    currency: fields['currency'] ?? null,
    probability: evidence.probability ?? evidence.stageProbability ?? null,
    createdAt: evidence.createdAt ?? null,
    closeDate: fields['closeDate'] ?? null,
    closedAt: evidence.closedAt ?? null,
    stageChangedAt: evidence.stageChangedAt ?? null,
    status: verdict.status,
    outcome: verdict.outcome,
    phase: verdict.phase,
    engagement: verdict.engagement.state,
    completeness: verdict.completeness,
    lastContactAt: evidence.lastContactAt ?? null,
    nextStep: fields['nextStep'] ?? null,
    reason: (verdict.outcome === 'won' ? word('wonReason') : word('lostReason')) ?? given.reason ?? null,
    referenceAsked: isYes(asked),
    observedSince: given.observedSince ?? null,
    history: given.history ?? [],
    counterpart: null,
  };
}

/** The stages of these accounts, for looking up what a stage key means. */
export function stageBook(facts: readonly Pick<AccountFacts, 'crm' | 'stages'>[]): StageBook {
  return new Map(
    facts.map(({ crm, stages }) => [
      crm,
      new Map(
        stages.map((stage): [string, StageFact] => [
          stage.key,
          {
            key: stage.key,
            label: stage.label,
            pipeline: stage.pipelineLabel ?? stage.pipeline,
            order: stage.order,
            closed: stage.closed,
            won: stage.won,
            probability: stage.probability,
          },
        ]),
      ),
    ]),
  );
}

/** A date of asking, a ticked box and a word all count as asked; a blank or an explicit no as not. */
function isYes(value: string | number | boolean | null | undefined): boolean | null {
  if (value === undefined) return null;
  if (value === null || value === false || value === 0) return false;
  return !(typeof value === 'string' && ['', 'false', 'no', '0'].includes(value.trim().toLowerCase()));
}
