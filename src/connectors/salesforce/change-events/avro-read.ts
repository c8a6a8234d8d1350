/** Reads values in Avro's binary form. The bytes come from outside: every count is held against the bytes there are. */
import type { AvroType } from './avro-schema.ts';

const DEEPEST = 50;
const LONGEST_VARINT = 10;

export class AvroReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The next value. Records and maps are objects without a prototype. Throws for bytes that are none of this type. */
  read(type: AvroType, depth = 0): unknown {
    if (depth > DEEPEST) throw new Error('the value is nested too deeply');
    switch (type.kind) {
      case 'null':
        return null;
      case 'boolean':
        return this.#take(1)[0] === 1;
      case 'int':
      case 'long':
        return this.#long();
      case 'float':
        return this.#take(4).readFloatLE();
      case 'double':
        return this.#take(8).readDoubleLE();
      case 'bytes':
        return this.#take(this.#long());
      case 'string':
        return this.#take(this.#long()).toString('utf8');
      case 'fixed':
        return this.#take(type.size);
      case 'enum':
        return chosen(type.symbols, this.#long());
      case 'union':
        return this.read(chosen(type.of, this.#long()), depth + 1);
      case 'record': {
        const record: Record<string, unknown> = Object.create(null);
        for (const field of type.fields) record[field.name] = this.read(field.type, depth + 1);
        return record;
      }
      case 'array': {
        const list: unknown[] = [];
        this.#blocks(() => list.push(this.read(type.of, depth + 1)));
        return list;
      }
      case 'map': {
        const map: Record<string, unknown> = Object.create(null);
        this.#blocks(() => {
          const key = String(this.read({ kind: 'string' }));
          map[key] = this.read(type.of, depth + 1);
        });
        return map;
      }
    }
  }

  /** Items come in blocks, each with its count; a negative one is followed by the block's length in bytes. */
  #blocks(item: () => void): void {
    for (;;) {
      const count = this.#long();
      if (count === 0) return;
      if (count < 0) this.#long();
      // No item is shorter than a byte, but those of nothing, which nobody sends.
      if (Math.abs(count) > this.#bytes.length - this.#at)
        throw new Error('more items are told than there are');
      for (let n = Math.abs(count); n > 0; n -= 1) item();
    }
  }

  #take(length: number): Buffer {
    if (!(length >= 0 && length <= this.#bytes.length - this.#at)) throw new Error('the value is cut off');
    const part = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return part;
  }

  /** Variable length; its lowest bit is the sign. Beyond 2^53 it is not exact: nothing that is used here is as large. */
  #long(): number {
    const first = this.#take(1)[0] ?? 0;
    let value = (first & 0x7f) >> 1;
    let byte = first;
    let scale = 64;
    for (let n = 1; n <= LONGEST_VARINT; n += 1) {
      if (byte < 0x80) return first % 2 === 0 ? value : -value - 1;
      byte = this.#take(1)[0] ?? 0;
      value += (byte & 0x7f) * scale;
      scale *= 128;
    }
    throw new Error('a number is too long');
  }
}

function chosen<T>(list: readonly T[], at: number): T {
  const found = list[at];
  if (found === undefined) throw new Error('the value is none of its type');
  return found;
}
