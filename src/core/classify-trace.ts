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

/** What is said again of record after record is written once. */
const crmTexts: string[] = [];
const stageTexts: Map<number | null, string>[] = [];

/** The record's own flags that were given. */
export function crmText({ isClosed, isWon, isLost }: ReadableEvidence): string {
  const at = digit(isClosed) * 9 + digit(isWon) * 3 + digit(isLost);
  crmTexts[at] ??= present([
    ['isClosed', isClosed],
    ['isWon', isWon],
    ['isLost', isLost],
  ]);
  return crmTexts[at];
}

/** The stage's metadata that was given. */
export function stageText(evidence: ReadableEvidence): string {
  const { stageIsClosed, stageIsWon, stageProbability } = evidence;
  const gone = evidence.stageExists === false;
  const at = digit(stageIsClosed) * 6 + digit(stageIsWon) * 2 + (gone ? 1 : 0);
  stageTexts[at] ??= new Map();
  const texts = stageTexts[at];
  const known = texts.get(stageProbability);
  if (known !== undefined) return known;
  const written = present([
    ['stageIsClosed', stageIsClosed],
    ['stageIsWon', stageIsWon],
    ['stageProbability', stageProbability],
    ['stageExists', gone ? false : null],
  ]);
  // Stages have few probabilities; whatever else comes is not kept.
  if (texts.size < 200) texts.set(stageProbability, written);
  return written;
}

function digit(value: boolean | null): 0 | 1 | 2 {
  return value === null ? 0 : value ? 1 : 2;
}

function present(pairs: readonly (readonly [string, boolean | number | null])[]): string {
  let joined = '';
  for (const [name, value] of pairs) {
    if (value !== null) joined += joined === '' ? `${name}=${value}` : `, ${name}=${value}`;
  }
  return joined;
}
