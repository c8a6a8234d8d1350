import cliProgress from 'cli-progress';
import type { RunProgress } from '../core/report.ts';
import type { Context } from './context.ts';
import { paceOf } from './pace.ts';
import { progressLine, progressText } from './progress-line.ts';

export interface Progress {
  update(progress: RunProgress): void;
  stop(): void;
}

/** Where no bar can be shown, a phase that takes long is told of this often. */
const LINE_EVERY_MS = 10_000;
/** Of a terminal that does not tell its width, or tells 0. */
const USUAL_COLUMNS = 80;

/** Shows a run's progress on standard error: a bar on a terminal, lines elsewhere, nothing when refused. */
export function showProgress(context: Context): Progress {
  if (!context.options.progress) return { update: () => {}, stop: () => {} };
  return context.io.errIsTerminal ? bar(context) : lines(context);
}

function lines({ options, words, io, now }: Context): Progress {
  if (options.json) return { update: () => {}, stop: () => {} };
  const pace = paceOf(now);
  let last = '';
  let toldAt = 0;
  return {
    update(progress) {
      const { phase, done } = progress;
      const at = now();
      const found = pace(progress);
      const name = words.find(`phase.${phase}`) ?? phase;
      if (phase !== last) io.err(`${name}…\n`);
      else if (at - toldAt >= LINE_EVERY_MS && done > 0)
        io.err(`${name} ${progressText(progress, found, words)}\n`);
      else return;
      [last, toldAt] = [phase, at];
    },
    stop() {},
  };
}

function bar({ words, now }: Context): Progress {
  const pace = paceOf(now);
  let shown: RunProgress | null = null;
  let line = (): string => '';
  const view = new cliProgress.SingleBar({
    stream: process.stderr,
    // The terminal may be made wider or narrower at any time.
    format: () => line(),
    clearOnComplete: true,
    hideCursor: true,
  });
  return {
    update(progress) {
      const found = pace(progress);
      line = () => progressLine(progress, found, words, (process.stderr.columns || USUAL_COLUMNS) - 1);
      const total = progress.total ?? Math.max(progress.done, 1);
      if (shown === null) view.start(total, progress.done);
      shown = progress;
      view.setTotal(total);
      view.update(progress.done);
    },
    stop() {
      if (shown !== null) view.stop();
    },
  };
}
