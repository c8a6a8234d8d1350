/** The doors between the engine and the machine: time, chance, waiting, words. Types only; adapters live outside core. */
import type { EpochMs } from './ids.ts';

export interface Clock {
  /** Our own clock. Never compared with a CRM's stamps to pick a winner. */
  now(): EpochMs;
}

export interface Randomness {
  /** Uniform in [0, 1). */
  next(): number;
}

/** Resolves after `ms`, or rejects with the signal's reason when aborted first. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** Constant message + fields. Never a secret, never a customer's text at info level, never once per record. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  child(fields: Record<string, unknown>): Log;
}
