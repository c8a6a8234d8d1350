import type { Org } from '../org.ts';
import type { Row } from '../table.ts';

/** The stage a StageName value means: it stores the API name, never the label (salesforce.md §2.5). */
export function stageByApiName(org: Org, name: unknown): Row | undefined {
  const stages = org.table('OpportunityStage');
  for (const row of stages.rows.values()) {
    if (stages.read(row, 'ApiName') === name) return row;
  }
  return undefined;
}
