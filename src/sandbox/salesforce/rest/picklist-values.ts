import { createHash } from 'node:crypto';
import { notFound } from '../errors.ts';
import { toId18 } from '../ids.ts';
import { activeEntries, type PicklistEntry } from '../picklists.ts';
import { isOffered, MASTER, recordTypesOf } from '../record-types.ts';
import type { Field } from '../schema/field.ts';
import type { Table } from '../table.ts';
import { type Call, type Reply, requireTable } from './call.ts';

/**
 * GET /ui-api/object-info/{object}/picklist-values/{recordTypeId}[/{field}]: what records of a type are offered, which
 * describe does not tell (User Interface API Developer Guide, Picklist Values Collection and Picklist Values). A picklist
 * hidden from the user is not in the collection.
 */
export function picklistValues(call: Call): Reply {
  const [, info, object, what, type, name, ...rest] = call.path;
  if (info !== 'object-info' || object === undefined || what !== 'picklist-values') throw notFound();
  if (type === undefined || rest.length > 0) throw notFound();
  const table = requireTable(call, object);
  const recordTypeId = toId18(type);
  const known = recordTypesOf(call.org, table.type.name).some((row) => row.id === recordTypeId);
  if (!known && recordTypeId !== MASTER) throw notFound();
  const fields = table.columns
    .filter((column) => column.field.type === 'picklist')
    .filter((column) => call.org.mayRead(table, column, call.session.userId))
    .map(({ field }) => field);
  const base = `/services/data/v${call.version}/ui-api/object-info/${table.type.name}/picklist-values/${recordTypeId}`;
  const valuesOf = (field: Field): unknown => {
    const values = activeEntries(call.org, field)
      .filter(({ value }) => isOffered(call.org, recordTypeId, field, value))
      .map(entry);
    return tagged({ controllerValues: {}, defaultValue: null, url: `${base}/${field.name}`, values });
  };
  if (name !== undefined) {
    const field = fields.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (field === undefined) throw notFound();
    return { status: 200, body: valuesOf(field) };
  }
  const picklistFieldValues = Object.fromEntries(fields.map((field) => [field.name, valuesOf(field)]));
  return { status: 200, body: tagged({ picklistFieldValues }) };
}

/** A stage tells more of itself; the misspelt key is the API's own. */
function entry({ value, label, stage }: PicklistEntry): unknown {
  return { attributes: stage === null ? null : attributesOf(stage), label, validFor: [], value };
}

function attributesOf(row: { readonly table: Table } & Parameters<Table['read']>[0]): unknown {
  const read = (name: string): unknown => row.table.read(row, name);
  return {
    closed: read('IsClosed'),
    defaultProbability: read('DefaultProbability'),
    forecastCategoryName: read('ForecastCategoryName'),
    picklistAtrributesValueType: 'OpportunityStage',
    won: read('IsWon'),
  };
}

function tagged(body: Readonly<Record<string, unknown>>): unknown {
  return { eTag: createHash('md5').update(JSON.stringify(body)).digest('hex'), ...body };
}
