import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import type { Colours } from '../colours.ts';
import { displayWidth } from './display-width.ts';

const NO_BORDERS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '  ', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

/** Narrower a column of sentences does not become. */
const NARROWEST = 30;
const BETWEEN = 2;

/** Stands for the space before a French ; : ? ! or » while lines are broken, so that none begins with such a mark. */
const GLUE = '\uE000';

/** Widths of the columns when the last one is wrapped, so that all fit into so many. */
function wrapped(
  rows: readonly (readonly (string | { readonly right: string })[])[],
  columns: number,
): (number | null)[] {
  const others = Math.max(0, ...rows.map((row) => row.length - 1));
  const widest = Array.from({ length: others }, (_, at) =>
    Math.max(0, ...rows.map((row) => displayWidth(stripVTControlCharacters(plainOf(row[at]))))),
  );
  const taken = widest.reduce((sum, width) => sum + BETWEEN + width, BETWEEN);
  return [...widest.map(() => null), Math.max(NARROWEST, columns - taken)];
}

function plainOf(cell: string | { readonly right: string } | undefined): string {
  return typeof cell === 'object' ? cell.right : (cell ?? '');
}

/**
 * A plain table: headings underlined by colour only, two spaces between columns. Numbers given as numbers align right. With
 * `columns` the last column is wrapped at words.
 */
export function table(
  colours: Colours,
  head: readonly string[],
  rows: readonly (readonly (string | { readonly right: string })[])[],
  columns?: number,
): string {
  const made = new Table({
    chars: NO_BORDERS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    ...(head.length === 0 ? {} : { head: head.map((text) => colours.dim(text)) }),
    ...(columns === undefined ? {} : { colWidths: [...wrapped(rows, columns)], wordWrap: true }),
  });
  for (const row of rows)
    made.push(
      row.map((cell) =>
        typeof cell === 'string'
          ? cell.replaceAll(/ (?=[;:?!»])/g, GLUE)
          : { content: cell.right, hAlign: 'right' as const },
      ),
    );
  return `${made
    .toString()
    .replaceAll(GLUE, ' ')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}
