import {
  bodyOf,
  type Call,
  isObject,
  type Json,
  NO_CONTENT,
  notAllowed,
  ok,
  type Reply,
  requireScope,
  unknownPath,
} from './call.ts';
import { recompute } from './commit.ts';
import { stageMetadata } from './dataset-setup.ts';
import { badRequest, HubError } from './hub-error.ts';
import { objectTypeOf } from './object-type.ts';
import type { AuditEntry, Pipeline, Stage } from './pipeline-book.ts';
import type { Portal } from './portal.ts';
import { formatInstant } from './values.ts';
import type { Writer } from './writer.ts';

const MOST_STAGES = 100;

/** `/pipelines/{type}/…` (hubspot.md §3.1). Only deals have pipelines here. */
export function pipelines(portal: Portal, call: Call, [segment = '', ...rest]: readonly string[]): Reply {
  const type = objectTypeOf(segment);
  if (type === undefined) throw new HubError(400, `Unable to infer object type from: ${segment}`);
  requireScope(call.app, call.method === 'GET' ? `${type.scope}.read` : `crm.schemas.${type.plural}.write`);
  const [id, below, stageId, ...deeper] = rest;
  if (type.plural !== 'deals') {
    if (id === undefined && call.method === 'GET') return ok({ results: [] });
    throw new HubError(404, `No pipeline ${id ?? ''} for ${type.id}`, { category: 'OBJECT_NOT_FOUND' });
  }
  if (id === undefined) return collection(portal, call);
  const pipeline = pipelineOf(portal, id);
  if (below === undefined) return onePipeline(portal, call, pipeline);
  if (below === 'audit') return audit(portal, pipeline.id);
  if (below !== 'stages' || deeper.length > 1) throw unknownPath();
  if (stageId === undefined) return stageCollection(portal, call, pipeline);
  if (deeper[0] === 'audit') return audit(portal, stageId);
  return oneStage(portal, call, pipeline, stageOf(pipeline, stageId));
}

function collection(portal: Portal, call: Call): Reply {
  if (call.method === 'GET')
    return ok({ results: portal.pipelines.live().map((pipeline) => shown(portal, pipeline)) });
  if (call.method !== 'POST') throw notAllowed(call);
  const body = bodyOf(call);
  const id = String(body['pipelineId'] ?? newId(portal));
  if ([...portal.pipelines.all()].some((each) => each.id === id)) {
    throw new HubError(409, `Pipeline with id ${id} already exists`, { category: 'CONFLICT' });
  }
  const stamp = formatInstant(portal.now());
  const empty = {
    id,
    label: '',
    displayOrder: 0,
    stages: [],
    createdAt: stamp,
    updatedAt: stamp,
    archived: false,
  };
  const pipeline = replaced(portal, empty, body);
  put(portal, call.writer, pipeline, 'CREATE');
  return ok(shown(portal, pipeline), 201);
}

function onePipeline(portal: Portal, call: Call, pipeline: Pipeline): Reply {
  switch (call.method) {
    case 'GET':
      return ok(shown(portal, pipeline));
    case 'PUT': {
      const next = replaced(portal, pipeline, bodyOf(call));
      guard(portal, call, removedStages(pipeline, next), 'validateDealStageUsagesBeforeDelete');
      put(portal, call.writer, next, 'UPDATE');
      return ok(shown(portal, next));
    }
    case 'PATCH': {
      const body = bodyOf(call);
      const stamp = formatInstant(portal.now());
      const next: Pipeline = {
        ...pipeline,
        label: String(body['label'] ?? pipeline.label),
        displayOrder: Number(body['displayOrder'] ?? pipeline.displayOrder),
        archived: body['archived'] === true,
        updatedAt: stamp,
      };
      put(portal, call.writer, next, 'UPDATE');
      return ok(shown(portal, next));
    }
    case 'DELETE':
      guard(
        portal,
        call,
        pipeline.stages.filter((stage) => !stage.archived),
        'validateReferencesBeforeDelete',
      );
      put(portal, call.writer, { ...pipeline, archived: true }, 'DELETE');
      return NO_CONTENT;
    default:
      throw notAllowed(call);
  }
}

function stageCollection(portal: Portal, call: Call, pipeline: Pipeline): Reply {
  if (call.method === 'GET') return ok({ results: shownStages(portal, pipeline) });
  if (call.method !== 'POST') throw notAllowed(call);
  const stage = stageFrom(portal, bodyOf(call), undefined, pipeline.stages.length);
  checkStages([...pipeline.stages, stage]);
  put(portal, call.writer, { ...pipeline, stages: [...pipeline.stages, stage] }, 'UPDATE');
  return ok(shownStage(stage), 201);
}

function oneStage(portal: Portal, call: Call, pipeline: Pipeline, stage: Stage): Reply {
  const swap = (next: Stage): Reply => {
    const stages = pipeline.stages.map((each) => (each === stage ? next : each));
    checkStages(stages);
    put(portal, call.writer, { ...pipeline, stages }, 'UPDATE');
    return ok(shownStage(next));
  };
  switch (call.method) {
    case 'GET':
      return ok(shownStage(stage));
    case 'PUT':
    case 'PATCH':
      return swap(stageFrom(portal, bodyOf(call), stage, stage.displayOrder));
    case 'DELETE':
      // A stage in use is protected unless the caller switches the check off.
      guard(portal, call, [stage], 'validateDealStageUsagesBeforeDelete');
      swap({ ...stage, archived: true });
      return NO_CONTENT;
    default:
      throw notAllowed(call);
  }
}

/** Stores a pipeline; deals whose stage now means something else are computed anew. */
export function put(portal: Portal, writer: Writer, next: Pipeline, action: AuditEntry['action']): void {
  const before = new Map(
    [...portal.pipelines.all()].flatMap(({ stages }) => stages.map((stage) => [stage.id, stage])),
  );
  portal.pipelines.put(next);
  portal.pipelines.audit.unshift({
    identifier: next.id,
    action,
    timestamp: formatInstant(portal.now()),
    rawObject: next,
  });
  const moved = new Set(
    next.stages
      .filter((stage) => {
        const old = before.get(stage.id)?.metadata;
        if (old === undefined) return true;
        return (
          old['isClosed'] !== stage.metadata['isClosed'] ||
          old['probability'] !== stage.metadata['probability']
        );
      })
      .map((stage) => stage.id),
  );
  if (moved.size === 0) return;
  for (const deal of portal.storeOf('deals').live.all) {
    if (moved.has(deal.get('dealstage') ?? '')) recompute(portal, deal, writer);
  }
}

/** PUT and POST give the whole pipeline: stages left out are archived. */
function replaced(portal: Portal, pipeline: Pipeline, body: Json): Pipeline {
  const label = String(body['label'] ?? '');
  if (label === '') throw badRequest('A pipeline needs a label.');
  const given = Array.isArray(body['stages']) ? (body['stages'] as unknown[]) : [];
  const stages = given.map((each, position) => {
    if (!isObject(each))
      throw badRequest('Invalid input JSON on line 1, column 1: Cannot build PipelineStageInput');
    const id = each['stageId'] ?? each['id'];
    const old = pipeline.stages.find((stage) => stage.id === id);
    return stageFrom(portal, each, old, position);
  });
  checkStages(stages);
  const gone = pipeline.stages
    .filter((stage) => !stages.some((each) => each.id === stage.id))
    .map((stage) => ({ ...stage, archived: true }));
  const displayOrder = Number(body['displayOrder'] ?? pipeline.displayOrder);
  const updatedAt = formatInstant(portal.now());
  return { ...pipeline, label, displayOrder, stages: [...stages, ...gone], updatedAt };
}

function stageFrom(portal: Portal, body: Json, old: Stage | undefined, position: number): Stage {
  const metadata = isObject(body['metadata']) ? body['metadata'] : {};
  const merged = stageMetadata({
    ...(metadata['probability'] === undefined ? old?.metadata : {}),
    ...metadata,
  });
  const probability = Number(merged['probability'] ?? Number.NaN);
  if (!(probability >= 0 && probability <= 1)) {
    throw badRequest('Deal stages require the metadata property "probability", between 0.0 and 1.0.');
  }
  const label = String(body['label'] ?? old?.label ?? '');
  if (label === '') throw badRequest('A stage needs a label.');
  const id = old?.id ?? String(body['stageId'] ?? newId(portal));
  if (id !== id.toLowerCase() && old === undefined) throw badRequest(`Stage id ${id} must be lower case.`);
  if (old === undefined && portal.pipelines.stage(id) !== undefined) {
    throw new HubError(409, `Stage with id ${id} already exists`, { category: 'CONFLICT' });
  }
  const stamp = formatInstant(portal.now());
  return {
    id,
    label,
    displayOrder: Number(body['displayOrder'] ?? old?.displayOrder ?? position),
    metadata: merged,
    createdAt: old?.createdAt ?? stamp,
    updatedAt: stamp,
    archived: false,
  };
}

function checkStages(stages: readonly Stage[]): void {
  const live = stages.filter((stage) => !stage.archived);
  if (live.length > MOST_STAGES) throw badRequest(`A pipeline holds ${MOST_STAGES} stages at most.`);
  const labels = live.map((stage) => stage.label);
  const twice = labels.find((label, i) => labels.indexOf(label) !== i);
  if (twice !== undefined) throw badRequest(`Stage labels must be unique within a pipeline: "${twice}".`);
}

function removedStages(before: Pipeline, after: Pipeline): Stage[] {
  return before.stages.filter(
    (stage) => !stage.archived && !after.stages.some((each) => each.id === stage.id && !each.archived),
  );
}

/** 400 when deals are still in a stage about to go, unless the caller said not to look. */
function guard(portal: Portal, call: Call, stages: readonly Stage[], parameter: string): void {
  if (stages.length === 0 || call.query.get(parameter) === 'false') return;
  const ids = new Set(stages.map((stage) => stage.id));
  const deals = portal.storeOf('deals').live.all.filter((deal) => ids.has(deal.get('dealstage') ?? ''));
  if (deals.length === 0) return;
  const used = [...new Set(deals.map((deal) => deal.get('dealstage') ?? ''))];
  throw badRequest(`Stage IDs ${used.join(', ')} are being referenced by object IDs and cannot be removed.`, {
    subCategory: 'PipelineError.STAGE_ID_IN_USE',
    context: { stageIds: used, objectIds: deals.slice(0, 100).map((deal) => deal.id) },
  });
}

function audit(portal: Portal, identifier: string): Reply {
  const results = portal.pipelines.audit
    .filter(
      (entry) =>
        entry.identifier === identifier ||
        (entry.rawObject as Pipeline).stages.some(({ id }) => id === identifier),
    )
    .map((entry) => ({
      ...entry,
      portalId: portal.portalId,
      message: `Pipeline ${entry.identifier}`,
      fromUserId: null,
    }));
  return ok({ results });
}

/** Stages come in no particular order: displayOrder is what counts (hubspot.md §3.1). */
function shown(portal: Portal, pipeline: Pipeline): Record<string, unknown> {
  const { label, displayOrder, id, createdAt, updatedAt, archived } = pipeline;
  return { label, displayOrder, id, stages: shownStages(portal, pipeline), createdAt, updatedAt, archived };
}

function shownStages(portal: Portal, pipeline: Pipeline): unknown[] {
  return portal.shuffled(pipeline.stages.filter((stage) => !stage.archived)).map(shownStage);
}

function shownStage({
  label,
  displayOrder,
  metadata,
  id,
  createdAt,
  updatedAt,
  archived,
}: Stage): Record<string, unknown> {
  const writePermissions = 'CRM_PERMISSIONS_ENFORCEMENT';
  return { label, displayOrder, metadata, id, createdAt, updatedAt, writePermissions, archived };
}

function pipelineOf(portal: Portal, id: string): Pipeline {
  const found = portal.pipelines.get(id);
  if (found === undefined)
    throw new HubError(404, `Pipeline with id ${id} does not exist`, { category: 'OBJECT_NOT_FOUND' });
  return found;
}

function stageOf(pipeline: Pipeline, id: string): Stage {
  const found = pipeline.stages.find((stage) => stage.id === id && !stage.archived);
  if (found === undefined)
    throw new HubError(404, `Stage with id ${id} does not exist`, { category: 'OBJECT_NOT_FOUND' });
  return found;
}

function newId(portal: Portal): string {
  return String(100_000_000 + portal.deps.random.int(0, 899_999_999));
}
