/** Reads evidence that came from outside: what has the wrong type is set aside and noted, never guessed, never thrown. */
import { isCalendarDay } from './calendar.ts';
import { readSaid } from './classify-proofs.ts';
import type { EpochMs, PlainDate } from './ids.ts';
import type { Evidence, Said } from './opportunity.ts';

/** Largest moment a JavaScript date can hold. */
const LAST_MOMENT = 8.64e15;

/** Evidence after type checks: each value has its type, or is null (not said, or unreadable). */
export interface ReadableEvidence {
  readonly isClosed: boolean | null;
  readonly isWon: boolean | null;
  readonly isLost: boolean | null;
  readonly stageKey: string | null;
  readonly stageLabel: string | null;
  readonly pipelineLabel: string | null;
  readonly stageExists: boolean | null;
  readonly stageIsClosed: boolean | null;
  readonly stageIsWon: boolean | null;
  readonly stageProbability: number | null;
  readonly probability: number | null;
  readonly createdAt: EpochMs | null;
  readonly closedAt: EpochMs | null;
  readonly stageChangedAt: EpochMs | null;
  readonly lastContactAt: EpochMs | null;
  readonly nextActivityAt: EpochMs | null;
  readonly closeDate: PlainDate | null;
  readonly custom: Readonly<Record<string, unknown>>;
  readonly said: readonly Said[];
  /** Names of what was set aside. */
  readonly unreadable: readonly string[];
}

const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({});

/** Takes evidence apart. Total: any value at all may be given. */
export function readEvidence(given: Evidence): ReadableEvidence {
  const unreadable: string[] = [];
  const known: unknown = given;
  const evidence = isPlain(known) ? known : NOTHING;
  if (evidence === NOTHING && known !== null && known !== undefined) unreadable.push('evidence');

  const custom = evidence['custom'];
  if (custom !== null && custom !== undefined && !isPlain(custom)) unreadable.push('custom');
  const said = readSaid(evidence['said']);
  if (said === null) unreadable.push('said');

  return {
    isClosed: flag(evidence['isClosed'], 'isClosed', unreadable),
    isWon: flag(evidence['isWon'], 'isWon', unreadable),
    isLost: flag(evidence['isLost'], 'isLost', unreadable),
    stageKey: text(evidence['stageKey'], 'stageKey', unreadable),
    stageLabel: text(evidence['stageLabel'], 'stageLabel', unreadable),
    pipelineLabel: text(evidence['pipelineLabel'], 'pipelineLabel', unreadable),
    stageExists: flag(evidence['stageExists'], 'stageExists', unreadable),
    stageIsClosed: flag(evidence['stageIsClosed'], 'stageIsClosed', unreadable),
    stageIsWon: flag(evidence['stageIsWon'], 'stageIsWon', unreadable),
    stageProbability: number(evidence['stageProbability'], 'stageProbability', 0, 1, unreadable),
    probability: number(evidence['probability'], 'probability', 0, 1, unreadable),
    createdAt: moment(evidence['createdAt'], 'createdAt', unreadable),
    closedAt: moment(evidence['closedAt'], 'closedAt', unreadable),
    stageChangedAt: moment(evidence['stageChangedAt'], 'stageChangedAt', unreadable),
    lastContactAt: moment(evidence['lastContactAt'], 'lastContactAt', unreadable),
    nextActivityAt: moment(evidence['nextActivityAt'], 'nextActivityAt', unreadable),
    closeDate: date(evidence['closeDate'], 'closeDate', unreadable),
    custom: isPlain(custom) ? custom : NOTHING,
    said: said ?? [],
    unreadable,
  };
}

function flag(value: unknown, name: string, unreadable: string[]): boolean | null {
  return value === true || value === false ? value : aside(value, name, unreadable);
}

function text(value: unknown, name: string, unreadable: string[]): string | null {
  if (typeof value !== 'string') return aside(value, name, unreadable);
  return value.trim() === '' ? null : value;
}

function number(
  value: unknown,
  name: string,
  least: number,
  most: number,
  unreadable: string[],
): number | null {
  return typeof value === 'number' && value >= least && value <= most
    ? value
    : aside(value, name, unreadable);
}

function moment(value: unknown, name: string, unreadable: string[]): EpochMs | null {
  return number(value, name, -LAST_MOMENT, LAST_MOMENT, unreadable);
}

function date(value: unknown, name: string, unreadable: string[]): PlainDate | null {
  const day = text(value, name, unreadable);
  if (day === null || isCalendarDay(day)) return day;
  unreadable.push(name);
  return null;
}

/** Not said, or of another type: then it is named. */
function aside(value: unknown, name: string, unreadable: string[]): null {
  if (value !== null && value !== undefined) unreadable.push(name);
  return null;
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
