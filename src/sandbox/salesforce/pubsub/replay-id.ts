/** Places in the stream as others get to see them: bytes that mean nothing to them. */

const LENGTH = 9;

/** @param life which org it is: a place in another, such as the one before a reset, is none of this */
export function replayId(life: number, seq: number): Buffer {
  const bytes = Buffer.alloc(LENGTH);
  bytes.writeUInt32BE((life ^ 0x5f3759df) >>> 0, 0);
  bytes.writeUInt32BE((seq ^ life) >>> 0, 4);
  bytes[8] = (seq * 31 + life) & 0xff;
  return bytes;
}

/** The place; null for bytes that are none of this life. */
export function placeOf(life: number, bytes: Buffer): number | null {
  if (bytes.length !== LENGTH) return null;
  const seq = (bytes.readUInt32BE(4) ^ life) >>> 0;
  return replayId(life, seq).equals(bytes) ? seq : null;
}
