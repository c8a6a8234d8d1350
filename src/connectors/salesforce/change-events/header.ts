/** Reads the header of change events, and nothing else of them: values are read from the CRM, which knows the newest. */
import { AvroReader } from './avro-read.ts';
import { parseSchema } from './avro-schema.ts';

export interface ChangeHeader {
  readonly entityName?: unknown;
  readonly recordIds?: unknown;
  readonly changeType?: unknown;
  readonly transactionKey?: unknown;
  readonly sequenceNumber?: unknown;
  readonly commitTimestamp?: unknown;
}

/** Throws for bytes that are not an event of this schema. */
export type HeaderReader = (payload: Uint8Array) => ChangeHeader;

const HEADER = 'ChangeEventHeader';

/** A reader for one Avro schema, as JSON text. Throws when it is none, or not that of change events. */
export function headerReader(schemaJson: string): HeaderReader {
  const event = parseSchema(schemaJson);
  const fields = event.kind === 'record' ? event.fields : [];
  const last = fields.findIndex(({ name, type }) => name === HEADER && type.kind === 'record');
  if (last === -1) throw new Error('the schema has no header of change events');
  const upToHeader = fields.slice(0, last + 1);
  return (payload) => {
    const reader = new AvroReader(payload);
    let header: unknown;
    for (const { type } of upToHeader) header = reader.read(type);
    return header as ChangeHeader;
  };
}
