/** What a team lets happen within a pipeline, checked before a stage is planned. Pure. */

import type { PipelineRules, StageInfo } from './account-facts.ts';
import type { GroupMember, ReconcileContext } from './group.ts';
import type { Value } from './opportunity.ts';
import { againstPipelineRule, type Note } from './reconcile-notes.ts';

export type BrokenRule = 'back' | 'skip' | 'approval' | 'create';

/** The rule of its pipeline against giving the record this stage; null when there is none, or none is to be respected. */
export function againstItsPipeline(
  field: string,
  value: Value,
  to: GroupMember,
  context: ReconcileContext,
): Note | null {
  if (value === null || context.settings.pipelineRules !== 'respect') return null;
  const stages = context.stages.get(to.crm);
  const target = stages?.get(value);
  const pipeline = target?.pipeline ?? null;
  const rules = pipeline === null ? undefined : context.pipelineRules?.get(to.crm)?.[pipeline];
  if (stages === undefined || target === undefined || rules === undefined) return null;
  const current = stages.get(to.fields[field] ?? '');
  const steps = [...stages.values()].filter((stage) => stage.pipeline === pipeline);
  const rule = to.id === '' ? ruleOfMaking(target, rules) : ruleOfMoving(current, target, steps, rules);
  if (rule === null) return null;
  return againstPipelineRule({
    ...{ rule, crm: to.crm, field, from: current?.label ?? '', stage: target.label },
    pipeline: target.pipelineLabel ?? target.pipeline ?? '',
  });
}

function ruleOfMaking(target: StageInfo, { createIn }: PipelineRules): BrokenRule | null {
  return createIn === null || createIn.includes(target.key) ? null : 'create';
}

/** Losing a sale skips nothing and needs no approval; a record from another pipeline, or in no known stage, is not judged. */
function ruleOfMoving(
  current: StageInfo | undefined,
  target: StageInfo,
  steps: readonly StageInfo[],
  { noReturn, noSkip, approval }: PipelineRules,
): BrokenRule | null {
  if (current === undefined || current.pipeline !== target.pipeline) return null;
  if (target.order < current.order)
    return covers(noReturn, current.key) || covers(noReturn, target.key) ? 'back' : null;
  if (target.closed === true && target.won === false) return null;
  const passed = steps.filter(({ order }) => order > current.order && order < target.order);
  if (passed.some((stage) => stage.closed !== true && stage.active && covers(noSkip, stage.key)))
    return 'skip';
  const gate = steps.find(({ key }) => key === approval);
  return gate !== undefined && gate.order >= current.order && gate.order < target.order ? 'approval' : null;
}

function covers(rule: 'all' | readonly string[], key: string): boolean {
  return rule === 'all' || rule.includes(key);
}
