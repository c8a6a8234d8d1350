/** Active or closed, and why (design section 6). Total, deterministic, pure. */

import { dayOf } from './classify-day.ts';
import { type ReadableEvidence, readEvidence } from './classify-evidence.ts';
import type { FlagName } from './classify-flags.ts';
import {
  ACTIVE,
  CANCELLED,
  disagree,
  LOST,
  type Reading,
  readCrmFlags,
  readStage,
  type Standing,
  WON,
} from './classify-status.ts';
import { crmText, evidenceOf, look, stageText, standingText } from './classify-trace.ts';
import { checkCompleteness, NOT_EVIDENCED } from './completeness.ts';
import type { Dictionary } from './dictionary.ts';
import { engagement } from './engagement.ts';
import type { EpochMs } from './ids.ts';
import { classifyLabel, type ReadLabel } from './label.ts';
import type { Evidence } from './opportunity.ts';
import type { Profile } from './profile.ts';
import { type Facts, factsOf, readOwnEvidence, testCondition } from './rules.ts';
import type { Because, Outcome, Phase, Status, Verdict } from './verdict.ts';

export { STANDARD_PROFILE } from './profile-standard.ts';

/** What an operator decided for a stage. It comes before everything the CRM says. */
export interface StageDecision {
  readonly status: Status;
  readonly outcome?: Outcome | null;
  readonly phase?: Phase | null;
}

export interface ClassifyContext {
  readonly profile: Profile;
  /** The moment to judge at. The only clock there is. */
  readonly now: EpochMs;
  /** IANA zone in which a close date ends. UTC when not given; never the machine's. */
  readonly timeZone?: string;
  /** By stage key. */
  readonly decisions?: ReadonlyMap<string, StageDecision>;
  /** Language of stage names; null or absent = not known (see detectLanguage in label.ts). */
  readonly language?: string | null;
  /** Without one, names of stages say nothing. */
  readonly dictionary?: Dictionary;
}

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

/** Evidence 0 to 4: the first that decides wins, later ones can only add flags. Null: unknown. */
function decide(
  evidence: ReadableEvidence,
  label: ReadLabel | null,
  context: ClassifyContext,
  flags: Set<string>,
  because: Because[],
): Standing | null {
  const crm = readCrmFlags(evidence);
  const stage = readStage(evidence);
  const named = label === null ? null : standingOf(label);
  if (evidence.stageExists === false) flags.add('stage_deleted');
  if (evidence.isWon === true && evidence.stageIsClosed === false) flags.add('won_flag_on_open_stage');
  if (crm.standing !== null && stage.standing !== null && disagree(crm.standing, stage.standing)) {
    flags.add('flags_contradict_stage');
  }
  for (const reading of [crm, stage]) if (reading.contradiction) addFlag(flags, reading);

  const fromCrm =
    complete(crm, [stage.standing, named]) ?? (crm.standing === null ? complete(stage, [named]) : null);
  const decider = fromCrm === null ? null : crm.standing === null ? 'stage-metadata' : 'crm-flags';
  const operator = operatorDecision(evidence, context, fromCrm);
  // Where the CRM contradicts itself a name must not settle it; where it is silent, a name may.
  const silent =
    crm.standing === null && stage.standing === null && !crm.contradiction && !stage.contradiction;
  const winner =
    operator !== undefined
      ? 'operator'
      : decider !== null
        ? decider
        : silent && named !== null
          ? 'dictionary'
          : null;
  const standing = operator !== undefined ? operator : winner === 'dictionary' ? named : fromCrm;

  if (operator !== undefined) {
    flags.add('decided_by_configuration');
    because.push({
      evidence: `stageKey=${evidence.stageKey}`,
      rule: 'operator-decision',
      decided: standingText(operator),
    });
  }
  look(because, 'crm-flags', crmText(evidence), winner === 'crm-flags' ? standing : null);
  look(because, 'stage-metadata', stageText(evidence), winner === 'stage-metadata' ? standing : null);
  if (label !== null) {
    const language = label.language === null ? '' : ` (${label.language})`;
    look(
      because,
      'dictionary',
      `stageLabel="${evidence.stageLabel}"${language} means ${label.class}`,
      winner === 'dictionary' ? standing : null,
    );
    if (standing !== null && named !== null && winner !== 'dictionary' && disagree(standing, named)) {
      flags.add('label_contradicts');
    }
  }
  if (winner === 'crm-flags' && (crm.flag === 'won_without_closed' || crm.flag === 'lost_without_closed'))
    addFlag(flags, crm);
  if (winner === 'stage-metadata' && stage.flag === 'won_without_closed') addFlag(flags, stage);
  if (standing !== null || winner === 'operator') return standing;
  explainUnknown(evidence, label, crm, stage, flags);
  return null;
}

/** A reading that knows how it ended; one that only knows "closed" is completed by weaker evidence that agrees it is closed. */
function complete(reading: Reading, weaker: readonly (Standing | null)[]): Standing | null {
  const standing = reading.standing;
  if (standing === null || standing.status === 'active' || standing.outcome !== null) return standing;
  for (const other of weaker) {
    if (other === null) continue;
    if (other.status === 'active') return null;
    if (other.outcome !== null) return other;
  }
  return null;
}

/** Undefined: none. Null: the operator decided that a person must look. */
function operatorDecision(
  evidence: ReadableEvidence,
  context: ClassifyContext,
  fromCrm: Standing | null,
): Standing | null | undefined {
  if (evidence.stageKey === null) return undefined;
  const decision = context.decisions?.get(evidence.stageKey);
  if (decision === undefined) return undefined;
  if (decision.status === 'active') return { ...ACTIVE, phase: decision.phase ?? null };
  if (decision.status === 'unknown') return null;
  const outcome = decision.outcome ?? fromCrm?.outcome ?? null;
  return outcome === null ? null : { status: 'closed', outcome, phase: null };
}

function standingOf(label: ReadLabel): Standing | null {
  switch (label.class) {
    case 'won':
      return WON;
    case 'lost':
      return LOST;
    case 'cancelled':
      return CANCELLED;
    case 'open':
    case 'paused':
      return ACTIVE;
    default:
      return null;
  }
}

function explainUnknown(
  evidence: ReadableEvidence,
  label: ReadLabel | null,
  crm: Reading,
  stage: Reading,
  flags: Set<string>,
): void {
  if (crm.standing !== null) addFlag(flags, crm);
  else if (stage.standing !== null) addFlag(flags, stage);
  else if (crm.contradiction || stage.contradiction) return;
  else if (evidence.stageKey === null && evidence.stageLabel === null) flags.add('no_stage');
  else flags.add(label === null ? 'no_evidence' : 'stage_not_recognised');
}

function addFlag(flags: Set<string>, reading: Reading): void {
  if (reading.flag !== null) flags.add(reading.flag satisfies FlagName);
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
  let completeness: Verdict['completeness'] = NOT_EVIDENCED;
  if (outcome === 'won') {
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
