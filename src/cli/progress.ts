import cliProgress from 'cli-progress';
import type { RunProgress } from '../core/report.ts';
import type { Context } from './context.ts';

export interface Progress {
  update(progress: RunProgress): void;
  stop(): void;
}

/** Shows a run's progress on standard error: a bar on a terminal, one line per phase elsewhere, nothing when refused. */
export function showProgress(context: Context): Progress {
  if (!context.options.progress) return { update: () => {}, stop: () => {} };
  return context.io.errIsTerminal ? bar(context) : lines(context);
}

function phaseText(context: Context, phase: string): string {
  return context.words.find(`phase.${phase}`) ?? phase;
}

function lines(context: Context): Progress {
  if (context.options.json) return { update: () => {}, stop: () => {} };
  let last = '';
  return {
    update({ phase }) {
      if (phase !== last) context.io.err(`${phaseText(context, phase)}…\n`);
      last = phase;
    },
    stop() {},
  };
}

function bar(context: Context): Progress {
  const shown = new cliProgress.SingleBar({
    stream: process.stderr,
    format: '{phase} {bar} {value}/{total}',
    barsize: 30,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    clearOnComplete: true,
    hideCursor: true,
  });
  let phase: string | null = null;
  return {
    update(progress) {
      const total = progress.total ?? Math.max(progress.done, 1);
      const payload = { phase: phaseText(context, progress.phase) };
      if (phase === null) shown.start(total, progress.done, payload);
      phase = progress.phase;
      shown.setTotal(total);
      shown.update(progress.done, payload);
    },
    stop() {
      if (phase !== null) shown.stop();
    },
  };
}
