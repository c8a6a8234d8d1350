import type { MovableClock } from './clock.ts';
import { createCounters, type ReadableCounters } from './counters.ts';
import { createFaults, type Faults } from './faults.ts';
import { type LineSource, type Loaded, loadInto } from './load.ts';
import { createRandom } from './random.ts';
import { createRequestLog, type RequestLog } from './request-log.ts';
import type { SandboxDeps, Simulator, TruthLog } from './simulator.ts';
import { createTruthLog } from './truth-log.ts';
import { createWebhookSender, type WebhookSender } from './webhook-sender.ts';

/** How to make a simulator: `createSalesforceSimulator` and `createHubspotSimulator` have this shape. */
export type SimulatorFactory = (deps: SandboxDeps, options: { readonly provisioned: boolean }) => Simulator;

/** Everything a simulated CRM is made from; the same recipe gives the same CRM again. */
export interface Recipe {
  readonly crm: Simulator['crm'];
  readonly create: SimulatorFactory;
  readonly clock: MovableClock;
  readonly seed: string | number;
  readonly provisioned: boolean;
  readonly switches: Readonly<Record<string, unknown>>;
  readonly source: LineSource;
  /** Where it tells of changes from the start; `{secret}` stands for its webhook secret. */
  readonly webhookTarget?: string;
  /** Keeps events for those who come for them. */
  readonly keepsEvents?: boolean;
}

/** A simulator with everything around it, from one reset to the next. */
export interface Life {
  readonly simulator: Simulator;
  readonly truth: TruthLog;
  readonly counters: ReadableCounters;
  readonly faults: Faults;
  readonly requests: RequestLog;
  /** Tells others of changes, when it is given an address. Null where the CRM has no such thing. */
  readonly webhooks: WebhookSender | null;
}

/** The place of one simulated CRM behind its server: its present life, and the way back to the start. */
export interface Host {
  readonly crm: Simulator['crm'];
  readonly clock: MovableClock;
  readonly life: Life;
  /** False until the first load is done. */
  readonly ready: boolean;
  /** Settles when the first load does. */
  readonly started: Promise<void>;
  /** The base URL is known. */
  listening(url: string): void;
  /** The first load is over; without an error requests are answered from now on. */
  start(error?: unknown): void;
  /** Loads everything anew, then swaps lives and sets the clock back; on failure the present life goes on. */
  reset(): Promise<Loaded>;
}

export function createHost(recipe: Recipe): Host {
  let life = createLife(recipe);
  let url: string | null = null;
  let ready = false;
  let resetting: Promise<Loaded> | null = null;
  const started = Promise.withResolvers<void>();
  started.promise.catch(() => undefined);
  const rebirth = async (): Promise<Loaded> => {
    const next = createLife(recipe);
    if (url !== null) next.simulator.listening(url);
    recipe.clock.reset();
    const loaded = await loadInto([next.simulator], recipe.source);
    life.webhooks?.close();
    life.simulator.bus?.close();
    life = next;
    return loaded;
  };
  return {
    crm: recipe.crm,
    clock: recipe.clock,
    get life() {
      return life;
    },
    get ready() {
      return ready;
    },
    started: started.promise,
    listening(base) {
      url = base;
      life.simulator.listening(base);
    },
    start(error) {
      ready = error === undefined;
      if (error === undefined) started.resolve();
      else started.reject(error);
    },
    reset() {
      resetting ??= rebirth().finally(() => {
        resetting = null;
      });
      return resetting;
    },
  };
}

function createLife(recipe: Recipe): Life {
  const { crm, create, clock, seed, provisioned, switches, webhookTarget } = recipe;
  const random = createRandom(seed);
  const truth = createTruthLog();
  const counters = createCounters();
  let sender: WebhookSender | null = null;
  const told: TruthLog = {
    append(entry) {
      truth.append(entry);
      sender?.noticed(entry);
    },
    since: (seq) => truth.since(seq),
  };
  const simulator = create({ clock, random: random.fork(crm), truth: told, counters }, { provisioned });
  if (simulator.voice !== undefined) {
    sender = createWebhookSender(simulator.voice, random.fork(`${crm} webhooks`));
    simulator.voice.heardBy?.(sender);
    const secret = simulator.credentials()['webhookSecret'] ?? '';
    if (webhookTarget !== undefined)
      sender.configure({ targetUrl: webhookTarget.replace('{secret}', secret) });
  }
  if (recipe.keepsEvents === true) simulator.bus?.open();
  if (Object.keys(switches).length > 0) simulator.configure(switches);
  return {
    simulator,
    truth,
    counters,
    faults: createFaults(crm, clock, random.fork(`${crm} faults`)),
    requests: createRequestLog(),
    webhooks: sender,
  };
}
