import type { Flow, Waterfall } from '../../core/measure-waterfall.ts';
import type { Colours } from '../colours.ts';
import type { Words } from '../locale/index.ts';
import { figuresIn } from './figures.ts';

const STEPS: readonly (readonly [Flow, -1 | 0 | 1])[] = [
  ['start', 0],
  ['new', 1],
  ['reopened', 1],
  ['pulled_in', 1],
  ['increased', 1],
  ['decreased', -1],
  ['moved_out', -1],
  ['won', -1],
  ['lost', -1],
  ['cancelled', -1],
  ['undecided', -1],
  ['end', 0],
];
const WIDEST_BAR = 40;

/** From start to end, one line per flow that moved something, with a bar where the flow stands. */
export function waterfallLines(
  waterfall: Waterfall,
  words: Words,
  colours: Colours,
  columns: number,
): string {
  const { money } = figuresIn(words);
  const shown = STEPS.filter(([flow, sign]) => sign === 0 || waterfall[flow] !== '0');
  const labels = shown.map(([flow]) => words.say(`metrics.flow_${flow}`));
  const values = shown.map(
    ([flow, sign]) => `${sign > 0 ? '+' : sign < 0 ? '−' : ''}${money(waterfall[flow])}`,
  );
  const wide = (list: readonly string[]): number => Math.max(...list.map((text) => text.length));
  const room = Math.max(0, Math.min(WIDEST_BAR, columns - wide(labels) - wide(values) - 8));
  const spans = spansOf(waterfall, shown);
  const top = Math.max(...spans.map(([, to]) => to), 1e-9);
  const lines = shown.map(([, sign], index) => {
    const [from, to] = spans[index] ?? [0, 0];
    const start = Math.round((from / top) * room);
    const length = Math.max(to > from ? 1 : 0, Math.round((to / top) * room) - start);
    const bar = `${' '.repeat(start)}${'█'.repeat(length)}`;
    const painted = sign === 0 ? bar : sign > 0 ? colours.green(bar) : colours.red(bar);
    const label = (labels[index] ?? '').padEnd(wide(labels));
    return `  ${label}  ${(values[index] ?? '').padStart(wide(values))}  ${painted}`.trimEnd();
  });
  const note = waterfall.watched ? '' : `  ${colours.dim(words.say('metrics.unwatched'))}\n`;
  return `${lines.join('\n')}\n${note}`;
}

/** Where each bar begins and ends, in money. Only for drawing: floats are good enough. */
function spansOf(
  waterfall: Waterfall,
  shown: readonly (readonly [Flow, number])[],
): readonly (readonly [number, number])[] {
  let level = 0;
  return shown.map(([flow, sign]) => {
    const value = Number(waterfall[flow]);
    const before = level;
    level = sign === 0 ? value : level + sign * value;
    const [from, to] = sign === 0 ? [0, value] : [Math.min(before, level), Math.max(before, level)];
    return [Math.max(0, from), Math.max(0, to)];
  });
}
