/** The protobuf wire format, as far as small messages need it, and the frames gRPC sends them in. Written from their specifications. */

/** Fields in the order they are written: number and value. Empty values are left out, as proto3 does. */
export type WireField = readonly [id: number, value: string | Uint8Array | number | boolean];

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

export function encodeMessage(fields: readonly WireField[]): Buffer {
  const parts: Buffer[] = [];
  for (const [id, value] of fields) {
    if (typeof value === 'number' || typeof value === 'boolean') {
      if (Number(value) !== 0) parts.push(varint(id * 8 + VARINT), varint(Number(value)));
      continue;
    }
    const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.from(value);
    // A part of a list is written even when it is empty; none of these is.
    if (bytes.length > 0) parts.push(varint(id * 8 + BYTES), varint(bytes.length), bytes);
  }
  return Buffer.concat(parts);
}

/** The last value of each field; throws for bytes that are no message. */
export class WireMessage {
  readonly #values = new Map<number, number | Buffer>();

  constructor(bytes: Buffer) {
    let at = 0;
    const number = (): number => {
      let value = 0;
      for (let scale = 1; ; scale *= 128) {
        const byte = bytes[at];
        if (byte === undefined) throw new Error('the message is cut off');
        at += 1;
        value += (byte & 0x7f) * scale;
        if (byte < 0x80) return value;
      }
    };
    const take = (length: number): Buffer => {
      if (at + length > bytes.length) throw new Error('the message is cut off');
      at += length;
      return bytes.subarray(at - length, at);
    };
    while (at < bytes.length) {
      const tag = number();
      const id = Math.floor(tag / 8);
      if (tag % 8 === VARINT) this.#values.set(id, number());
      else if (tag % 8 === BYTES) this.#values.set(id, take(number()));
      else if (tag % 8 === FIXED64) take(8);
      else if (tag % 8 === FIXED32) take(4);
      else throw new Error('the message has a field of no known kind');
    }
  }

  number(id: number): number {
    const value = this.#values.get(id);
    return typeof value === 'number' ? value : 0;
  }

  bytes(id: number): Buffer {
    const value = this.#values.get(id);
    return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
  }

  text(id: number): string {
    return this.bytes(id).toString('utf8');
  }
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

const HEAD = 5;

/** One byte that says whether it is compressed, which ours never are, four of length, and the message. */
export function frame(message: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Puts messages together from bytes as they arrive. */
export class Deframer {
  #held: Buffer = Buffer.alloc(0);

  push(bytes: Buffer): readonly Buffer[] {
    this.#held = Buffer.concat([this.#held, bytes]);
    const messages: Buffer[] = [];
    while (this.#held.length >= HEAD) {
      const length = this.#held.readUInt32BE(1);
      if (this.#held.length < HEAD + length) break;
      messages.push(this.#held.subarray(HEAD, HEAD + length));
      this.#held = this.#held.subarray(HEAD + length);
    }
    return messages;
  }
}
