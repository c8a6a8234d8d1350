/** The rules teams set for their pipelines: who has them respected pays one call per pipeline. */

import type { AccountFacts, PipelineRules, StageInfo } from '../../core/account-facts.ts';
import { type ErrorDetails, OppsyncError } from '../../core/errors.ts';
import { asList, asObject, asText, asTexts } from './answer.ts';
import type { HubspotClient } from './client.ts';
import type { HubspotPaths } from './paths.ts';
import { told } from './sentences.ts';

const SCOPE = 'crm.pipelines.governance.read';

/**
 * Reads the rules of every pipeline that stages are in. HubSpot applies them to people, and lets apps pass them by: whether
 * oppsync holds to them is the sync's choice. Without the scope nothing is known of them, which is told as a problem.
 */
export async function readPipelineRules(
  client: HubspotClient,
  paths: HubspotPaths,
  stages: readonly StageInfo[],
  problems: ErrorDetails[],
  signal: AbortSignal,
): Promise<NonNullable<AccountFacts['pipelineRules']>> {
  const found: Record<string, PipelineRules> = {};
  const pipelines = new Set(stages.map(({ pipeline }) => pipeline).filter((id) => id !== null));
  for (const id of pipelines) {
    try {
      const { body } = await client.call({ method: 'GET', path: paths.pipelineRules(id) }, signal);
      found[id] = rulesOf(body, id);
    } catch (error) {
      if (!(error instanceof OppsyncError)) throw error;
      if (error.details.code === 'MISSING_SCOPES') {
        problems.push(MISSING);
        return {};
      }
      // Nobody made rules for this pipeline.
      if (error.recovery !== 'gone') throw error;
    }
  }
  return found;
}

const MISSING: ErrorDetails = {
  recovery: 'fix',
  code: 'hubspot.pipeline-rules',
  crm: 'hubspot',
  ...told('rules_unread', { scope: SCOPE }),
};

/** PURE. Rules that are switched off come as nothing, or name no stage. */
export function rulesOf(body: unknown, pipeline: string): PipelineRules {
  const rules = asObject(asObject(body)['governanceValidationRules']);
  const keys = (list: unknown): string[] => asTexts(asList(list)).map((stage) => `${pipeline}/${stage}`);
  const sequence = (name: string): 'all' | string[] => {
    const rule = asObject(rules[name]);
    return rule['enabledForAllStages'] === true ? 'all' : keys(rule['pipelineStageIds']);
  };
  const createIn = keys(asObject(rules['objectCreationRule'])['pipelineStageIds']);
  const approval = asText(asObject(asObject(body)['approvalStage'])['pipelineStageId']);
  return {
    noReturn: sequence('noBackwardsMovementRule'),
    noSkip: sequence('noSkippingStagesRule'),
    createIn: createIn.length === 0 ? null : createIn,
    approval: approval === null ? null : `${pipeline}/${approval}`,
  };
}
