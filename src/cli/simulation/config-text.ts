import { stringify } from 'yaml';
import type { StageInfo } from '../../core/ports.ts';
import { type ProposalReason, proposeStageMap } from '../../core/stage-map.ts';
import type { RunningSandbox } from '../../sandbox/start.ts';
import { hubspotStages, salesforceStages } from './stages.ts';

/** Name of the sync in a configuration written for the sandbox. */
export const SANDBOX_SYNC = 'sandbox';

const WHY: Readonly<Record<ProposalReason, string>> = {
  label: 'the same words in both',
  only_won: 'won in both',
  only_lost: 'lost in both',
  position: 'only by position: check it',
};

/**
 * A ready configuration for running simulated CRMs: credentials, one sync, an explicit stage map with the reason of
 * each row as a comment.
 */
export function sandboxConfigText(sandbox: RunningSandbox): string {
  const a = salesforceStages(sandbox.salesforce.simulator.state());
  const b = hubspotStages(sandbox.hubspot.simulator.state());
  const { clientId, clientSecret } = sandbox.salesforce.credentials;
  const { token } = sandbox.hubspot.credentials;
  return `# Written by \`oppsync sandbox --write-config\` for two simulated CRMs on this machine.
connections:
  salesforce:
    crm: salesforce
    url: ${quoted(sandbox.salesforce.url)}
    auth:
      type: client_credentials
      clientId: ${quoted(clientId)}
      clientSecret: ${quoted(clientSecret)}
  hubspot:
    crm: hubspot
    url: ${quoted(sandbox.hubspot.url)}
    auth:
      type: token
      token: ${quoted(token)}

syncs:
  ${SANDBOX_SYNC}:
    connections: [salesforce, hubspot]
    # Where the two never agreed on a value, Salesforce starts.
    initial: salesforce
    statusAuthority: most_advanced
    # Stages that mean the same. HubSpot: pipeline/stage. The first of several is the one written.
    stages:
${stageRows(a, b)}
    schedule: false
`;
}

function stageRows(a: readonly StageInfo[], b: readonly StageInfo[]): string {
  const labels = new Map(b.map((stage) => [stage.key, stage.label]));
  const rows = proposeStageMap({ crm: 'salesforce', stages: a }, { crm: 'hubspot', stages: b });
  if (rows.length === 0) return '      []';
  return rows
    .map(({ row, why }) => {
      const hubspot = row['hubspot'] ?? [];
      const named = hubspot.map((key) => labels.get(key) ?? key).join(', ');
      return [
        `      # ${named.replaceAll(/[\r\n]+/g, ' ')} (${WHY[why]})`,
        `      - salesforce: ${listed(row['salesforce'] ?? [])}`,
        `        hubspot: ${listed(hubspot)}`,
      ].join('\n');
    })
    .join('\n');
}

function listed(keys: readonly string[]): string {
  return keys.length === 1 ? quoted(keys[0]) : `[${keys.map(quoted).join(', ')}]`;
}

/** One scalar on one line, quoted only where YAML needs it. `${` would be taken for a variable. */
function quoted(value: string | undefined): string {
  const escaped = (value ?? '').replaceAll('${', '$${');
  return stringify(escaped, {
    lineWidth: 0,
    defaultStringType: /[,[\]{}#]/.test(escaped) ? 'QUOTE_DOUBLE' : 'PLAIN',
  }).trim();
}
