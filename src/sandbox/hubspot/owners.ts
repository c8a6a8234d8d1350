import { type Call, limitOf, notAllowed, ok, type Reply, requireScope, unknownPath } from './call.ts';
import { HubError } from './hub-error.ts';
import type { Owner, Portal } from './portal.ts';
import { firstAtLeast } from './sorted-by-id.ts';

/** `/owners`: the people records can belong to; archived ones are listed apart. */
export function owners(portal: Portal, call: Call, [id, ...rest]: readonly string[]): Reply {
  if (call.method !== 'GET') throw notAllowed(call);
  if (rest.length > 0) throw unknownPath();
  requireScope(call.app, 'crm.objects.owners.read');
  const archived = call.query.get('archived') === 'true';
  const all = [...portal.owners.values()].filter((owner) => owner.archived === archived);
  if (id !== undefined) {
    const byUser = call.query.get('idProperty') === 'userId';
    const found = all.find((owner) => (byUser ? String(owner.userId) : owner.id) === id);
    if (found === undefined)
      throw new HubError(404, `Owner with ID ${id} was not found`, { category: 'OBJECT_NOT_FOUND' });
    return ok(shown(found));
  }
  const email = call.query.get('email')?.toLowerCase();
  const sorted = all
    .filter((owner) => email === undefined || owner.email.toLowerCase() === email)
    .sort((a, b) => Number(a.id) - Number(b.id));
  const limit = Math.max(1, limitOf(call.query.get('limit'), 100, 500));
  const after = call.query.get('after');
  const start =
    after === null
      ? 0
      : firstAtLeast(sorted, Number(Buffer.from(after, 'base64').toString()), (owner) => Number(owner.id));
  const results = sorted.slice(start, start + limit).map(shown);
  const next = sorted[start + limit];
  if (next === undefined) return ok({ results });
  const cursor = Buffer.from(next.id).toString('base64');
  const query = new URLSearchParams(call.query);
  query.set('after', cursor);
  return ok({ results, paging: { next: { after: cursor, link: `${portal.baseUrl}${call.path}?${query}` } } });
}

function shown({
  id,
  email,
  firstName,
  lastName,
  userId,
  createdAt,
  updatedAt,
  archived,
}: Owner): Record<string, unknown> {
  return {
    id,
    email,
    type: 'PERSON',
    firstName,
    lastName,
    userId: archived ? null : userId,
    userIdIncludingInactive: userId,
    createdAt,
    updatedAt,
    archived,
  };
}
