import { listAssociations, writeAssociation } from './associations.ts';
import { type Call, notAllowed, type Reply, requireScope, unknownPath } from './call.ts';
import { HubError } from './hub-error.ts';
import { mergeCall } from './merge.ts';
import type { ObjectStore } from './object-store.ts';
import { objectTypeOf } from './object-type.ts';
import { batchArchive, batchCreate, batchUpdate, batchUpsert } from './objects-batch.ts';
import { batchRead, getRecord, listRecords } from './objects-read.ts';
import { archiveRecord, createRecord, updateRecord } from './objects-write.ts';
import type { Portal } from './portal.ts';
import { search } from './search.ts';

type Handler = (portal: Portal, store: ObjectStore, call: Call) => Reply;

const POSTS: Readonly<Record<string, { readonly run: Handler; readonly writes: boolean }>> = {
  '': { run: createRecord, writes: true },
  search: { run: search, writes: false },
  merge: { run: mergeCall, writes: true },
  'batch/read': { run: batchRead, writes: false },
  'batch/create': { run: batchCreate, writes: true },
  'batch/update': { run: batchUpdate, writes: true },
  'batch/upsert': { run: batchUpsert, writes: true },
  'batch/archive': { run: batchArchive, writes: true },
};

/** `/objects/{type}/…`: everything about the records of one object type. */
export function objects(portal: Portal, call: Call, [segment = '', ...rest]: readonly string[]): Reply {
  const type = objectTypeOf(segment);
  if (type === undefined) throw new HubError(400, `Unable to infer object type from: ${segment}`);
  const store = portal.store(type);
  const read = (): void => requireScope(call.app, `${type.scope}.read`);
  const write = (): void => requireScope(call.app, `${type.scope}.write`);
  const [id, below, ...deeper] = rest;
  if (call.method === 'POST') {
    const action = POSTS[rest.join('/')];
    if (action === undefined) throw unknownPath();
    if (action.writes) write();
    else read();
    return action.run(portal, store, call);
  }
  if (id === undefined) {
    if (call.method !== 'GET') throw notAllowed(call);
    read();
    return listRecords(portal, store, call);
  }
  if (below === 'associations') {
    if (call.method !== 'GET') return writeAssociation(portal, store, call, id, deeper);
    return listAssociations(portal, store, call, id, deeper);
  }
  if (below !== undefined) throw unknownPath();
  switch (call.method) {
    case 'GET':
      read();
      return getRecord(portal, store, call, id);
    case 'PATCH':
      write();
      return updateRecord(portal, store, call, id);
    case 'DELETE':
      write();
      return archiveRecord(portal, store, call, id);
    default:
      throw notAllowed(call);
  }
}
