import { createReadStream } from 'node:fs';
import type { DatasetFault, DatasetFaultParams } from './dataset-faults.ts';
import { parseDatasetLine } from './dataset-line.ts';
import { DatasetError, type DatasetLine } from './simulator.ts';

/** A dataset line with where it stands in its file, counting from 1. */
export interface NumberedLine {
  readonly line: number;
  readonly value: DatasetLine;
}

/** A line left out because the caller asked to go on. */
export interface SkippedLine {
  readonly line: number;
  readonly reason: string;
  /** Name of the reason and what fills it, for other languages. */
  readonly fault: DatasetFault;
  readonly params: DatasetFaultParams;
}

/** Reasons are kept in memory, so what a line holds is cut short in them. */
const LONGEST_REASON = 300;

export function skippedLine(line: number, { message, fault, params }: DatasetError): SkippedLine {
  const short = Object.entries(params).map(
    ([name, value]) => [name, value.slice(0, LONGEST_REASON)] as const,
  );
  return { line, fault, reason: message.slice(0, LONGEST_REASON), params: Object.fromEntries(short) };
}

/** A dataset file that cannot be read, or a line of it that cannot be used: `FILE, line N: what is wrong`. */
export class DatasetFileError extends Error {
  override readonly name = 'DatasetFileError';
  readonly file: string;
  /** Null when the file itself is the problem. */
  readonly line: number | null;
  readonly reason: string;
  constructor(file: string, line: number | null, reason: string, cause?: unknown) {
    super(line === null ? `${file}: ${reason}` : `${file}, line ${line}: ${reason}`, { cause });
    this.file = file;
    this.line = line;
    this.reason = reason;
  }
}

/** Longer lines are refused instead of being held in memory. */
export const MAX_LINE_BYTES = 8 * 1024 * 1024;
const READ_SIZE = 256 * 1024;
const NEWLINE = 0x0a;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads a dataset file (NDJSON, UTF-8; blank lines, CRLF and a byte order mark allowed) as a stream: memory does not grow with the file.
 * @param onBad called for each unusable line, which is then left out; absent, the first one throws.
 * @throws {DatasetFileError}
 */
export async function* readDataset(
  file: string,
  onBad?: (skipped: SkippedLine) => void,
): AsyncGenerator<NumberedLine> {
  for await (const { line, bytes } of rawLines(file)) {
    try {
      const text = textOf(bytes, line);
      if (text.trim() !== '') yield { line, value: parseDatasetLine(text) };
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      if (onBad === undefined) throw new DatasetFileError(file, line, error.message, error);
      onBad(skippedLine(line, error));
    }
  }
}

/** Null bytes stand for a line that was too long to keep. */
interface RawLine {
  readonly line: number;
  readonly bytes: Buffer | null;
}

async function* rawLines(file: string): AsyncGenerator<RawLine> {
  let line = 1;
  let held: Buffer[] = [];
  let heldBytes = 0;
  const hold = (piece: Buffer): void => {
    heldBytes += piece.length;
    if (heldBytes > MAX_LINE_BYTES) held = [];
    else if (piece.length > 0) held.push(piece);
  };
  const take = (): RawLine => {
    const bytes = heldBytes > MAX_LINE_BYTES ? null : held.length === 1 ? held[0] : Buffer.concat(held);
    held = [];
    heldBytes = 0;
    return { line: line++, bytes: bytes ?? null };
  };
  for await (const chunk of chunksOf(file)) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      hold(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    hold(chunk.subarray(start));
  }
  if (heldBytes > 0) yield take();
}

async function* chunksOf(file: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(file, { highWaterMark: READ_SIZE }) as AsyncIterable<Buffer>;
  } catch (error) {
    throw new DatasetFileError(file, null, reasonOf(error), error);
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'this is a folder; a dataset is a file of JSON lines (.ndjson)';
  if (code === 'EACCES') return 'the file may not be read by this user';
  return `the file cannot be read (${code || String(error)})`;
}

function textOf(bytes: Buffer | null, line: number): string {
  if (bytes === null) {
    throw new DatasetError('long_line', { most: String(MAX_LINE_BYTES / 1024 / 1024) });
  }
  try {
    const text = UTF8.decode(bytes);
    return line === 1 && text.startsWith('\uFEFF') ? text.slice(1) : text;
  } catch {
    throw new DatasetError('not_utf8');
  }
}
