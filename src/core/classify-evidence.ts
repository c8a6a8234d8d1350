/** Reads evidence that came from outside: what has the wrong type is set aside and noted, never guessed, never thrown. */
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

  const flag = (name: keyof Evidence): boolean | null => {
    const value = evidence[name];
    if (value === true || value === false) return value;
    if (value !== null && value !== undefined) unreadable.push(name);
    return null;
  };
  const text = (name: keyof Evidence): string | null => {
    const value = evidence[name];
    if (typeof value === 'string') return value.trim() === '' ? null : value;
    if (value !== null && value !== undefined) unreadable.push(name);
    return null;
  };
  const number = (name: keyof Evidence, least: number, most: number): number | null => {
    const value = evidence[name];
    if (typeof value === 'number' && value >= least && value <= most) return value;
    if (value !== null && value !== undefined) unreadable.push(name);
    return null;
  };
  const moment = (name: keyof Evidence): EpochMs | null => number(name, -LAST_MOMENT, LAST_MOMENT);
  const date = (name: keyof Evidence): PlainDate | null => {
    const value = text(name);
    if (value === null || isPlainDate(value)) return value;
    unreadable.push(name);
    return null;
  };
  const custom = evidence['custom'];
  if (custom !== null && custom !== undefined && !isPlain(custom)) unreadable.push('custom');
  const said = readSaid(evidence['said']);
  if (said === null) unreadable.push('said');

  return {
    isClosed: flag('isClosed'),
    isWon: flag('isWon'),
    isLost: flag('isLost'),
    stageKey: text('stageKey'),
    stageLabel: text('stageLabel'),
    pipelineLabel: text('pipelineLabel'),
    stageExists: flag('stageExists'),
    stageIsClosed: flag('stageIsClosed'),
    stageIsWon: flag('stageIsWon'),
    stageProbability: number('stageProbability', 0, 1),
    probability: number('probability', 0, 1),
    createdAt: moment('createdAt'),
    closedAt: moment('closedAt'),
    stageChangedAt: moment('stageChangedAt'),
    lastContactAt: moment('lastContactAt'),
    nextActivityAt: moment('nextActivityAt'),
    closeDate: date('closeDate'),
    custom: isPlain(custom) ? custom : NOTHING,
    said: said ?? [],
    unreadable,
  };
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPlainDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const parsed = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text);
}
