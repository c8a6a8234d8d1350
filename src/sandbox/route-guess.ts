import type { SimRequest } from './simulator.ts';

/** Identifiers as both CRMs write them: all digits, or a Salesforce id. A version such as v60.0 is not one. */
const ID = /^(\d+|[0-9a-zA-Z]{5}0[0-9a-zA-Z]{9}([0-9A-Z]{3})?)$/;

/** A route template for a request that no simulator has seen, because a fault met it first. */
export function routeGuess({ method, path }: Pick<SimRequest, 'method' | 'path'>): string {
  const parts = path.split('/').map((part) => (ID.test(part) && /\d/.test(part) ? '{id}' : part));
  return `${method} ${parts.join('/')}`;
}
