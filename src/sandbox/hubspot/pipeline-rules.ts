import { type Call, notAllowed, ok, type Reply, requireScope, unknownPath } from './call.ts';
import { HubError } from './hub-error.ts';
import { objectTypeOf } from './object-type.ts';
import type { Portal } from './portal.ts';
import type { PipelineRule } from './switches.ts';
import { formatInstant } from './values.ts';

/**
 * `/crm/pipelines-rules/2026-09/{objectTypeId}/{pipelineId}`: told as the Pipeline Rules API tells them. Nothing here enforces
 * them: HubSpot applies them to people and to calls that pass a user id, which no app's call does here (hubspot.md, "Set up
 * pipeline rules").
 */
export function pipelineRules(portal: Portal, call: Call, rest: readonly string[]): Reply {
  const [segment = '', id = '', ...deeper] = rest;
  const type = objectTypeOf(segment);
  if (type === undefined || id === '' || deeper.length > 0) throw unknownPath();
  if (call.method !== 'GET') throw notAllowed(call);
  requireScope(call.app, 'crm.pipelines.governance.read');
  const pipeline = [...portal.pipelines.all()].find((each) => each.id === id);
  const rule = portal.switches.pipelineRules.get(id);
  if (type.plural !== 'deals' || pipeline === undefined || rule === undefined)
    throw new HubError(404, `No rules for pipeline ${id}`, { category: 'OBJECT_NOT_FOUND' });
  const stamp = formatInstant(portal.now());
  return ok({
    id: `${type.id}-${id}`,
    objectTypeId: type.id,
    pipelineId: id,
    createdAt: stamp,
    updatedAt: stamp,
    ...(rule.approval === null ? {} : { approvalStage: approvalOf(rule.approval) }),
    governanceValidationRules: {
      noBackwardsMovementRule: sequenceOf(rule.noBackwards),
      noSkippingStagesRule: sequenceOf(rule.noSkipping),
      objectCreationRule: { pipelineStageIds: rule.createIn },
    },
  });
}

function sequenceOf(stages: PipelineRule['noSkipping']): unknown {
  return { enabledForAllStages: stages === 'all', pipelineStageIds: stages === 'all' ? [] : stages };
}

function approvalOf(pipelineStageId: string): unknown {
  return { approvalMode: 'ANY', approverUserIds: [], pipelineStageId };
}
