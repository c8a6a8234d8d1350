import type { EditResult, SandboxEdit } from '../simulator.ts';
import { pairTypes } from './association-types.ts';
import type { Json } from './call.ts';
import { commit, store as keep, recompute } from './commit.ts';
import { ownerFrom, pipelineFrom } from './dataset-setup.ts';
import { badRequest, HubError, invalidProperties, recordNotFound } from './hub-error.ts';
import { link, unlink } from './links.ts';
import { merge } from './merge.ts';
import type { ObjectStore } from './object-store.ts';
import { objectTypeOf } from './object-type.ts';
import { archive } from './objects-write.ts';
import { put } from './pipelines.ts';
import type { Portal } from './portal.ts';
import { Draft, type HubRecord } from './record.ts';
import { validate } from './validate.ts';
import { editWriter, type Writer } from './writer.ts';

/** A person at the CRM's own screen, or whoever the actor names. */
export function editOf(portal: Portal, edit: SandboxEdit): EditResult {
  try {
    return performed(portal, edit);
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    return { ok: false, status: error.status, error: error.body };
  }
}

function performed(portal: Portal, edit: SandboxEdit): EditResult {
  const writer = editWriter(edit.actor ?? 'human:someone');
  const fields = edit.fields ?? {};
  if (edit.type === 'pipeline') return pipelineEdit(portal, edit.id, fields, writer);
  if (edit.type === 'owner') return ownerEdit(portal, edit.id, fields);
  const type = objectTypeOf(edit.type);
  if (type === undefined) throw badRequest(`Unable to infer object type from: ${edit.type}`);
  const store = portal.store(type);
  const action = edit.action ?? (edit.id === undefined ? 'create' : 'update');
  if (action === 'create') return created(portal, store, edit, writer);
  const record = store.resolve(edit.id ?? '');
  if (record === undefined || (record.archivedAt !== undefined) !== (action === 'restore'))
    throw recordNotFound(edit.id ?? '');
  switch (action) {
    case 'update':
      return updated(portal, store, record, edit, writer);
    case 'delete':
      archive(portal, store, record, writer.actor);
      return { ok: true, id: record.id, changed: [] };
    case 'restore':
      return restored(portal, store, record, writer);
    case 'merge': {
      const otherId = edit.absorbs ?? edit.into ?? '';
      const other = store.resolve(otherId);
      if (other === undefined || other.archivedAt !== undefined || other === record)
        throw recordNotFound(otherId);
      const survivor = merge(portal, store, record, other, writer);
      return { ok: true, id: survivor.id, changed: ['hs_merged_object_ids'] };
    }
  }
}

function created(portal: Portal, store: ObjectStore, edit: SandboxEdit, writer: Writer): EditResult {
  const companies = companiesOf(portal, store, edit);
  const intent = validate(portal, store, undefined, edit.fields ?? {});
  if (intent.problems.length > 0) throw invalidProperties(intent.problems, portal.portalId);
  const types = pairTypes(store.type, portal.storeOf('companies').type);
  const wishes = companies.map((to, i) => ({
    to,
    types: i === 0 && types?.primary != null ? [types.primary] : [types?.plain ?? 0],
  }));
  const done = commit(portal, intent, writer, wishes);
  return { ok: true, id: done.record.id, changed: done.changed };
}

function updated(
  portal: Portal,
  store: ObjectStore,
  record: HubRecord,
  edit: SandboxEdit,
  writer: Writer,
): EditResult {
  const companies = edit.associations?.companies === undefined ? undefined : companiesOf(portal, store, edit);
  const intent = validate(portal, store, record, edit.fields ?? {});
  if (intent.problems.length > 0) throw invalidProperties(intent.problems, portal.portalId);
  const changed = [...commit(portal, intent, writer).changed];
  if (companies !== undefined) {
    relink(portal, store, record, companies);
    changed.push(...recompute(portal, record, writer).changed);
  }
  return { ok: true, id: record.id, changed };
}

/** The companies given become the whole set, the first of them the primary one. */
function relink(
  portal: Portal,
  store: ObjectStore,
  record: HubRecord,
  companies: readonly HubRecord[],
): void {
  const type = portal.storeOf('companies').type;
  for (const { to } of record.linksTo(type)) if (!companies.includes(to)) unlink(record, to);
  const primary = pairTypes(store.type, type)?.primary;
  for (const [i, to] of companies.entries()) link(record, to, i === 0 && primary != null ? [primary] : []);
}

function companiesOf(portal: Portal, store: ObjectStore, edit: SandboxEdit): HubRecord[] {
  const ids = edit.associations?.companies ?? [];
  const companies = portal.storeOf('companies');
  if (ids.length > 0 && pairTypes(store.type, companies.type) === undefined) {
    throw badRequest(`A ${store.type.singular} cannot be associated with companies.`);
  }
  return ids.map((id) => {
    const found = companies.resolve(String(id));
    if (found === undefined || found.archivedAt !== undefined) throw recordNotFound(String(id));
    return found;
  });
}

/** Back from the recycle bin under the same id, unless a unique value was taken in the meantime. */
function restored(portal: Portal, store: ObjectStore, record: HubRecord, writer: Writer): EditResult {
  for (const { name } of store.properties.unique()) {
    const value = record.get(name);
    const holder = value === undefined ? undefined : store.byUnique(name, value);
    if (holder !== undefined)
      throw badRequest(`${value} is already used for property "${name}" by ${holder.id}.`);
  }
  store.restore(record);
  keep(portal, record, new Draft(store.slots, record.current.values), {}, writer, portal.now(), 'restore');
  return { ok: true, id: record.id, changed: [] };
}

function pipelineEdit(portal: Portal, id: string | undefined, fields: Json, writer: Writer): EditResult {
  const old = id === undefined ? undefined : portal.pipelines.get(id);
  if (id !== undefined && old === undefined) throw new HubError(404, `Pipeline with id ${id} does not exist`);
  const next = datasetChecked(() => pipelineFrom({ ...old, ...fields }));
  const kept = new Set(next.stages.map((stage) => stage.id));
  const gone = (old?.stages ?? [])
    .filter((stage) => !kept.has(stage.id))
    .map((stage) => ({ ...stage, archived: true }));
  put(
    portal,
    writer,
    { ...next, stages: [...next.stages, ...gone] },
    old === undefined ? 'CREATE' : 'UPDATE',
  );
  return { ok: true, id: next.id, changed: Object.keys(fields) };
}

function ownerEdit(portal: Portal, id: string | undefined, fields: Json): EditResult {
  const old = id === undefined ? undefined : portal.owners.get(id);
  const next = datasetChecked(() =>
    ownerFrom(portal, { ...old, ...(id === undefined ? {} : { id }), ...fields }),
  );
  portal.owners.set(next.id, next);
  return { ok: true, id: next.id, changed: Object.keys(fields) };
}

function datasetChecked<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error));
  }
}
