/** Change events of opportunities in Avro: their schema, and their binary form. Written from the specification. */
import { createHash } from 'node:crypto';
import type { Field, Value } from '../schema/field.ts';

export interface EventHeader {
  readonly recordIds: readonly string[];
  readonly changeType: string;
  readonly changeOrigin: string;
  readonly transactionKey: string;
  readonly sequenceNumber: number;
  readonly commitTimestamp: number;
  readonly commitNumber: number;
  readonly commitUser: string;
}

export interface EventSchema {
  readonly id: string;
  readonly json: string;
  /** @param changed new values by field; the others are left out */
  encode(header: EventHeader, changed: ReadonlyMap<string, Value>): Buffer;
}

const CHANGE_TYPES = [
  ...['CREATE', 'UPDATE', 'DELETE', 'UNDELETE'],
  ...['GAP_CREATE', 'GAP_UPDATE', 'GAP_DELETE', 'GAP_UNDELETE', 'GAP_OVERFLOW', 'SNAPSHOT'],
];
const texts = { type: 'array', items: 'string' };
const HEADER = {
  type: 'record',
  name: 'ChangeEventHeader',
  fields: [
    { name: 'entityName', type: 'string' },
    { name: 'recordIds', type: texts },
    { name: 'changeType', type: { type: 'enum', name: 'ChangeType', symbols: CHANGE_TYPES } },
    { name: 'changeOrigin', type: 'string' },
    { name: 'transactionKey', type: 'string' },
    { name: 'sequenceNumber', type: 'int' },
    { name: 'commitTimestamp', type: 'long' },
    { name: 'commitNumber', type: 'long' },
    { name: 'commitUser', type: 'string' },
    { name: 'nulledFields', type: texts },
    { name: 'diffFields', type: texts },
    { name: 'changedFields', type: texts },
  ],
};

/** The schema of an object with these fields; its id is a fingerprint of it. */
export function eventSchema(entity: string, fields: readonly Field[]): EventSchema {
  const known = fields.filter(({ name }) => name !== 'Id');
  const json = JSON.stringify({
    type: 'record',
    name: `${entity}ChangeEvent`,
    namespace: 'com.sforce.eventbus',
    fields: [
      { name: 'ChangeEventHeader', type: HEADER },
      ...known.map((field) => ({ name: field.name, type: ['null', kindOf(field)], default: null })),
    ],
  });
  return {
    id: createHash('sha256').update(json).digest('base64url').slice(0, 22),
    json,
    encode(header, changed) {
      const bits = (wanted: (value: Value) => boolean): readonly string[] => {
        let sum = 0n;
        for (const [at, { name }] of known.entries())
          if (changed.has(name) && wanted(changed.get(name) ?? null)) sum |= 1n << BigInt(at + 1);
        return sum === 0n ? [] : [`0x${sum.toString(16).toUpperCase()}`];
      };
      return Buffer.concat([
        text(entity),
        list(header.recordIds),
        long(CHANGE_TYPES.indexOf(header.changeType)),
        text(header.changeOrigin),
        text(header.transactionKey),
        long(header.sequenceNumber),
        long(header.commitTimestamp),
        long(header.commitNumber),
        text(header.commitUser),
        list(bits((value) => value === null)),
        list([]),
        list(bits(() => true)),
        ...known.map((field) => optional(field, changed.get(field.name) ?? null)),
      ]);
    },
  };
}

function kindOf({ type }: Field): 'boolean' | 'double' | 'long' | 'string' {
  if (type === 'boolean') return 'boolean';
  if (type === 'currency' || type === 'double' || type === 'percent' || type === 'int') return 'double';
  return type === 'date' || type === 'datetime' ? 'long' : 'string';
}

function optional(field: Field, value: Value): Buffer {
  const kind = kindOf(field);
  const number = kind === 'long' ? Date.parse(String(value)) : Number(value);
  if (value === null || (kind !== 'string' && kind !== 'boolean' && !Number.isFinite(number))) return long(0);
  if (kind === 'boolean') return Buffer.concat([long(1), Buffer.from([value === true ? 1 : 0])]);
  if (kind === 'long') return Buffer.concat([long(1), long(number)]);
  if (kind === 'string') return Buffer.concat([long(1), text(String(value))]);
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(number);
  return Buffer.concat([long(1), bytes]);
}

/** Zigzag, then seven bits a byte, the lowest first. */
function long(value: number): Buffer {
  let rest = BigInt(value) >= 0n ? BigInt(value) * 2n : BigInt(value) * -2n - 1n;
  const bytes: number[] = [];
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([long(bytes.length), bytes]);
}

function list(values: readonly string[]): Buffer {
  if (values.length === 0) return long(0);
  return Buffer.concat([long(values.length), ...values.map(text), long(0)]);
}
