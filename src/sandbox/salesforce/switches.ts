import type { Value } from './schema/field.ts';

/** When a rule or automation applies; every condition given must hold of the record as it is about to be saved. */
export interface Condition {
  /** Field of the Opportunity, or of another object when written `Object.Field`. */
  readonly field: string;
  readonly equals?: Value;
  readonly isNull?: boolean;
  readonly greaterThan?: number | string;
  readonly lessThan?: number | string;
  readonly startsWith?: string;
  /** Only when this save changes the field to this value. */
  readonly changedTo?: Value;
}

export interface ValidationRule {
  readonly name: string;
  readonly when: Condition;
  readonly message: string;
  /** Where the message is shown; absent means at the top of the page. */
  readonly field?: string;
}

export interface Automation {
  readonly name: string;
  readonly when: Condition;
  readonly set: Readonly<Record<string, Value>>;
}

export interface AppCredential {
  /** Writes through it are logged as `app:NAME`. */
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Behaviour of the simulated org that a test or an operator may change while it runs. */
export interface Switches {
  /** Idle minutes after which a session dies; each use prolongs it. */
  sessionMinutes: number;
  /** Every access token is answered with 401: shows clients that refresh for ever. */
  rejectAllTokens: boolean;
  /** Each refresh hands out a new refresh token and kills the old one. */
  rotateRefreshTokens: boolean;
  /** The username-password flow, blocked in orgs made since 2023. */
  allowPassword: boolean;
  /** PEM public key that signs JWT bearer assertions; empty means the flow is not set up. */
  jwtPublicKey: string;
  /** Further apps besides the engine's. */
  apps: readonly AppCredential[];
  dailyLimit: number;
  /** Simulated duration of each request, real ms. */
  slowRequestMs: number;
  /** From this duration a request counts as long-running. */
  longRunningMs: number;
  /** Long-running requests allowed at once. */
  concurrentLimit: number;
  /** Edits by people become visible up to this much later than their stamp says. */
  commitDelayMs: number;
  /** Whether StageName refuses values that are no stage. */
  restrictedStages: boolean;
  multiCurrency: boolean;
  validationRules: readonly ValidationRule[];
  automations: readonly Automation[];
  /** `Object.Field` names that field-level security hides from the user API apps run as; people still see them. */
  hiddenFields: readonly string[];
  hiddenObjects: readonly string[];
  /** Real ms an API write keeps its parent Accounts locked. */
  lockMs: number;
  /** Real ms a write waits for a locked Account before UNABLE_TO_LOCK_ROW. */
  lockWaitMs: number;
  /** Upper bound of a query page; real pages shrink for wide rows. */
  maxPageRows: number;
  /** Times a bulk job answers InProgress before it is complete. */
  bulkPolls: number;
  /** Objects selected for Change Data Capture. */
  changeEvents: readonly string[];
  /** How long change events are kept. */
  eventRetentionMinutes: number;
  /** Real ms after which a stream with nothing to tell gives a sign of life. */
  eventKeepaliveMs: number;
}

export function defaultSwitches(): Switches {
  return {
    sessionMinutes: 120,
    rejectAllTokens: false,
    rotateRefreshTokens: false,
    allowPassword: false,
    jwtPublicKey: '',
    apps: [{ name: 'foreign', clientId: '3MVG9foreign.app.client', clientSecret: 'foreign-app-secret' }],
    dailyLimit: 1_000_000,
    slowRequestMs: 0,
    longRunningMs: 20_000,
    concurrentLimit: 25,
    commitDelayMs: 0,
    restrictedStages: true,
    multiCurrency: false,
    validationRules: [],
    automations: [],
    hiddenFields: [],
    hiddenObjects: [],
    lockMs: 0,
    lockWaitMs: 10_000,
    maxPageRows: 2_000,
    bulkPolls: 1,
    changeEvents: ['Opportunity'],
    eventRetentionMinutes: 72 * 60,
    eventKeepaliveMs: 270_000,
  };
}

/**
 * Merges `given` into `current`, name by name.
 * Throws on an unknown name or a value of another kind than the default's, before anything is changed.
 */
export function applySwitches(current: Switches, given: Readonly<Record<string, unknown>>): void {
  const known = defaultSwitches();
  for (const [name, value] of Object.entries(given)) {
    if (!(name in known)) {
      throw new Error(`unknown salesforce switch '${name}'; known: ${Object.keys(known).join(', ')}`);
    }
    const wanted = kindOf(known[name as keyof Switches]);
    if (kindOf(value) !== wanted) throw new Error(`salesforce switch '${name}' must be a ${wanted}`);
  }
  Object.assign(current, given);
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : typeof value;
}
