import type { AccountNames } from '../../core/connector-port.ts';
import { OppsyncError } from '../../core/errors.ts';
import { asDeals, asObject } from './answer.ts';
import type { HubspotClient } from './client.ts';
import { pathsOf } from './paths.ts';
import type { HubspotSettings } from './settings.ts';

/** Names of companies: a deal holds only the id of its primary one. Without the scope for companies there are none. */
export function companyNames(client: HubspotClient, settings: HubspotSettings): AccountNames {
  return {
    batch: 100,
    async read(ids, signal) {
      const outcome = await client.attempt(
        {
          method: 'POST',
          path: pathsOf(settings.generation).companiesBatchRead,
          query: { archived: 'false' },
          json: {
            properties: ['name', 'domain'],
            propertiesWithHistory: [],
            inputs: ids.map((id) => ({ id })),
          },
        },
        signal,
      );
      if (!outcome.ok) {
        if (outcome.answer?.status === 403) return null;
        throw new OppsyncError(outcome.error);
      }
      const names = new Map<string, string>();
      for (const { id, properties } of asDeals(asObject(outcome.answer.body)['results'])) {
        const name = nameOfCompany(properties);
        if (name !== null) names.set(id, name);
      }
      return names;
    },
  };
}

/** What a company is called: its name, or its domain. */
export function nameOfCompany(properties: Readonly<Record<string, string | null>>): string | null {
  const name = (properties['name'] ?? '').trim() || (properties['domain'] ?? '').trim();
  return name === '' ? null : name;
}
