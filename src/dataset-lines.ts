/** Text lines from a stream of bytes, in blocks: a block costs one decoding, whatever its number of lines. */
import { isUtf8 } from 'node:buffer';

const NEWLINE = 0x0a;
/** A record of either CRM is far smaller; without an end, one line could fill the memory. */
const LONGEST_LINE = 64 * 1024 * 1024;

export interface LineBlock {
  /** Number of the first line, from 1. */
  readonly first: number;
  /** Null: the line is not UTF-8, or too long to be one. */
  readonly lines: readonly (string | null)[];
}

/** Cuts bytes into blocks of whole lines. A mark at the very beginning (BOM) is dropped. */
export async function* lineBlocks(
  chunks: AsyncIterable<Uint8Array>,
  firstLine = 1,
): AsyncGenerator<LineBlock> {
  let first = firstLine;
  let held: Buffer[] = [];
  let heldBytes = 0;
  let tooLong = false;
  for await (const given of chunks) {
    const chunk = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
    const end = chunk.lastIndexOf(NEWLINE);
    if (end < 0) {
      heldBytes += chunk.length;
      tooLong ||= heldBytes > LONGEST_LINE;
      if (tooLong) held = [];
      else held.push(chunk);
      continue;
    }
    const whole =
      held.length === 0 ? chunk.subarray(0, end) : Buffer.concat([...held, chunk.subarray(0, end)]);
    const lines = decoded(whole, first === 1);
    if (tooLong) lines[0] = null;
    yield { first, lines };
    first += lines.length;
    const rest = chunk.subarray(end + 1);
    held = rest.length === 0 ? [] : [Buffer.from(rest)];
    heldBytes = rest.length;
    tooLong = false;
  }
  if (heldBytes > 0) yield { first, lines: tooLong ? [null] : decoded(Buffer.concat(held), first === 1) };
}

function decoded(bytes: Buffer, atStart: boolean): (string | null)[] {
  if (isUtf8(bytes)) {
    const text = bytes.toString('utf8');
    return (atStart && text.startsWith('\uFEFF') ? text.slice(1) : text).split('\n');
  }
  const lines: (string | null)[] = [];
  for (let start = 0; start <= bytes.length; ) {
    const found = bytes.indexOf(NEWLINE, start);
    const end = found < 0 ? bytes.length : found;
    const line = bytes.subarray(start, end);
    lines.push(isUtf8(line) ? line.toString('utf8') : null);
    start = end + 1;
  }
  return lines;
}
