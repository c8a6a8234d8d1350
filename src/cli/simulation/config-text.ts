import type { RunningSandbox } from '../../sandbox/start.ts';
import { quoted, stageRowsYaml } from '../present/stage-rows.ts';
import { hubspotStages, salesforceStages } from './stages.ts';

/** Name of the sync in a configuration written for the sandbox. */
export const SANDBOX_SYNC = 'sandbox';

/**
 * A ready configuration for running simulated CRMs: credentials, one sync, an explicit stage map with the reason of
 * each row as a comment.
 */
export function sandboxConfigText(sandbox: RunningSandbox): string {
  const a = salesforceStages(sandbox.salesforce.simulator.state());
  const b = hubspotStages(sandbox.hubspot.simulator.state());
  const { clientId, clientSecret, webhookSecret } = sandbox.salesforce.credentials;
  const { token, clientSecret: signingSecret } = sandbox.hubspot.credentials;
  const { eventsUrl } = sandbox.salesforce;
  const changeEvents =
    eventsUrl === undefined ? '' : `    changeEvents:\n      endpoint: ${quoted(eventsUrl)}\n`;
  return `# Written by \`oppsync sandbox --write-config\` for two simulated CRMs on this machine.
connections:
  salesforce:
    crm: salesforce
    url: ${quoted(sandbox.salesforce.url)}
    auth:
      type: client_credentials
      clientId: ${quoted(clientId)}
      clientSecret: ${quoted(clientSecret)}
    webhookSecret: ${quoted(webhookSecret)}
${changeEvents}  hubspot:
    crm: hubspot
    url: ${quoted(sandbox.hubspot.url)}
    auth:
      type: token
      token: ${quoted(token)}
    webhookSecret: ${quoted(signingSecret)}

syncs:
  ${SANDBOX_SYNC}:
    connections: [salesforce, hubspot]
    # Where the two never agreed on a value, Salesforce starts.
    initial: salesforce
    statusAuthority: most_advanced
    # Stages that mean the same. HubSpot: pipeline/stage. The first of several is the one written.
    stages:
${stageRowsYaml({ crm: 'salesforce', stages: a }, { crm: 'hubspot', stages: b }, 6)}
    schedule: false
`;
}
