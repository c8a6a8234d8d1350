/** Avro schemas as the binary form needs them: names resolved, everything a reader has no use for left out. */

export type AvroType =
  | { readonly kind: 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string' }
  | { readonly kind: 'record'; fields: readonly { readonly name: string; readonly type: AvroType }[] }
  | { readonly kind: 'enum'; readonly symbols: readonly string[] }
  | { readonly kind: 'array' | 'map'; readonly of: AvroType }
  | { readonly kind: 'fixed'; readonly size: number }
  | { readonly kind: 'union'; readonly of: readonly AvroType[] };

type Json = Readonly<Record<string, unknown>>;

const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const;
/** The schema of an object with hundreds of fields has some hundred kilobytes. */
const LONGEST = 4_000_000;
const DEEPEST = 50;

/** The type a schema describes (Avro specification 1.11, "Schema Declaration"). Throws for a text that is none. */
export function parseSchema(text: string): AvroType {
  if (text.length > LONGEST) throw new Error('the schema is too long');
  return typeOf(JSON.parse(text), new Map(), '', 0);
}

function typeOf(schema: unknown, named: Map<string, AvroType>, space: string, depth: number): AvroType {
  if (depth > DEEPEST) throw new Error('the schema is nested too deeply');
  const inner = (part: unknown, within = space): AvroType => typeOf(part, named, within, depth + 1);
  if (typeof schema === 'string') {
    const kind = PRIMITIVES.find((name) => name === schema);
    if (kind !== undefined) return { kind };
    const found = named.get(schema.includes('.') || space === '' ? schema : `${space}.${schema}`);
    if (found === undefined) throw new Error('the schema names a type it does not have');
    return found;
  }
  if (Array.isArray(schema)) return { kind: 'union', of: schema.map((part) => inner(part)) };
  if (typeof schema !== 'object' || schema === null) throw new Error('the schema is not understood');
  const json = schema as Json;
  if (json['type'] === 'array') return { kind: 'array', of: inner(json['items']) };
  if (json['type'] === 'map') return { kind: 'map', of: inner(json['values']) };
  if (json['type'] !== 'record' && json['type'] !== 'enum' && json['type'] !== 'fixed')
    return inner(json['type']);
  const name = fullName(json, space);
  if (json['type'] === 'enum') {
    const symbols = listOf(json['symbols']).map(String);
    return keep(named, name, { kind: 'enum', symbols });
  }
  if (json['type'] === 'fixed') {
    const size = Number(json['size']);
    if (!Number.isSafeInteger(size) || size < 0) throw new Error('the schema has a type of no size');
    return keep(named, name, { kind: 'fixed', size });
  }
  // Known by its name before its fields are: they may name it.
  const record: Extract<AvroType, { kind: 'record' }> = { kind: 'record', fields: [] };
  keep(named, name, record);
  const within = name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : '';
  record.fields = listOf(json['fields']).map((field) => {
    const { name: own, type } = (field ?? {}) as { name?: unknown; type?: unknown };
    return { name: String(own), type: inner(type, within) };
  });
  return record;
}

function keep(named: Map<string, AvroType>, name: string, type: AvroType): AvroType {
  named.set(name, type);
  return type;
}

function fullName(json: Json, space: string): string {
  const name = String(json['name']);
  if (name.includes('.')) return name;
  const own = typeof json['namespace'] === 'string' ? json['namespace'] : space;
  return own === '' ? name : `${own}.${name}`;
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error('the schema lacks a list');
  return value;
}
