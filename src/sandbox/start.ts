import { createHubspotSimulator } from './hubspot/index.ts';
import { createSalesforceSimulator } from './salesforce/index.ts';
import { type RunningSandbox, runSandbox, type SandboxOptions } from './sandbox.ts';

export type { RunningCrm, RunningSandbox, SandboxOptions } from './sandbox.ts';

/** Runs both simulated CRMs until closed: see `runSandbox` for what can go wrong. */
export function startSandbox(options: SandboxOptions): Promise<RunningSandbox> {
  return runSandbox(options, { salesforce: createSalesforceSimulator, hubspot: createHubspotSimulator });
}
