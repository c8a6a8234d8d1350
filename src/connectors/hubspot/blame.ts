/** Which rows of a refused batch are at fault, as far as HubSpot's answer says. Pure. */
import type { ErrorDetails } from '../../core/errors.ts';
import type { RecordId } from '../../core/ids.ts';
import { asList, asObject, asText, asTexts, type Json } from './answer.ts';
import { errorOfItem } from './errors.ts';

/** One row of a batch update as it is sent. */
export interface Row {
  readonly id: RecordId;
  readonly trace: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** Faults of a value or a property itself: whichever row carries it is refused. Not so for stages, which depend on the pipeline. */
const OF_THE_VALUE = new Set([
  'INVALID_OPTION',
  'INVALID_INTEGER',
  'INVALID_LONG',
  'INVALID_NUMBER',
  'INVALID_DATE',
  'INVALID_EMAIL',
]);
const OF_THE_PROPERTY = new Set(['PROPERTY_DOESNT_EXIST', 'READ_ONLY_VALUE']);
const CONTEXTUAL = new Set(['dealstage', 'pipeline']);

/**
 * The rows that one error entry (of a 207, or of a 400) is about, by trace id or record id. Never by position: HubSpot
 * answers in an order of its own.
 */
export function rowsNamedBy(entry: unknown, rows: readonly Row[]): readonly Row[] {
  const item = asObject(entry);
  const context = asObject(item['context']);
  const traces = new Set([...asTexts(context['objectWriteTraceId']), ...asTexts(item['objectWriteTraceId'])]);
  if (traces.size > 0) return rows.filter((row) => traces.has(row.trace));
  const ids = new Set([...asTexts(context['ids']), ...asTexts(context['id']), ...asTexts(item['id'])]);
  return rows.filter((row) => ids.has(row.id));
}

/**
 * The rows certainly at fault in a batch that was refused as a whole, with their errors; empty when the answer does not
 * tell, and then the batch must be halved to find out.
 */
export function culprits(rows: readonly Row[], body: Json): ReadonlyMap<string, ErrorDetails> {
  const blamed = new Map<string, ErrorDetails>();
  for (const entry of [body, ...asList(body['errors']).map(asObject)]) {
    for (const row of rowsNamedBy(entry, rows)) blamed.set(row.trace, errorOfItem(entry, row.id));
  }
  for (const fault of valueFaults(body)) {
    for (const row of rowsWith(fault, rows)) {
      if (!blamed.has(row.trace)) blamed.set(row.trace, errorOfItem({ errors: [fault.entry] }, row.id));
    }
  }
  return blamed;
}

interface ValueFault {
  readonly code: string;
  readonly property: string;
  /** Null when the answer does not repeat it. */
  readonly value: string | null;
  readonly entry: Json;
}

/** Faults with their property and value: the message of a validation error carries them as a JSON list. */
function valueFaults(body: Json): ValueFault[] {
  const message = asText(body['message']) ?? '';
  const embedded = listIn(message).map((each) => ({
    code: asText(each['error']) ?? '',
    property: asText(each['name']) ?? '',
    value: asText(each['propertyValue']),
    entry: {
      message: each['message'],
      code: each['error'],
      context: { propertyName: [asText(each['name']) ?? ''] },
    },
  }));
  if (embedded.length > 0) return embedded;
  return asList(body['errors'])
    .map(asObject)
    .map((entry) => ({
      code: asText(entry['code']) ?? '',
      property: asTexts(asObject(entry['context'])['propertyName'])[0] ?? '',
      value: null,
      entry,
    }));
}

function rowsWith(fault: ValueFault, rows: readonly Row[]): readonly Row[] {
  const carrying = rows.filter((row) => fault.property in row.properties);
  if (OF_THE_PROPERTY.has(fault.code)) return carrying;
  if (fault.value === null) return [];
  const matching = carrying.filter((row) => row.properties[fault.property] === fault.value);
  const sure = OF_THE_VALUE.has(fault.code) && !CONTEXTUAL.has(fault.property);
  return sure || matching.length === 1 ? matching : [];
}

function listIn(message: string): Json[] {
  const start = message.indexOf('[{');
  if (start < 0) return [];
  try {
    return asList(JSON.parse(message.slice(start))).map(asObject);
  } catch {
    return [];
  }
}
