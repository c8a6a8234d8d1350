import type { StageInfo } from './account-facts.ts';
import type { GroupMember, ReconcileContext } from './group.ts';
import type { Crm } from './ids.ts';
import type { Value } from './opportunity.ts';
import { againstItsPipeline } from './pipeline-rules.ts';
import { lineItems, type Note, readOnly, refusedValue, unmappedStage } from './reconcile-notes.ts';
import { isOffered, outsideItsType } from './record-types.ts';
import type { FieldPolicy } from './settings.ts';
import { isMapped, translateStage } from './stage-map.ts';

/** The stage a write sets; null when it clears it, undefined when the CRM lists no such stage. */
export function stageWritten(
  value: Value,
  crm: Crm,
  context: ReconcileContext,
): StageInfo | null | undefined {
  return value === null ? null : context.stages.get(crm)?.get(value);
}

export type Copy =
  | { readonly is: 'value'; readonly value: Value }
  | { readonly is: 'note'; readonly on: 'pair' | 'target'; readonly note: Note };

/** The value as the target CRM would hold it, or why it cannot go there. */
export function copyField(
  field: string,
  policy: FieldPolicy,
  from: GroupMember,
  to: GroupMember,
  context: ReconcileContext,
): Copy {
  const source = from.fields[field] ?? null;
  let value = source;
  if (policy.kind === 'stage' && source !== null) {
    const current = to.fields[field] ?? null;
    const out = context.settings.excludePipelines[to.crm] ?? [];
    value = translateStage(
      context.stageRows,
      context.stages,
      { crm: from.crm, key: source },
      { crm: to.crm, current, out, isOffered: (key) => isOffered(field, key, to, context) },
    );
    if (value === null)
      return { is: 'note', on: 'pair', note: unmapped(from.crm, source, to.crm, current, context) };
  }
  return valueFor(field, policy, value, to, context);
}

/** A value as it can be written into a record, or why it cannot. */
export function valueFor(
  field: string,
  policy: FieldPolicy,
  value: Value,
  to: GroupMember,
  context: ReconcileContext,
): Copy {
  if (!context.isWritable(to.crm, field)) return { is: 'note', on: 'target', note: readOnly(field, to.crm) };
  if (field === 'amount' && to.evidence.custom?.['hasLineItems'] === true)
    return { is: 'note', on: 'target', note: lineItems(to.crm) };
  const [refused] = context.refusals(to.crm, { [field]: value });
  if (refused !== undefined) {
    const note = refusedValue(field, refused);
    // A stage that cannot be set waits for the map; an owner unknown over there is no fault of the record.
    return { is: 'note', on: policy.kind === 'stage' ? 'pair' : 'target', note };
  }
  const outside = outsideItsType(field, policy.kind, value, to, context);
  // Nothing is wrong with the record: it waits until one of the two is changed.
  const waits = outside ?? (policy.kind === 'stage' ? againstItsPipeline(field, value, to, context) : null);
  if (waits !== null) return { is: 'note', on: 'pair', note: waits };
  return { is: 'value', value };
}

/** Why a stage has no counterpart: nobody mapped it, or not within the pipeline the deal is in. */
function unmapped(from: Crm, key: string, to: Crm, current: string | null, context: ReconcileContext): Note {
  const label = context.stages.get(from)?.get(key)?.label ?? key;
  const pipeline = context.stages.get(to)?.get(current ?? '')?.pipelineLabel ?? null;
  return unmappedStage({
    from,
    key,
    label,
    to,
    pipeline: isMapped(context.stageRows, { crm: from, key }) ? pipeline : null,
  });
}
