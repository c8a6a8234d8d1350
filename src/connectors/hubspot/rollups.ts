/** Roll-ups in properties of companies, read and written by batches of 100. */

import type { AccountRollups, AccountValues, WriteResult } from '../../core/connector-port.ts';
import type { ErrorDetails } from '../../core/errors.ts';
import type { Value } from '../../core/opportunity.ts';
import { ROLLUP_FIELDS, type RollupField } from '../../core/rollup.ts';
import { nameOfCompany } from './account-names.ts';
import { asDeals, asObject, type NativeDeal } from './answer.ts';
import type { HubspotClient } from './client.ts';
import { nativeRollup, ON_COMPANIES } from './own-fields.ts';
import { pathsOf } from './paths.ts';
import { createProvisioner } from './provision.ts';
import { sendRows } from './send-rows.ts';
import { toldAgain } from './sentences.ts';
import type { HubspotSettings } from './settings.ts';

const BATCH = 100;

export function createRollups(client: HubspotClient, settings: HubspotSettings): AccountRollups {
  const paths = pathsOf(settings.generation);
  return {
    provisioner: createProvisioner(client, settings, ON_COMPANIES),
    // A deal always tells its primary company.
    obstacle: () => null,
    readBatch: BATCH,
    writeBatch: BATCH,

    async read(ids, fields, signal) {
      const properties = ['name', 'domain', ...fields.map(nativeRollup)];
      const { body } = await client.call(
        {
          method: 'POST',
          path: paths.companiesBatchRead,
          query: { archived: 'false' },
          json: { properties, propertiesWithHistory: [], inputs: ids.map((id) => ({ id })) },
        },
        signal,
      );
      return new Map(
        asDeals(asObject(body)['results']).map((company) => [company.id, toValues(company, fields)]),
      );
    },

    async write(writes, signal) {
      const rows = writes.map(({ id, values, trace }) => ({
        id,
        trace,
        properties: Object.fromEntries(
          ROLLUP_FIELDS.flatMap((field) => {
            const value = values[field];
            // HubSpot clears a property that is set to the empty text.
            return value === undefined ? [] : [[nativeRollup(field), value ?? '']];
          }),
        ),
      }));
      const sent = await sendRows(rows, {
        post: (batch) => {
          const inputs = batch.map(({ id, properties, trace }) => ({
            id,
            properties,
            objectWriteTraceId: trace,
          }));
          const path = paths.companiesBatchUpdate;
          return client.attempt({ method: 'POST', path, json: { inputs }, writes: true }, signal);
        },
        rowOf: (company, batch) => batch.find((row) => row.id === company.id),
      });
      return rows.map(({ id, trace }): WriteResult => {
        const answer = sent.get(trace);
        if (answer === undefined) throw new Error(`no answer for company ${id}`);
        if (!answer.ok) return { trace, id, ok: false, error: ofCompany(answer.error, id) };
        return { trace, id, ok: true, version: null };
      });
    },
  };
}

/** What is said of a refused record, said of a company. */
function ofCompany(error: ErrorDetails, company: string): ErrorDetails {
  const { record, ...params } = error.params ?? {};
  return record === undefined || error.says === undefined
    ? error
    : { ...error, ...toldAgain(error.says, { ...params, company }) };
}

function toValues(company: NativeDeal, fields: readonly RollupField[]): AccountValues {
  const values: Record<string, Value> = {};
  for (const field of fields) {
    const held = company.properties[nativeRollup(field)];
    // HubSpot leaves a property it does not know out without a word.
    if (held !== undefined) values[field] = held === '' ? null : held;
  }
  return { name: nameOfCompany(company.properties), values };
}
