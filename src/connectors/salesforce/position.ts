import { z } from 'zod';
import type { ReadPosition, SafeMark } from '../../core/connector-port.ts';
import type { EpochMs, RecordId } from '../../core/ids.ts';

/** Where a reading stands. Kept between pages as plain JSON, so that another process can go on with it. */
export interface Position {
  readonly read: 'full' | 'changes';
  /** Changes only: first and last second of the window. */
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** The mark to hand out with the last page. */
  readonly mark: EpochMs;
  /** Path of the next page as the server gave it; null before the first. */
  readonly page: string | null;
  /** The last row so far: where to go on when the server has lost `page`. */
  readonly after: { readonly id: RecordId; readonly at: EpochMs } | null;
  readonly expected: number | null;
  /** A bulk job that reads everything behind `after`, which then stays; `never`: it was tried and cannot be had. */
  readonly bulk?: BulkPosition | 'never' | undefined;
}

/** Where the reading of a bulk result stands. */
export interface BulkPosition {
  readonly job: string;
  /** False until the job was seen to be complete. */
  readonly ready: boolean;
  /** The server's name of the page; null for the first. */
  readonly locator: string | null;
  /** Rows of that page that were handed out already. */
  readonly rows: number;
  /** Jobs that were lost before this one. */
  readonly lost: number;
}

const schema = z.object({
  read: z.enum(['full', 'changes']),
  from: z.number(),
  to: z.number(),
  mark: z.number(),
  page: z.string().startsWith('/services/data/').nullable(),
  after: z.object({ id: z.string(), at: z.number() }).nullable(),
  expected: z.number().nullable(),
  bulk: z
    .union([
      z.literal('never'),
      z.object({
        job: z.string().regex(/^[A-Za-z0-9]+$/),
        ready: z.boolean(),
        locator: z.string().nullable(),
        rows: z.number(),
        lost: z.number(),
      }),
    ])
    .optional(),
});

/** Throws when the position is not one of ours: a stored row was mixed up, and reading on from it would lose records. */
export function parsePosition(given: ReadPosition): Position {
  return schema.parse(given);
}

export function formatPosition(position: Position): ReadPosition {
  return { ...position };
}

/** The moment a mark stands for. Throws when it is not one of ours. */
export function parseMark(mark: SafeMark): EpochMs {
  return z.object({ until: z.number() }).parse(mark).until;
}
