/** A simulated portal over HTTP, with a connector that lives by the portal's clock: waiting takes no real time. */
import { createHubspot, parseHubspotSettings } from '../../../src/connectors/hubspot/index.ts';
import type { AccountFacts } from '../../../src/core/account-facts.ts';
import type { Connector, SafeMark } from '../../../src/core/connector-port.ts';
import type { Snapshot } from '../../../src/core/opportunity.ts';
import type { DatasetLine } from '../../../src/sandbox/simulator.ts';
import { type RunningSandbox, startSandbox } from '../../../src/sandbox/start.ts';
import { never, silent } from './portal.ts';

export interface Rehearsal {
  readonly sandbox: RunningSandbox;
  readonly connector: Connector;
  /** Another connector to the same portal. */
  connect(settings?: Record<string, unknown>): Connector;
  /** Requests the portal has answered, by status. */
  statuses(): Promise<Record<string, number>>;
  /** A person's edit on the portal's own screen. */
  edit(id: string, fields: Record<string, unknown>): void;
  /** What the portal stores of a deal. */
  stored(id: string): Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

export interface RehearsalOptions {
  readonly lines?: readonly DatasetLine[];
  readonly switches?: Record<string, unknown>;
  readonly provisioned?: boolean;
  readonly settings?: Record<string, unknown>;
  /** Our clock minus the portal's, ms. */
  readonly skewMs?: number;
}

export async function rehearse(options: RehearsalOptions = {}): Promise<Rehearsal> {
  const sandbox = await startSandbox({
    seed: 1,
    provisioned: options.provisioned ?? true,
    portSalesforce: 0,
    portHubspot: 0,
    now: Date.parse('2026-11-20T10:00:00.000Z'),
    switches: {
      hubspot: {
        burstLimit: 0,
        searchPerSecond: 0,
        searchLagMs: 0,
        searchLagJitterMs: 0,
        ...options.switches,
      },
    },
  });
  const { clock, hubspot } = sandbox;
  clock.freeze(true);
  for (const line of options.lines ?? []) hubspot.simulator.load(line);
  hubspot.simulator.loaded();
  const connect = (settings: Record<string, unknown> = {}): Connector =>
    createHubspot(
      parseHubspotSettings(
        {
          url: hubspot.url,
          auth: { type: 'token', token: hubspot.credentials['token'] },
          ...options.settings,
          ...settings,
        },
        'hubspot',
      ),
      {
        clock: { now: () => clock.now() + (options.skewMs ?? 0) },
        sleep: async (ms) => clock.advance(ms),
        random: { next: () => 0.5 },
        log: silent,
      },
    );
  const connector = connect();
  return {
    sandbox,
    connector,
    connect,
    async statuses() {
      const counters = (await (await fetch(`${hubspot.url}/_sandbox/counters`)).json()) as {
        status: Record<string, number>;
      };
      return counters.status;
    },
    edit(id, fields) {
      const result = hubspot.simulator.edit({ type: 'deal', id, fields, actor: 'human:ann' });
      if (!result.ok) throw new Error(JSON.stringify(result.error));
    },
    stored(id) {
      for (const line of hubspot.simulator.state()) {
        if (line.type === 'deal' && String(line.fields['hs_object_id'] ?? line.fields['id']) === id)
          return line.fields;
      }
      throw new Error(`the portal has no deal ${id}`);
    },
    async close() {
      await connector.close();
      await sandbox.close();
    },
  };
}

export function deal(id: number | string, fields: Record<string, unknown> = {}): DatasetLine {
  return { crm: 'hubspot', type: 'deal', fields: { id: String(id), dealname: `Deal ${id}`, ...fields } };
}

/** Reads to the end: every snapshot in the order it came, and the mark. */
export async function readAll(
  connector: Connector,
  mark: SafeMark | null,
  facts: AccountFacts,
): Promise<{ snapshots: Snapshot[]; mark: SafeMark; pages: number }> {
  const snapshots: Snapshot[] = [];
  let pages = 0;
  let position = await connector.startRead(mark, facts, never);
  for (;;) {
    // Positions are stored between pages: they must survive JSON.
    const page = await connector.readPage(JSON.parse(JSON.stringify(position)), facts, never);
    snapshots.push(...page.snapshots);
    pages += 1;
    if (page.next !== null) {
      position = page.next;
      continue;
    }
    if (page.mark === null) throw new Error('the last page has no mark');
    return { snapshots, mark: JSON.parse(JSON.stringify(page.mark)), pages };
  }
}
