import { setImmediate as yieldToOthers } from 'node:timers/promises';
import {
  DatasetFileError,
  type NumberedLine,
  readDataset,
  type SkippedLine,
  skippedLine,
} from './dataset.ts';
import { DatasetError, type DatasetLine, type Simulator } from './simulator.ts';

/** Where the records of a sandbox come from; opened anew for each reset. */
export type LineSource =
  | { readonly kind: 'file'; readonly file: string; readonly skipBad: boolean }
  | { readonly kind: 'generated'; readonly lines: () => Iterable<DatasetLine> }
  | { readonly kind: 'empty' };

/** What loading did. `lines` counts those taken. */
export interface Loaded {
  readonly lines: number;
  readonly skipped: readonly SkippedLine[];
}

/** Lines between two turns of the event loop, so that a large load does not freeze everything else. */
const TURN = 2_000;

/**
 * Gives every line to the simulator of its CRM (lines of other CRMs are passed over), then tells each that it was the last.
 * @throws {DatasetFileError} naming file and line, unless the source says to skip bad lines.
 */
export async function loadInto(simulators: readonly Simulator[], source: LineSource): Promise<Loaded> {
  const skipped: SkippedLine[] = [];
  const skipBad = source.kind === 'file' && source.skipBad;
  const skip = (bad: SkippedLine): void => void skipped.push(bad);
  // Which line it was, of those the simulator holds until the end.
  const numbers = new WeakMap<DatasetLine, number>();
  const origin = source.kind === 'file' ? source.file : 'generated portfolio';
  let lines = 0;
  let seen = 0;
  for await (const { line, value } of linesOf(source, skipBad ? skip : undefined)) {
    if (++seen % TURN === 0) await yieldToOthers();
    const simulator = simulators.find((candidate) => candidate.crm === value.crm);
    if (simulator === undefined) continue;
    if (source.kind === 'file') numbers.set(value, line);
    try {
      simulator.load(value);
      lines += 1;
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      if (!skipBad) throw new DatasetFileError(origin, line, error.message, error);
      skip(skippedLine(line, error));
    }
  }
  for (const simulator of simulators)
    simulator.loaded((error, value) => {
      const line = numbers.get(value) ?? null;
      if (!skipBad || line === null) throw new DatasetFileError(origin, line, error.message, error);
      skip(skippedLine(line, error));
    });
  return { lines, skipped };
}

async function* linesOf(
  source: LineSource,
  onBad?: (skipped: SkippedLine) => void,
): AsyncGenerator<NumberedLine> {
  if (source.kind === 'file') yield* readDataset(source.file, onBad);
  if (source.kind === 'generated') {
    let line = 0;
    for (const value of source.lines()) yield { line: ++line, value };
  }
}
