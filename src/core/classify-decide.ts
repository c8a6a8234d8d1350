/** Evidence 0 to 4, in their order: who decides where an opportunity stands. */
import type { ClassifyContext } from './classify-context.ts';
import type { ReadableEvidence } from './classify-evidence.ts';
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
import { crmText, look, stageText, standingText } from './classify-trace.ts';
import type { ReadLabel } from './label.ts';
import type { Because } from './verdict.ts';

/** Evidence 0 to 4: the first that decides wins, later ones can only add flags. Null: unknown. */
export function decide(
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
  if (reading.flag !== null) flags.add(reading.flag);
}
