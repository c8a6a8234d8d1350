import Table from 'cli-table3';
import type { Colours } from '../colours.ts';

const NO_BORDERS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '  ', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

/** A plain table: headings underlined by colour only, two spaces between columns. Numbers given as numbers align right. */
export function table(
  colours: Colours,
  head: readonly string[],
  rows: readonly (readonly (string | { readonly right: string })[])[],
): string {
  const made = new Table({
    chars: NO_BORDERS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    ...(head.length === 0 ? {} : { head: head.map((text) => colours.dim(text)) }),
  });
  for (const row of rows)
    made.push(
      row.map((cell) =>
        typeof cell === 'string' ? cell : { content: cell.right, hAlign: 'right' as const },
      ),
    );
  return `${made
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}
