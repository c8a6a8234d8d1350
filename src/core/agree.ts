import type { Crm, EpochMs } from './ids.ts';
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
 * The verdict of a pair (design section 6): equal ones stand; when the stage merge lets one side's stage win, its verdict
 * does; otherwise the sync's status authority decides. Never averaged; a disagreement is flagged `crms_disagree`.
 *
 * @param stageWinner the CRM whose stage both will hold after this run, or null when no stage is to be written
 */
export function agreeVerdict(
  a: VerdictOfSide,
  b: VerdictOfSide,
  authority: SyncSettings['statusAuthority'],
  stageWinner: Crm | null,
): Verdict {
  if (stageWinner !== null) return stageWinner === a.crm ? a.verdict : b.verdict;
  const same = a.verdict.status === b.verdict.status && a.verdict.outcome === b.verdict.outcome;
  if (same) return furtherOf(a, b).verdict;
  if (a.verdict.status === 'unknown' && b.verdict.status !== 'unknown') return flagged(b.verdict);
  if (b.verdict.status === 'unknown' && a.verdict.status !== 'unknown') return flagged(a.verdict);
  return flagged(decide(a, b, authority));
}

function decide(a: VerdictOfSide, b: VerdictOfSide, authority: SyncSettings['statusAuthority']): Verdict {
  if (authority === a.crm) return a.verdict;
  if (authority === b.crm) return b.verdict;
  if (authority === 'most_advanced') return furtherOf(a, b).verdict;
  if (authority === 'newest_stage_change') {
    const gap = (a.stageChangedAt ?? Number.NaN) - (b.stageChangedAt ?? Number.NaN);
    if (gap !== 0 && !Number.isNaN(gap)) return gap > 0 ? a.verdict : b.verdict;
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
