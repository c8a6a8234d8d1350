/**
 * What a simulated CRM must offer to the sandbox around it. The sandbox imports nothing of oppsync, so that a mistake
 * in a mapping cannot hide on both sides.
 */

import { type DatasetFault, type DatasetFaultParams, datasetSentence } from './dataset-faults.ts';
import type { EventBus } from './event-bus.ts';
import type { WebhookVoice } from './webhook-voice.ts';

/** Time of the sandbox: real time plus an offset, or frozen; moved through the control prefix. */
export interface SandboxClock {
  /** Epoch ms. */
  now(): number;
  /** Moves the clock to this moment. Lag and late commits are computed by comparing stamps with now(), never by timers. */
  set(at: number): void;
  advance(ms: number): void;
  freeze(frozen: boolean): void;
}

/** Seeded randomness. The same seed gives the same sandbox. */
export interface SandboxRandom {
  /** [0, 1) */
  next(): number;
  /** Whole number in [min, max]. */
  int(min: number, max: number): number;
  pick<T>(list: readonly T[]): T;
  /** Another generator, independent of how much this one was used. */
  fork(label: string): SandboxRandom;
}

/** `import`, `human:NAME`, `engine` (the credentials handed to oppsync), `automation:NAME`, `app:NAME`. */
export type Actor = string;

/** One change of one record, in commit order: who wrote what when. The oracle of every test. */
export interface TruthEntry {
  readonly seq: number;
  /** Epoch ms of the sandbox clock. */
  readonly at: number;
  readonly crm: string;
  readonly type: string;
  readonly id: string;
  readonly action: 'create' | 'update' | 'delete' | 'restore' | 'merge';
  readonly actor: Actor;
  /** Only fields whose stored value changed, computed ones included. */
  readonly fields: Readonly<Record<string, { before: unknown; after: unknown }>>;
}

export interface TruthLog {
  append(entry: Omit<TruthEntry, 'seq'>): void;
  since(seq: number): Iterable<TruthEntry>;
}

/** Requests and writes seen, for `GET /_sandbox/counters`. */
export interface Counters {
  /** `route` is the template of the path, for example `POST /crm/v3/objects/deals/batch/update`, ids replaced by `{id}`. */
  request(route: string, status: number): void;
  /** One record written by an API call; `redundant` when every value sent was already there. */
  write(redundant: boolean): void;
}

export interface SimRequest {
  readonly method: string;
  /** Decoded only by the simulator; without the query string. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface SimResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON with the CRM's own content type; undefined sends no body. */
  readonly body?: unknown;
  /** Route template for the counters. */
  readonly route: string;
}

/** One line of a dataset file (design section 10), already parsed as JSON. */
export interface DatasetLine {
  readonly crm: string;
  readonly type: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly associations?: { readonly companies?: readonly string[] };
  readonly deleted?: boolean;
}

/** A person's edit through the CRM's own screen: `POST /_sandbox/edit`. */
export interface SandboxEdit {
  readonly type: string;
  readonly id?: string;
  readonly action?: 'update' | 'create' | 'delete' | 'restore' | 'merge';
  readonly fields?: Readonly<Record<string, unknown>>;
  /** For `merge`: the record that is absorbed. */
  readonly into?: string;
  readonly absorbs?: string;
  readonly associations?: { readonly companies?: readonly string[] };
  readonly actor?: Actor;
}

export type EditResult =
  | { readonly ok: true; readonly id: string; readonly changed: readonly string[] }
  | { readonly ok: false; readonly status: number; readonly error: unknown };

/** What the surrounding sandbox hands to a simulator. */
export interface SandboxDeps {
  readonly clock: SandboxClock;
  readonly random: SandboxRandom;
  readonly truth: TruthLog;
  readonly counters: Counters;
}

/** One simulated CRM. */
export interface Simulator {
  readonly crm: 'salesforce' | 'hubspot';
  /** Base URL becomes known when the server listens; needed in answers that carry absolute addresses. */
  listening(baseUrl: string): void;
  /** Answers one API request; never throws for a bad request. */
  handle(request: SimRequest): Promise<SimResponse>;
  /** Takes a dataset line; throws DatasetError with one clear sentence for an unknown type or key, or a bad value. */
  load(line: DatasetLine): void;
  /**
   * After the last line: computes what depends on other lines (flags from stages, names from accounts…).
   * @param onBad takes the lines that turn out wrong only now; they are left out. Absent, the first one throws DatasetError.
   */
  loaded(onBad?: (error: DatasetError, line: DatasetLine) => void): void;
  /** Dataset lines with every stored native field, `deleted: true` where so. */
  state(): Iterable<DatasetLine>;
  edit(edit: SandboxEdit): EditResult;
  /** What the first output line of `oppsync sandbox` says of this CRM. */
  credentials(): Readonly<Record<string, string>>;
  /** Behaviour switches of this CRM (limits, lag, permissions…): shallow-merged, unknown names refused. */
  configure(switches: Readonly<Record<string, unknown>>): void;
  /** How it tells of changes by itself; absent where it does not. */
  readonly voice?: WebhookVoice;
  /** Events kept for those who come for them; absent where there are none. */
  readonly bus?: EventBus;
}

/** One clear sentence about a dataset line, and what it takes to tell it in another language; the loader adds file and line number. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';
  readonly fault: DatasetFault;
  readonly params: DatasetFaultParams;
  constructor(fault: DatasetFault, params: DatasetFaultParams = {}) {
    super(datasetSentence(fault, params));
    this.fault = fault;
    this.params = params;
  }
}
