import { objectOf, onlyKeys, Refusal } from '../refusal.ts';

/** A value the CRM refuses for a property, as an account's own rule would. */
export interface Reject {
  readonly property: string;
  readonly value: string;
  readonly message: string;
}

/** A workflow of the account: writes right after a change it waits for. */
export interface Automation {
  readonly name: string;
  readonly type: string;
  readonly property: string;
  /** Absent: any change of the property. */
  readonly changedTo?: string;
  readonly set: Readonly<Record<string, unknown>>;
}

/** A further app of the account with its own token. */
export interface AppSetting {
  readonly name: string;
  readonly token: string;
  /** Absent: all scopes. */
  readonly scopes?: readonly string[];
}

/** What a team lets people do within one pipeline; ids of stages. */
export interface PipelineRule {
  readonly noBackwards: 'all' | readonly string[];
  readonly noSkipping: 'all' | readonly string[];
  /** Empty: everywhere. */
  readonly createIn: readonly string[];
  readonly approval: string | null;
}

/** How this portal behaves; everything here can be changed while it runs. */
export interface Switches {
  timeZone: string;
  companyCurrency: string;
  /** Active currencies beside the company's, with the rate into it. */
  currencies: ReadonlyMap<string, number>;
  searchLagMs: number;
  searchLagJitterMs: number;
  updateHonoursTraceIds: boolean;
  /** Requests per rolling 10 s and app; 0 = unlimited. */
  burstLimit: number;
  /** Requests per day and account; 0 = unlimited. */
  dailyLimit: number;
  /** Searches per second and account; 0 = unlimited. */
  searchPerSecond: number;
  /** Whether a 429 carries Retry-After (seconds): undocumented, so off. */
  retryAfter: boolean;
  rejects: readonly Reject[];
  automations: readonly Automation[];
  apps: readonly AppSetting[];
  /** By pipeline. */
  pipelineRules: ReadonlyMap<string, PipelineRule>;
}

export function defaultSwitches(): Switches {
  return {
    timeZone: 'UTC',
    companyCurrency: 'USD',
    currencies: new Map(),
    searchLagMs: 4000,
    searchLagJitterMs: 4000,
    updateHonoursTraceIds: true,
    burstLimit: 190,
    dailyLimit: 1_000_000,
    searchPerSecond: 5,
    retryAfter: false,
    rejects: [],
    automations: [],
    apps: [],
    pipelineRules: new Map(),
  };
}

const READERS: { readonly [K in keyof Switches]: (value: unknown, name: string) => Switches[K] } = {
  timeZone: timeZone,
  companyCurrency: text,
  currencies: currencies,
  searchLagMs: count,
  searchLagJitterMs: count,
  updateHonoursTraceIds: flag,
  burstLimit: count,
  dailyLimit: count,
  searchPerSecond: count,
  retryAfter: flag,
  rejects: (value, name) => list(value, name).map((item) => reject(item, name)),
  automations: (value, name) => list(value, name).map((item) => automation(item, name)),
  apps: (value, name) => list(value, name).map((item) => app(item, name)),
  pipelineRules: pipelineRules,
};

/** Checks every given switch, then sets them all. @throws {Refusal} for an unknown name or a value of the wrong kind. */
export function setSwitches(switches: Switches, given: Readonly<Record<string, unknown>>): void {
  onlyKeys(given, Object.keys(READERS), 'HubSpot switches');
  const read: Partial<Record<keyof Switches, unknown>> = {};
  for (const name of Object.keys(given) as (keyof Switches)[]) read[name] = READERS[name](given[name], name);
  Object.assign(switches, read);
}

function text(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new Refusal(`${name} must be a text`);
}

function count(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw new Refusal(`${name} must be a number, zero or more`);
}

function flag(value: unknown, name: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new Refusal(`${name} must be true or false`);
}

function list(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Refusal(`${name} must be a list`);
}

function timeZone(value: unknown, name: string): string {
  const zone = text(value, name);
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
  } catch {
    throw new Refusal(`${name} "${zone}" is not a known time zone`);
  }
  return zone;
}

/** `["EUR"]`, `[{"code":"EUR","rate":1.1}]` or `{"EUR":1.1}`. */
function currencies(value: unknown, name: string): ReadonlyMap<string, number> {
  const rates = new Map<string, number>();
  const put = (code: unknown, rate: unknown): void => {
    rates.set(text(code, name), typeof rate === 'number' && rate > 0 ? rate : 1);
  };
  if (!Array.isArray(value)) {
    for (const [code, rate] of Object.entries(objectOf(value, name))) put(code, rate);
    return rates;
  }
  for (const item of value as unknown[]) {
    if (typeof item === 'string') put(item, 1);
    else {
      const given = objectOf(item, `an entry of ${name}`);
      onlyKeys(given, ['code', 'rate'], name);
      put(given['code'], given['rate']);
    }
  }
  return rates;
}

function reject(value: unknown, name: string): Reject {
  const given = objectOf(value, `an entry of ${name}`);
  onlyKeys(given, ['property', 'value', 'message'], name);
  const message = given['message'] ?? `${String(given['value'])} is not allowed`;
  return {
    property: text(given['property'], `${name}.property`),
    value: String(given['value']),
    message: text(message, `${name}.message`),
  };
}

function automation(value: unknown, name: string): Automation {
  const given = objectOf(value, `an entry of ${name}`);
  onlyKeys(given, ['name', 'type', 'when', 'set'], name);
  const when = objectOf(given['when'], `${name}.when`);
  onlyKeys(when, ['property', 'changedTo'], `${name}.when`);
  return {
    name: text(given['name'], `${name}.name`),
    type: text(given['type'] ?? 'deals', `${name}.type`),
    property: text(when['property'], `${name}.when.property`),
    ...(when['changedTo'] === undefined ? {} : { changedTo: String(when['changedTo']) }),
    set: objectOf(given['set'], `${name}.set`),
  };
}

function pipelineRules(value: unknown, name: string): ReadonlyMap<string, PipelineRule> {
  const ids = (given: unknown): readonly string[] =>
    given === undefined ? [] : list(given, name).map((id) => text(id, name));
  const sequence = (given: unknown): PipelineRule['noSkipping'] => (given === 'all' ? 'all' : ids(given));
  const rules = Object.entries(objectOf(value, name)).map(([pipeline, item]): [string, PipelineRule] => {
    const given = objectOf(item, `an entry of ${name}`);
    onlyKeys(given, ['noBackwards', 'noSkipping', 'createIn', 'approval'], name);
    const { noBackwards, noSkipping, createIn, approval } = given;
    return [
      pipeline,
      {
        noBackwards: sequence(noBackwards),
        noSkipping: sequence(noSkipping),
        createIn: ids(createIn),
        approval: approval === undefined ? null : text(approval, name),
      },
    ];
  });
  return new Map(rules);
}

function app(value: unknown, name: string): AppSetting {
  const given = objectOf(value, `an entry of ${name}`);
  onlyKeys(given, ['name', 'token', 'scopes'], name);
  const scopes = given['scopes'];
  return {
    name: text(given['name'], `${name}.name`),
    token: text(given['token'], `${name}.token`),
    ...(scopes === undefined
      ? {}
      : { scopes: list(scopes, `${name}.scopes`).map((scope) => text(scope, name)) }),
  };
}
