/** The whole engine in this process on both simulated CRMs, through the real connectors and over HTTP. */
import { createHubspot, parseHubspotSettings } from '../../src/connectors/hubspot/index.ts';
import { createSalesforce, parseSalesforceSettings } from '../../src/connectors/salesforce/index.ts';
import type { Connector } from '../../src/core/connector-port.ts';
import type { SyncSettings } from '../../src/core/settings.ts';
import { quiet } from './database.ts';
import { type EngineRig, engineOn } from './engine-rig.ts';
import { type TestSandbox, testSandbox } from './sandbox.ts';

export interface SandboxRig extends EngineRig {
  readonly sandbox: TestSandbox;
  readonly connectors: Readonly<Record<'salesforce' | 'hubspot', Connector>>;
}

const FIELDS: SyncSettings['fields'] = {
  name: { kind: 'text', policy: 'ask', blank: 'ignore' },
  stage: { kind: 'stage', policy: 'ask', blank: 'ignore' },
  amount: { kind: 'decimal', policy: 'ask', blank: 'ignore' },
  closeDate: { kind: 'date', policy: 'ask', blank: 'ignore' },
  nextStep: { kind: 'text', policy: 'ask', blank: 'ignore' },
};

export const STAGES: NonNullable<SyncSettings['stages']> = [
  { salesforce: ['Prospecting'], hubspot: ['default/appointmentscheduled'] },
  { salesforce: ['Negotiation/Review'], hubspot: ['default/contractsent'] },
  { salesforce: ['Closed Won'], hubspot: ['default/closedwon'] },
  { salesforce: ['Closed Lost'], hubspot: ['default/closedlost'] },
];

export async function sandboxRig(
  settings: Partial<SyncSettings> = {},
  provisioned = true,
  /** Custom fields by CRM: how each is called there. */
  customFields: Readonly<Record<string, Readonly<Record<string, { native: string; kind: string }>>>> = {},
): Promise<SandboxRig> {
  const sandbox = await testSandbox({
    provisioned,
    switches: { hubspot: { burstLimit: 0, searchPerSecond: 0, searchLagMs: 0, searchLagJitterMs: 0 } },
  });
  const { salesforce, hubspot, clock } = sandbox.running;
  const deps = {
    clock,
    sleep: async (ms: number) => clock.advance(ms),
    random: { next: () => 0.5 },
    log: quiet,
  };
  const secret = (of: typeof salesforce, name: string): string => String(of.credentials[name]);
  const connectors = {
    salesforce: createSalesforce(
      parseSalesforceSettings(
        {
          url: salesforce.url,
          auth: {
            type: 'client_credentials',
            clientId: secret(salesforce, 'clientId'),
            clientSecret: secret(salesforce, 'clientSecret'),
          },
          recordTypes: settings.recordTypes,
          customFields: customFields['salesforce'],
        },
        'connections.salesforce',
      ),
      deps,
    ),
    hubspot: createHubspot(
      parseHubspotSettings(
        {
          url: hubspot.url,
          auth: { type: 'token', token: secret(hubspot, 'token') },
          pipelineRules: settings.pipelineRules,
          customFields: customFields['hubspot'],
        },
        'connections.hubspot',
      ),
      deps,
    ),
  };
  const engine = await engineOn(
    connectors,
    { sides: ['salesforce', 'hubspot'], fields: FIELDS, stages: STAGES, initial: 'salesforce', ...settings },
    clock,
  );
  return {
    ...engine,
    sandbox,
    connectors,
    async close() {
      await engine.close();
      await Promise.all(Object.values(connectors).map((one) => one.close()));
      await sandbox.close();
    },
  };
}
