import { faultOf } from './fault-sentences.ts';
/** What rules may look at: flat, declared, typed variables. A variable whose value is not known is null. */

import type { ReadableEvidence } from './classify-evidence.ts';
import type { Standing } from './classify-status.ts';
import { DAY_MS } from './engagement.ts';
import { OppsyncError } from './errors.ts';
import type { EpochMs } from './ids.ts';
import type { ReadLabel } from './label.ts';

export type VariableType = 'boolean' | 'number' | 'text';
export type FactValue = boolean | number | string | null;
/** The variables of one record. */
export type Facts = Readonly<Record<string, FactValue>>;

/**
 * A compiled condition. Three-valued: null means that evidence it needs is missing, which is neither yes nor no
 * (`paid && contractSigned` is false as soon as one of them is false, whatever the other).
 * Throws when the expression itself fails, for example by an integer division by zero.
 */
export interface Condition {
  readonly source: string;
  /** Names of the variables it reads, sorted. */
  readonly reads: readonly string[];
  readonly test: (facts: Facts) => boolean | null;
}

/** Variables every profile may read, besides its own evidence fields. Days are whole days; probabilities 0..1. */
export const VARIABLES: Readonly<Record<string, VariableType>> = Object.freeze({
  // What the record and its stage say.
  isClosed: 'boolean',
  isWon: 'boolean',
  isLost: 'boolean',
  stageKey: 'text',
  stageLabel: 'text',
  pipelineLabel: 'text',
  stageExists: 'boolean',
  stageIsClosed: 'boolean',
  stageIsWon: 'boolean',
  stageProbability: 'number',
  probability: 'number',
  // What the name of the stage means: open, won, lost, cancelled, paused or unknown; and its phase.
  labelClass: 'text',
  labelPhase: 'text',
  // What was decided before the rules: active or closed; won, lost or cancelled.
  status: 'text',
  outcome: 'text',
  // Time, all in whole days.
  ageDays: 'number',
  daysInStage: 'number',
  daysSinceContact: 'number',
  daysToNextActivity: 'number',
});

/** Evidence fields every profile may read; a connector fills them from the fields the configuration names. */
export const STANDARD_EVIDENCE: Readonly<Record<string, VariableType>> = Object.freeze({
  accepted: 'boolean',
  contractSigned: 'boolean',
  paid: 'boolean',
  deliveryBegun: 'boolean',
  investorCommitted: 'boolean',
  fundsWired: 'boolean',
});

/** The facts of one record. `own` are its evidence fields, already of their declared types. */
export function factsOf(
  evidence: ReadableEvidence,
  standing: Standing,
  label: ReadLabel | null,
  own: Facts,
  now: EpochMs,
): Facts {
  return {
    ...own,
    isClosed: evidence.isClosed,
    isWon: evidence.isWon,
    isLost: evidence.isLost,
    stageKey: evidence.stageKey,
    stageLabel: evidence.stageLabel,
    pipelineLabel: evidence.pipelineLabel,
    stageExists: evidence.stageExists,
    stageIsClosed: evidence.stageIsClosed,
    stageIsWon: evidence.stageIsWon,
    stageProbability: evidence.stageProbability,
    probability: evidence.probability,
    labelClass: label === null ? 'unknown' : label.class,
    labelPhase: label === null ? null : label.phase,
    status: standing.status,
    outcome: standing.outcome,
    ageDays: days(evidence.createdAt, now),
    daysInStage: days(evidence.stageChangedAt, now),
    // A contact that lies ahead is no contact yet.
    daysSinceContact: days(evidence.lastContactAt, now),
    daysToNextActivity: evidence.nextActivityAt === null ? null : days(now, evidence.nextActivityAt),
  };
}

function days(from: EpochMs | null, to: EpochMs): number | null {
  return from === null || from > to ? null : Math.floor((to - from) / DAY_MS);
}

/** Reads the team's evidence fields by their declared types. What has another type is missing, and named in `unreadable`. */
export function readOwnEvidence(
  declared: Readonly<Record<string, VariableType>>,
  custom: Readonly<Record<string, unknown>>,
): { facts: Record<string, FactValue>; unreadable: string[] } {
  const facts: Record<string, FactValue> = {};
  const unreadable: string[] = [];
  for (const name in declared) {
    const value = Object.hasOwn(custom, name) ? custom[name] : null;
    if (value === null || value === undefined || value === '') {
      facts[name] = null;
      continue;
    }
    const read = asType(value, declared[name]);
    facts[name] = read;
    if (read === null) unreadable.push(name);
  }
  return { facts, unreadable };
}

function asType(value: unknown, type: VariableType | undefined): FactValue {
  if (type === 'text') return typeof value === 'string' ? value : null;
  if (type === 'number') return typeof value === 'number' && Number.isFinite(value) ? value : null;
  return typeof value === 'boolean' ? value : null;
}

/** Runs a condition; a fault in it becomes an error that sets this record aside, never a decision. */
export function testCondition(
  profile: string,
  rule: string,
  condition: Condition,
  facts: Facts,
): boolean | null {
  try {
    return condition.test(facts);
  } catch (cause) {
    throw new OppsyncError({
      recovery: 'skip',
      ...faultOf('rule.failed', {
        ...{ rule, profile, condition: condition.source },
        words: cause instanceof Error ? cause.message : String(cause),
      }),
      cause,
    });
  }
}
