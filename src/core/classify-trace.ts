/** Writes the proof of a verdict: one step per kind of evidence and per rule. */
import type { ReadableEvidence } from './classify-evidence.ts';
import type { Standing } from './classify-status.ts';
import type { Facts } from './rules.ts';
import type { Because } from './verdict.ts';

/** Notes that a kind of evidence was looked at, and what it decided. */
export function look(because: Because[], rule: string, evidence: string, decided: Standing | null): void {
  if (evidence !== '')
    because.push({ evidence, rule, decided: decided === null ? null : standingText(decided) });
}

/** A standing in machine words, for example `closed/won`. */
export function standingText(standing: Standing | null): string {
  if (standing === null) return 'unknown';
  const detail = standing.outcome ?? standing.phase;
  return detail === null ? standing.status : `${standing.status}/${detail}`;
}

/** The values of the variables a rule reads. */
export function evidenceOf(names: readonly string[], facts: Facts): string {
  return names.map((name) => `${name}=${facts[name] ?? 'missing'}`).join(', ');
}

/** The record's own flags that were given. */
export function crmText(evidence: ReadableEvidence): string {
  return present([
    ['isClosed', evidence.isClosed],
    ['isWon', evidence.isWon],
    ['isLost', evidence.isLost],
  ]);
}

/** The stage's metadata that was given. */
export function stageText(evidence: ReadableEvidence): string {
  return present([
    ['stageIsClosed', evidence.stageIsClosed],
    ['stageIsWon', evidence.stageIsWon],
    ['stageProbability', evidence.stageProbability],
    ['stageExists', evidence.stageExists === false ? false : null],
  ]);
}

function present(pairs: readonly (readonly [string, boolean | number | null])[]): string {
  let joined = '';
  for (const [name, value] of pairs) {
    if (value !== null) joined += joined === '' ? `${name}=${value}` : `, ${name}=${value}`;
  }
  return joined;
}
