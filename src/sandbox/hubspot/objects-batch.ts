import { bodyOf, type Call, type Json, NO_CONTENT, type Reply } from './call.ts';
import { commit, type LinkWish } from './commit.ts';
import { badRequest, HubError, invalidProperties } from './hub-error.ts';
import type { ObjectStore } from './object-store.ts';
import { batchReply, inputsOf, notFoundError, refuseDuplicates, requireUnique } from './objects-read.ts';
import { archive, linkWishes, propertiesOf, written } from './objects-write.ts';
import type { Portal } from './portal.ts';
import type { HubRecord } from './record.ts';
import { type Claims, type Intent, validate } from './validate.ts';
import { formatInstant } from './values.ts';

interface Row {
  readonly input: Json;
  readonly intent: Intent;
  readonly wishes: readonly LinkWish[];
  readonly error: HubError | undefined;
}

/** POST batch/create: all or nothing, unless every input has its own objectWriteTraceId (hubspot.md §4.1). */
export function batchCreate(portal: Portal, store: ObjectStore, call: Call): Reply {
  const inputs = inputsOf(bodyOf(call));
  return write(portal, store, call, inputs, () => undefined, { partial: traced(inputs), okStatus: 201 });
}

/** POST batch/update: missing ids are told in a 207; invalid values too, when inputs are traced and the switch says so. */
export function batchUpdate(portal: Portal, store: ObjectStore, call: Call): Reply {
  const startedAt = formatInstant(portal.now());
  const inputs = inputsOf(bodyOf(call));
  refuseDuplicates(inputs.map((input) => String(input['id'] ?? '')));
  for (const input of inputs) requireUnique(store, idPropertyOf(input), 'update');
  const missing: string[] = [];
  const known = inputs.filter((input) => {
    const found = recordOf(store, input);
    if (found === undefined || found.archivedAt !== undefined) missing.push(String(input['id']));
    return found !== undefined && found.archivedAt === undefined;
  });
  const partial = portal.switches.updateHonoursTraceIds && traced(inputs);
  const errors = missing.length > 0 ? [notFoundError(store, missing)] : [];
  const find = (input: Json): HubRecord | undefined => recordOf(store, input);
  return write(portal, store, call, known, find, { partial, okStatus: 200, startedAt, errors });
}

/** POST batch/upsert by a unique property: updates what is there, creates the rest; each result says `new`. */
export function batchUpsert(portal: Portal, store: ObjectStore, call: Call): Reply {
  const inputs = inputsOf(bodyOf(call)).map((input) => {
    const property = idPropertyOf(input);
    if (property === null) throw badRequest('Unable to perform upsert: idProperty is required');
    requireUnique(store, property, 'upsert');
    return { ...input, properties: { [property]: input['id'], ...propertiesOf(input) } };
  });
  refuseDuplicates(inputs.map((input) => String((input as Json)['id'] ?? '')));
  const find = (input: Json): HubRecord | undefined => recordOf(store, input);
  return write(portal, store, call, inputs, find, { partial: traced(inputs), okStatus: 200, upsert: true });
}

/** POST batch/archive: 204, unknown ids included. */
export function batchArchive(portal: Portal, store: ObjectStore, call: Call): Reply {
  for (const input of inputsOf(bodyOf(call))) {
    const record = store.get(String(input['id'] ?? ''));
    if (record === undefined || record.archivedAt !== undefined) continue;
    archive(portal, store, record, call.writer.actor);
    portal.deps.counters.write(false);
  }
  return NO_CONTENT;
}

interface Rules {
  /** Whether good inputs are written when others are refused. */
  readonly partial: boolean;
  readonly okStatus: number;
  readonly upsert?: boolean;
  readonly startedAt?: string;
  readonly errors?: readonly unknown[];
}

/** Checks every input before the first is written, then writes those that may be. */
function write(
  portal: Portal,
  store: ObjectStore,
  call: Call,
  inputs: readonly Json[],
  find: (input: Json) => HubRecord | undefined,
  rules: Rules,
): Reply {
  const startedAt = rules.startedAt ?? formatInstant(portal.now());
  const claims: Claims = new Map();
  const rows = inputs.map((input) => checked(portal, store, input, find(input), claims));
  if (!rules.partial) refuseAll(portal, rows);
  const errors = [...(rules.errors ?? [])];
  const results: unknown[] = [];
  for (const { input, intent, wishes, error } of rows) {
    if (error !== undefined) {
      errors.push({ ...error.body, context: { objectWriteTraceId: [String(input['objectWriteTraceId'])] } });
      continue;
    }
    const done = commit(portal, intent, call.writer, wishes);
    portal.deps.counters.write(!done.created && done.changed.length === 0);
    results.push({
      ...written(portal, store, done, intent.values.keys()),
      ...(rules.upsert === true ? { new: done.created } : {}),
      ...(typeof input['objectWriteTraceId'] === 'string'
        ? { objectWriteTraceId: input['objectWriteTraceId'] }
        : {}),
    });
  }
  return batchReply(portal, startedAt, results, errors, rules.okStatus);
}

function checked(
  portal: Portal,
  store: ObjectStore,
  input: Json,
  found: HubRecord | undefined,
  claims: Claims,
): Row {
  const record = found?.archivedAt === undefined ? found : undefined;
  const intent = validate(portal, store, record, propertiesOf(input), claims);
  let error = intent.problems.length > 0 ? invalidProperties(intent.problems, portal.portalId) : undefined;
  let wishes: readonly LinkWish[] = [];
  try {
    if (record === undefined) wishes = linkWishes(portal, store, input['associations']);
  } catch (thrown) {
    if (!(thrown instanceof HubError)) throw thrown;
    error ??= thrown;
  }
  return { input, intent, wishes, error };
}

function refuseAll(portal: Portal, rows: readonly Row[]): void {
  const problems = rows.flatMap((row) => row.intent.problems);
  if (problems.length > 0) throw invalidProperties(problems, portal.portalId);
  for (const { error } of rows) if (error !== undefined) throw error;
}

/** Partial success needs a trace id on every input, each its own. */
function traced(inputs: readonly Json[]): boolean {
  const ids = inputs.map((input) => input['objectWriteTraceId']);
  return ids.every((id) => typeof id === 'string' && id !== '') && new Set(ids).size === ids.length;
}

function idPropertyOf(input: Json): string | null {
  return typeof input['idProperty'] === 'string' ? input['idProperty'] : null;
}

/** Absorbed ids are not followed in a batch (hubspot.md §2.5). */
function recordOf(store: ObjectStore, input: Json): HubRecord | undefined {
  const property = idPropertyOf(input);
  const id = String(input['id'] ?? '');
  return property === null ? store.get(id) : store.byUnique(property, id);
}
