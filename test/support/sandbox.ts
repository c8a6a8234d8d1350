/** Two simulated CRMs over HTTP for a test, looked at and changed only through their control prefix. */
import { sandboxConfigText } from '../../src/cli/simulation/config-text.ts';
import type { CounterReport } from '../../src/sandbox/counters.ts';
import type { DatasetLine, SandboxEdit, TruthEntry } from '../../src/sandbox/simulator.ts';
import { type RunningSandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/start.ts';

/** One simulated CRM as a test sees it. */
export interface CrmControl {
  readonly url: string;
  /** Requests and records written since the start or the last reset. */
  counters(): Promise<CounterReport>;
  resetCounters(): Promise<void>;
  /** Everything back to what was loaded: records, counters, truth log, faults. */
  reset(): Promise<void>;
  /** All requests the CRM answered, whatever for. */
  requests(): Promise<number>;
  truth(since?: number): Promise<TruthEntry[]>;
  /** Every record of a type that is not deleted, by id. */
  records(type: string): Promise<Map<string, DatasetLine['fields']>>;
  /** Throws when the CRM refuses the edit. */
  edit(edit: SandboxEdit): Promise<void>;
  fault(rule: Readonly<Record<string, unknown>>): Promise<void>;
  clearFaults(): Promise<void>;
  configure(switches: Readonly<Record<string, unknown>>): Promise<void>;
}

export interface TestSandbox {
  readonly salesforce: CrmControl;
  readonly hubspot: CrmControl;
  readonly running: RunningSandbox;
  /** A configuration for these two, as `oppsync sandbox --write-config` writes it. */
  configText(): string;
  close(): Promise<void>;
}

/** Starts both on free ports, with the fields oppsync owns unless the options say otherwise. */
export async function testSandbox(options: Partial<SandboxOptions> = {}): Promise<TestSandbox> {
  const running = await startSandbox({
    seed: 1,
    provisioned: true,
    portSalesforce: 0,
    portHubspot: 0,
    ...options,
  });
  return {
    salesforce: controlOf(running.salesforce.url, 'Id'),
    hubspot: controlOf(running.hubspot.url, 'hs_object_id'),
    running,
    configText: () => sandboxConfigText(running),
    close: () => running.close(),
  };
}

/** The control prefix of one simulated CRM; `idField` is the native name of its record ids. */
export function controlOf(url: string, idField: string): CrmControl {
  const ask = async (path: string, method = 'GET', body?: unknown): Promise<Response> => {
    const response = await fetch(`${url}/_sandbox/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok)
      throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return response;
  };
  const change = async (path: string, method: string, body?: unknown): Promise<void> => {
    await (await ask(path, method, body)).arrayBuffer();
  };
  const lines = async <T>(path: string): Promise<T[]> => {
    const text = await (await ask(path)).text();
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as T);
  };
  const counters = async (): Promise<CounterReport> =>
    (await (await ask('counters')).json()) as CounterReport;
  return {
    url,
    counters,
    resetCounters: () => change('counters/reset', 'POST'),
    reset: () => change('reset', 'POST'),
    requests: async () => Object.values((await counters()).requests).reduce((sum, n) => sum + n, 0),
    truth: (since = 0) => lines<TruthEntry>(`truth?since=${since}`),
    records: async (type) =>
      new Map(
        (await lines<DatasetLine>('state'))
          .filter((line) => line.type === type && line.deleted !== true)
          .map(({ fields }) => [String(fields[idField]), fields]),
      ),
    edit: (edit) => change('edit', 'POST', edit),
    fault: (rule) => change('faults', 'POST', rule),
    clearFaults: () => change('faults', 'DELETE'),
    configure: (switches) => change('configure', 'POST', switches),
  };
}
