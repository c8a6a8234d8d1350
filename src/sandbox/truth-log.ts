import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { TruthEntry, TruthLog } from './simulator.ts';

/** Entries kept as objects before they are packed: large enough to compress well, small enough to pack in milliseconds. */
const BLOCK = 2_048;

interface Block {
  readonly lastSeq: number;
  readonly packed: Buffer;
}

/**
 * Append-only list of who changed what, `seq` counting from 1. Older entries are kept as compressed blocks, so that some
 * hundred thousand of them cost tens of megabytes outside the heap instead of hundreds inside it.
 */
export function createTruthLog(): TruthLog & { readonly size: number } {
  const blocks: Block[] = [];
  let recent: TruthEntry[] = [];
  let lastSeq = 0;
  return {
    append(entry) {
      lastSeq += 1;
      recent.push({ seq: lastSeq, ...entry, fields: withoutHoles(entry.fields) });
      if (recent.length === BLOCK) {
        blocks.push({ lastSeq, packed: zstdCompressSync(JSON.stringify(recent)) });
        recent = [];
      }
    },
    *since(seq) {
      // What is appended while somebody reads is for their next call: seq is the cursor.
      const newest = recent;
      const count = newest.length;
      for (const block of blocks.slice()) {
        if (block.lastSeq <= seq) continue;
        for (const entry of unpack(block)) if (entry.seq > seq) yield entry;
      }
      for (let i = 0; i < count; i += 1) {
        const entry = newest[i];
        if (entry !== undefined && entry.seq > seq) yield entry;
      }
    },
    get size() {
      return lastSeq;
    },
  };
}

function unpack(block: Block): TruthEntry[] {
  return JSON.parse(zstdDecompressSync(block.packed).toString()) as TruthEntry[];
}

/** JSON has no undefined: say null, so that an entry reads the same before and after packing. Copies only when it must. */
function withoutHoles(fields: TruthEntry['fields']): TruthEntry['fields'] {
  for (const name in fields) {
    const change = fields[name];
    if (change?.before === undefined || change.after === undefined) return filled(fields);
  }
  return fields;
}

function filled(fields: TruthEntry['fields']): TruthEntry['fields'] {
  return Object.fromEntries(
    Object.entries(fields).map(([name, { before, after }]) => [
      name,
      { before: before ?? null, after: after ?? null },
    ]),
  );
}
