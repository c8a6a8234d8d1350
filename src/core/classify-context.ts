/** What classification needs besides the record. */
import type { Dictionary } from './dictionary.ts';
import type { EpochMs } from './ids.ts';
import type { Profile } from './profile.ts';
import type { Outcome, Phase, Status } from './verdict.ts';

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
