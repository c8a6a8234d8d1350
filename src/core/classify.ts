/** Active or closed, and why (design section 6). Total, deterministic, pure. */

import type { ClassifyContext } from './classify-context.ts';
import { dayOf } from './classify-day.ts';
import { decide } from './classify-decide.ts';
import { type ReadableEvidence, readEvidence } from './classify-evidence.ts';
import { witnesses } from './classify-proofs.ts';
import type { Standing } from './classify-status.ts';
import { evidenceOf } from './classify-trace.ts';
import { checkCompleteness, NOT_EVIDENCED } from './completeness.ts';
import { engagement } from './engagement.ts';
import { classifyLabel, type ReadLabel } from './label.ts';
import type { Evidence } from './opportunity.ts';
import { type Facts, factsOf, readOwnEvidence, testCondition } from './rules.ts';
import type { Because, Outcome, Phase, Status, Verdict } from './verdict.ts';

export type { ClassifyContext, StageDecision } from './classify-context.ts';
export { STANDARD_PROFILE } from './profile-standard.ts';

/**
 * Classifies one record. Evidence of the wrong type is set aside with a flag. Throws only OppsyncError `skip` (code
 * `rule.failed`) when a rule of the profile cannot be evaluated: the record belongs in quarantine then.
 */
export function classify(given: Evidence, context: ClassifyContext): Verdict {
  const evidence = readEvidence(given);
  const flags = new Set<string>();
  const because: Because[] = [];
  const own = readOwnEvidence(context.profile.evidence, evidence.custom);
  const unreadable = [...evidence.unreadable, ...own.unreadable];
  if (unreadable.length > 0) {
    flags.add('evidence_unreadable');
    because.push({ evidence: unreadable.join(', '), rule: 'evidence-types', decided: null });
  }
  const label = readStageLabel(evidence, context);
  const standing = decide(evidence, label, context, flags, because);
  if (standing === null) return unknown(flags, because);
  remark(evidence, standing, context, flags);
  const facts = factsOf(evidence, standing, label, own.facts, context.now);
  return refine(evidence, standing, label, facts, context, flags, because);
}

function readStageLabel(evidence: ReadableEvidence, context: ClassifyContext): ReadLabel | null {
  if (context.dictionary === undefined || evidence.stageLabel === null) return null;
  return classifyLabel(evidence.stageLabel, context.language ?? null, context.dictionary);
}

/** Remarks about a record whose standing is known. */
function remark(
  evidence: ReadableEvidence,
  standing: Standing,
  context: ClassifyContext,
  flags: Set<string>,
): void {
  if (evidence.stageKey === null && evidence.stageLabel === null) flags.add('no_stage');
  if (standing.status !== 'active') return;
  if ((evidence.probability ?? evidence.stageProbability) === 1) flags.add('probability_100_open');
  if (evidence.lastContactAt !== null && evidence.lastContactAt > context.now) flags.add('contact_in_future');
}

function refine(
  evidence: ReadableEvidence,
  first: Standing,
  label: ReadLabel | null,
  facts: Facts,
  context: ClassifyContext,
  flags: Set<string>,
  because: Because[],
): Verdict {
  const { profile } = context;
  let { status, outcome, phase }: { status: Status; outcome: Outcome | null; phase: Phase | null } = first;
  let ruledOutcome = false;
  for (const rule of profile.rules) {
    if (testCondition(profile.name, rule.id, rule.when, facts) !== true) continue;
    const { effect } = rule;
    if (effect.flag !== null) flags.add(effect.flag);
    let decided: string | null = effect.flag;
    if (effect.outcome !== null && outcome !== 'won' && !ruledOutcome) {
      ruledOutcome = true;
      status = 'closed';
      outcome = effect.outcome;
      phase = null;
      decided = `closed/${outcome}`;
    }
    if (effect.phase !== null && status === 'active' && phase === null) {
      phase = effect.phase;
      decided = `active/${phase}`;
    }
    because.push({
      evidence: evidenceOf(rule.when.reads, facts),
      rule: `${profile.name}/${rule.id}`,
      decided,
    });
  }
  const heard = witnesses(evidence.said, Object.keys(profile.evidence), facts, evidence.lastContactAt);
  because.push(...heard.because);
  let completeness: Verdict['completeness'] = NOT_EVIDENCED;
  if (outcome === 'won') {
    const asked = profile.criteria.filter(({ required }) => required).flatMap(({ when }) => when.reads);
    if (asked.some((name) => heard.contradicted.has(name))) flags.add('proofs_disagree');
    const check = checkCompleteness(profile, facts);
    completeness = check.completeness;
    because.push(...check.because);
    const held =
      check.required === 'false' || (check.required === 'missing' && profile.whenMissing === 'hold');
    if (held) {
      flags.add(check.required === 'false' ? 'won_before_complete' : 'completeness_missing');
      status = 'active';
      outcome = null;
      phase = 'finalising';
      because.push({
        evidence: `required proof: ${check.required}`,
        rule: `${profile.name}/completeness`,
        decided: 'active/finalising',
      });
    } else if (check.required === 'missing' && profile.whenMissing === 'review') {
      flags.add('completeness_missing');
      because.push({
        evidence: 'required proof: missing',
        rule: `${profile.name}/completeness`,
        decided: 'unknown',
      });
      return { ...unknown(flags, because), completeness };
    }
  }
  if (status === 'active' && phase === null) phase = label === null ? null : label.phase;
  if (status === 'active' && isOverdue(evidence, context)) flags.add('overdue');
  return {
    status,
    outcome,
    phase,
    engagement:
      status === 'active' ? engagement(evidence.lastContactAt, context.now, profile.engagement) : NOT_ENGAGED,
    completeness,
    flags: [...flags].sort(),
    because,
  };
}

const NOT_ENGAGED: Verdict['engagement'] = Object.freeze({ state: 'unknown', last: null, days: null });

function unknown(flags: Set<string>, because: Because[]): Verdict {
  return {
    status: 'unknown',
    outcome: null,
    phase: null,
    engagement: NOT_ENGAGED,
    completeness: NOT_EVIDENCED,
    flags: [...flags].sort(),
    because,
  };
}

function isOverdue(evidence: ReadableEvidence, context: ClassifyContext): boolean {
  return evidence.closeDate !== null && evidence.closeDate < dayOf(context.now, context.timeZone ?? 'UTC');
}
