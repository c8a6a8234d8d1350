import { createClock } from './clock.ts';
import { generatePortfolio, portfolioSwitches } from './generator/portfolio.ts';
import { type GrpcServer, listenGrpc } from './grpc/server.ts';
import { createHost, type Host, type SimulatorFactory } from './host.ts';
import { type LineSource, type Loaded, loadInto } from './load.ts';
import { Refusal } from './refusal.ts';
import { type ListeningServer, listen } from './server.ts';
import type { SandboxClock, Simulator } from './simulator.ts';

export interface SandboxOptions {
  /** The same seed gives the same sandbox. */
  readonly seed: string | number;
  /** Whether the fields oppsync owns are already there. */
  readonly provisioned: boolean;
  /** 0 takes any free port. */
  readonly portSalesforce: number;
  readonly portHubspot: number;
  /** Where Salesforce's change events are served over gRPC; absent, they are not, and not kept either. */
  readonly portEvents?: number;
  /** A dataset file to load. */
  readonly dataset?: string;
  /** Leave out lines that cannot be used, and list them, instead of stopping at the first. */
  readonly skipBad?: boolean;
  /** Generate a portfolio of about this many opportunities on each side; not together with `dataset`. */
  readonly records?: number;
  /** The generated portfolio has two record types in Salesforce. */
  readonly recordTypes?: boolean;
  /** Behaviour of the CRMs from the start; a reset returns to it. */
  readonly switches?: {
    readonly salesforce?: Readonly<Record<string, unknown>>;
    readonly hubspot?: Readonly<Record<string, unknown>>;
  };
  /** Where each CRM tells of changes; `{secret}` stands for its webhook secret. Absent, it tells nobody. */
  readonly webhooks?: { readonly salesforce?: string; readonly hubspot?: string };
  /** What the clock shows at the start, epoch ms; absent, real time. */
  readonly now?: number;
}

/** One simulated CRM, running. */
export interface RunningCrm {
  readonly url: string;
  /** What a client needs to sign in, and what the first output line of the command says. */
  readonly credentials: Readonly<Record<string, string>>;
  /** The simulator in use now: a reset makes another. */
  readonly simulator: Simulator;
  /** Where its events are served; absent where they are not. */
  readonly eventsUrl?: string;
}

export interface RunningSandbox {
  readonly salesforce: RunningCrm;
  readonly hubspot: RunningCrm;
  readonly clock: SandboxClock;
  readonly loaded: Loaded;
  /** Stops both servers, ending every connection. */
  close(): Promise<void>;
}

export interface SimulatorFactories {
  readonly salesforce: SimulatorFactory;
  readonly hubspot: SimulatorFactory;
}

/**
 * Starts both servers on 127.0.0.1, then loads the records; requests that come earlier wait.
 * @throws {SandboxPortError} with code EADDRINUSE when a port is taken.
 * @throws {DatasetFileError} naming file and line.
 * @throws {Refusal} when the options contradict each other.
 */
export async function runSandbox(
  options: SandboxOptions,
  factories: SimulatorFactories,
): Promise<RunningSandbox> {
  const clock = createClock(options.now);
  const source = sourceOf(options, clock.now());
  const host = (crm: Simulator['crm']): Host =>
    createHost({
      crm,
      create: factories[crm],
      clock,
      seed: options.seed,
      provisioned: options.provisioned,
      switches: {
        ...(source.kind === 'generated' ? portfolioSwitches[crm] : {}),
        ...options.switches?.[crm],
      },
      source,
      ...(options.webhooks?.[crm] === undefined ? {} : { webhookTarget: options.webhooks[crm] }),
      keepsEvents: options.portEvents !== undefined,
    });
  const hosts = [host('salesforce'), host('hubspot')] as const;
  const servers: ListeningServer[] = [];
  let events: GrpcServer | undefined;
  const close = async (): Promise<void> => {
    for (const { life } of hosts) life.webhooks?.close();
    await Promise.all(
      [...servers, ...(events === undefined ? [] : [events])].map((server) => server.close()),
    );
  };
  try {
    servers.push(await listen(hosts[0], options.portSalesforce));
    servers.push(await listen(hosts[1], options.portHubspot));
    if (options.portEvents !== undefined) events = await listenEvents(hosts[0], options.portEvents);
    const loaded = await loadInto(
      hosts.map(({ life }) => life.simulator),
      source,
    );
    for (const each of hosts) each.start();
    const [salesforce, hubspot] = hosts;
    return {
      salesforce: running(salesforce, servers[0], events),
      hubspot: running(hubspot, servers[1]),
      clock,
      loaded,
      close,
    };
  } catch (error) {
    for (const each of hosts) each.start(error);
    await close();
    throw error;
  }
}

/** Calls that come before the records are loaded wait, as requests do. */
function listenEvents(host: Host, port: number): Promise<GrpcServer> {
  return listenGrpc(port, `${host.crm} events`, (call) => {
    host.started.then(
      () => host.life.simulator.bus?.answer(call),
      () => call.end('UNAVAILABLE'),
    );
  });
}

function running(host: Host, server: ListeningServer | undefined, events?: GrpcServer): RunningCrm {
  return {
    url: server?.url ?? '',
    ...(events === undefined ? {} : { eventsUrl: events.url }),
    get credentials() {
      return host.life.simulator.credentials();
    },
    get simulator() {
      return host.life.simulator;
    },
  };
}

function sourceOf(
  { dataset, skipBad, records, seed, recordTypes = false }: SandboxOptions,
  now: number,
): LineSource {
  if (dataset !== undefined && records !== undefined) {
    throw new Refusal(
      'a sandbox starts from a dataset file or from a number of generated records, not from both',
    );
  }
  if (dataset !== undefined) return { kind: 'file', file: dataset, skipBad: skipBad === true };
  if (records === undefined) return { kind: 'empty' };
  if (!Number.isSafeInteger(records) || records < 0) {
    throw new Refusal(`the number of records must be a whole number from 0 up, not ${records}`);
  }
  return { kind: 'generated', lines: () => generatePortfolio({ records, seed, now, recordTypes }) };
}
