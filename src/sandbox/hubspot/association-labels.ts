import { isDefinedFor, pairTypes } from './association-types.ts';
import { bodyOf, type Call, isObject, notAllowed, ok, type Reply, requireScope } from './call.ts';
import { badRequest, HubError } from './hub-error.ts';
import { typesBetween } from './links.ts';
import { type ObjectType, objectTypeOf } from './object-type.ts';
import type { Portal } from './portal.ts';
import type { HubRecord } from './record.ts';

/** GET and POST `…/labels`: the types of links between two kinds of records, those of users first. */
export function labels(portal: Portal, call: Call, source: ObjectType, target: ObjectType): Reply {
  const types = pairTypes(source, target);
  const own = portal.labels.filter(({ from, to }) => from === source.plural && to === target.plural);
  if (call.method === 'GET') {
    requireBoth(call, source, target, 'read');
    const defined = [
      ...(types?.primary == null
        ? []
        : [{ category: 'HUBSPOT_DEFINED', typeId: types.primary, label: 'Primary' }]),
      ...(types === undefined ? [] : [{ category: 'HUBSPOT_DEFINED', typeId: types.plain, label: null }]),
    ];
    const made = own.map(({ typeId, label }) => ({ category: 'USER_DEFINED', typeId, label }));
    return ok({ results: [...made, ...defined] });
  }
  if (call.method !== 'POST') throw notAllowed(call);
  requireBoth(call, source, target, 'write');
  const body = bodyOf(call);
  const name = String(body['name'] ?? '');
  if (name === '' || types === undefined)
    throw badRequest('A label needs a name and two types that can be linked.');
  if (own.some((label) => label.name === name)) throw badRequest(`A label named "${name}" exists already.`);
  const typeId = portal.labels.length + 1;
  const label = String(body['label'] ?? name);
  portal.labels.push(
    { from: source.plural, to: target.plural, typeId, name, label },
    { from: target.plural, to: source.plural, typeId, name, label },
  );
  return ok({ results: [{ category: 'USER_DEFINED', typeId, label }] });
}

/** One link type as v4 answers it. */
export function described(portal: Portal, from: ObjectType, to: ObjectType, typeId: number): unknown {
  if (pairTypes(from, to)?.primary === typeId)
    return { category: 'HUBSPOT_DEFINED', typeId, label: 'Primary' };
  if (isDefinedFor(from, to, typeId)) return { category: 'HUBSPOT_DEFINED', typeId, label: null };
  const label = portal.labels.find((each) => each.typeId === typeId)?.label ?? null;
  return { category: 'USER_DEFINED', typeId, label };
}

/** Type ids asked for; none means the plain type. @throws {HubError} 400 for one that does not fit the two kinds. */
export function typeIdsOf(portal: Portal, from: ObjectType, to: ObjectType, given: unknown): number[] {
  const list = Array.isArray(given) ? (given as unknown[]) : [];
  const ids = list.map((each) => (isObject(each) ? Number(each['associationTypeId']) : Number.NaN));
  for (const id of ids) {
    const labelled = portal.labels.some(
      (label) => label.typeId === id && label.from === from.plural && label.to === to.plural,
    );
    if (!labelled && !isDefinedFor(from, to, id)) {
      throw badRequest(`Association type ${id} is not valid between ${from.id} and ${to.id}`);
    }
  }
  return ids.length > 0 ? ids : [plainOf(from, to)];
}

/** The unlabelled type between two kinds. @throws {HubError} 400 when they cannot be linked. */
export function plainOf(from: ObjectType, to: ObjectType): number {
  const types = pairTypes(from, to);
  if (types === undefined) throw badRequest(`${from.id} and ${to.id} cannot be associated`);
  return types.plain;
}

/** Links need the scopes of both sides (hubspot.md §1.3). */
export function requireBoth(call: Call, from: ObjectType, to: ObjectType, verb: 'read' | 'write'): void {
  requireScope(call.app, `${from.scope}.${verb}`);
  requireScope(call.app, `${to.scope}.${verb}`);
}

/** @throws {HubError} 400 for an unknown kind. */
export function typeOf(segment: string): ObjectType {
  const type = objectTypeOf(segment);
  if (type === undefined) throw new HubError(400, `Unable to infer object type from: ${segment}`);
  return type;
}

/** The answer to a labelled link: numeric ids and the labels users gave (recorded). */
export function labelledResult(
  portal: Portal,
  from: ObjectType,
  to: ObjectType,
  source: HubRecord,
  target: HubRecord,
): unknown {
  const own = typesBetween(source, target).flatMap(
    (id) => portal.labels.find((label) => label.typeId === id && label.from === from.plural)?.label ?? [],
  );
  return {
    fromObjectTypeId: from.id,
    fromObjectId: source.num,
    toObjectTypeId: to.id,
    toObjectId: target.num,
    labels: own,
  };
}

/** The answer to an unlabelled link. */
export function defaultResult(
  from: ObjectType,
  to: ObjectType,
  source: HubRecord,
  target: HubRecord,
  types: readonly number[],
): unknown {
  return {
    from: { id: source.id },
    to: { id: target.id },
    associationSpec: {
      associationCategory: 'HUBSPOT_DEFINED',
      associationTypeId: types[0] ?? plainOf(from, to),
    },
  };
}
