import type { StageInfo } from './account-facts.ts';
import type { Crm, EpochMs } from './ids.ts';
import type { Evidence } from './opportunity.ts';
import type { SyncSettings } from './settings.ts';
import type { Phase, Verdict } from './verdict.ts';

const PHASES: readonly Phase[] = [
  'paused',
  'prospecting',
  'qualifying',
  'meeting',
  'proposing',
  'negotiating',
  'committing',
  'finalising',
];

export interface VerdictOfSide {
  readonly crm: Crm;
  readonly verdict: Verdict;
  /** When the stage last changed, corrected to our clock; null when the CRM does not say. */
  readonly stageChangedAt: EpochMs | null;
}

/**
 * The verdict of a pair (design section 6): equal ones stand; otherwise the sync's status authority decides. Never
 * averaged; a disagreement is flagged `crms_disagree`. Contact seen by either CRM is contact, so the fresher engagement
 * counts. A side whose stage is about to be written is to be given as it will be ({@link afterStage}), so that deciding
 * again after the write gives the same verdict.
 *
 * @param sameStage both stand in stages that mean the same. The later change was then (or will be) the copy of the
 * earlier one, most often by our own hand, so `newest_stage_change` takes the side that moved first.
 */
export function agreeVerdict(
  a: VerdictOfSide,
  b: VerdictOfSide,
  authority: SyncSettings['statusAuthority'],
  sameStage = false,
): Verdict {
  const same = a.verdict.status === b.verdict.status && a.verdict.outcome === b.verdict.outcome;
  const decided = same ? furtherOf(a, b).verdict : flagged(settle(a, b, authority, sameStage));
  return decided.status === 'active' ? { ...decided, engagement: fresher(a.verdict, b.verdict) } : decided;
}

/** What a CRM will say of a record once its stage is this one; null = once it has none. */
export function afterStage(evidence: Evidence, stage: StageInfo | null): Evidence {
  if (stage === null) return { ...evidence, ...NO_STAGE };
  const closed = stage.closed;
  return {
    ...evidence,
    isClosed: closed,
    isWon: closed === null ? null : closed && stage.won === true,
    // Not `null` for a closed stage that is neither won nor lost: CRMs say false then, and absence would read as lost.
    isLost: closed === null ? null : closed && stage.won === false,
    stageKey: stage.key,
    stageLabel: stage.label,
    pipelineLabel: stage.pipelineLabel,
    stageExists: true,
    stageIsClosed: closed,
    stageIsWon: stage.won,
    stageProbability: stage.probability,
    probability: stage.probability,
  };
}

const NO_STAGE: Evidence = {
  isClosed: null,
  isWon: null,
  isLost: null,
  stageKey: null,
  stageLabel: null,
  pipelineLabel: null,
  stageExists: null,
  stageIsClosed: null,
  stageIsWon: null,
  stageProbability: null,
  probability: null,
};

function settle(
  a: VerdictOfSide,
  b: VerdictOfSide,
  authority: SyncSettings['statusAuthority'],
  sameStage: boolean,
): Verdict {
  if (a.verdict.status === 'unknown') return b.verdict;
  if (b.verdict.status === 'unknown') return a.verdict;
  return decide(a, b, authority, sameStage);
}

function fresher(a: Verdict, b: Verdict): Verdict['engagement'] {
  const [lastA, lastB] = [
    a.engagement.last ?? Number.NEGATIVE_INFINITY,
    b.engagement.last ?? Number.NEGATIVE_INFINITY,
  ];
  return lastB > lastA ? b.engagement : a.engagement;
}

function decide(
  a: VerdictOfSide,
  b: VerdictOfSide,
  authority: SyncSettings['statusAuthority'],
  sameStage: boolean,
): Verdict {
  if (authority === a.crm) return a.verdict;
  if (authority === b.crm) return b.verdict;
  if (authority === 'most_advanced') return furtherOf(a, b).verdict;
  if (authority === 'newest_stage_change') {
    const gap = (a.stageChangedAt ?? Number.NaN) - (b.stageChangedAt ?? Number.NaN);
    if (gap !== 0 && !Number.isNaN(gap)) return gap > 0 !== sameStage ? a.verdict : b.verdict;
  }
  const { outcome: _outcome, phase: _phase, ...rest } = a.verdict;
  return {
    ...rest,
    status: 'unknown',
    outcome: null,
    phase: null,
    flags: ['review_asked'],
    because: [...a.verdict.because, ...b.verdict.because],
  };
}

/** How far along: a decided sale is further than an open one, a won one further than a lost one. */
export function progressOf(verdict: Verdict): number {
  if (verdict.status === 'closed') return verdict.outcome === 'won' ? 100 : 90;
  return verdict.phase === null ? 0 : PHASES.indexOf(verdict.phase) + 1;
}

function furtherOf(a: VerdictOfSide, b: VerdictOfSide): VerdictOfSide {
  return progressOf(b.verdict) > progressOf(a.verdict) ? b : a;
}

function flagged(verdict: Verdict): Verdict {
  return { ...verdict, flags: [...new Set([...verdict.flags, 'crms_disagree'])].sort() };
}
