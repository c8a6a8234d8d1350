/** A table that keeps to the width of the terminal: columns that tell nothing go first, then those that tell least. */
import type { Colours } from '../colours.ts';
import { cutToWidth, displayWidth } from './display-width.ts';
import { table } from './table.ts';

export interface FittedColumn<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string;
  /** Figures align right. */
  readonly right?: boolean;
  /** Left out where it does not fit, the smallest first; absent: never. */
  readonly expendable?: number;
  /** Left out where no row has anything else than one of these. */
  readonly idle?: readonly string[];
  /** Texts may be cut down to so many cells. */
  readonly shrinkTo?: number;
  readonly paint?: (text: string) => string;
}

export interface FittedTable {
  readonly text: string;
  /** Heads of the columns that had no room. */
  readonly leftOut: readonly string[];
}

const MARGIN = 2;
const GAP = 2;

export function fittedTable<Row>(
  colours: Colours,
  columns: readonly FittedColumn<Row>[],
  rows: readonly Row[],
  width: number,
): FittedTable {
  const told = columns
    .map((column) => ({ column, cells: rows.map((row) => column.cell(row)) }))
    .filter(({ column, cells }) => !cells.every((cell) => column.idle?.includes(cell) === true));
  const leftOut: string[] = [];
  let kept = told.map(({ column, cells }) => ({
    ...{ column, cells },
    width: Math.max(displayWidth(column.head), ...cells.map(displayWidth)),
  }));
  const least = (): number =>
    MARGIN +
    GAP * (kept.length - 1) +
    kept.reduce((sum, { column, width: own }) => sum + Math.min(own, column.shrinkTo ?? own), 0);
  while (least() > width) {
    const [next] = kept
      .filter(({ column }) => column.expendable !== undefined)
      .sort((a, b) => (a.column.expendable ?? 0) - (b.column.expendable ?? 0));
    if (next === undefined) break;
    kept = kept.filter((one) => one !== next);
    leftOut.push(next.column.head);
  }
  let room = width - least();
  const fitted = kept.map((one) => {
    const floor = Math.min(one.width, one.column.shrinkTo ?? one.width);
    const given = Math.min(one.width - floor, Math.max(0, room));
    room -= given;
    return { ...one, width: floor + given };
  });
  const text = table(
    colours,
    fitted.some(({ column }) => column.head !== '')
      ? fitted.map(({ column, width: own }) =>
          column.right === true ? column.head.padStart(own) : cutToWidth(column.head, own),
        )
      : [],
    rows.map((_, index) =>
      fitted.map(({ column, cells, width: own }) => {
        const cell = cutToWidth(cells[index] ?? '', own);
        const painted = column.paint === undefined ? cell : column.paint(cell);
        return column.right === true ? { right: painted } : painted;
      }),
    ),
  );
  return { text, leftOut };
}
