import cliProgress from 'cli-progress';
import type { RunProgress } from '../core/report.ts';
import type { Context } from './context.ts';
import { paceOf } from './pace.ts';
import { crmName } from './present/text.ts';

export interface Progress {
  update(progress: RunProgress): void;
  stop(): void;
}

/** Where no bar can be shown, a phase that takes long is told of this often. */
const LINE_EVERY_MS = 10_000;

/** Shows a run's progress on standard error: a bar on a terminal, lines elsewhere, nothing when refused. */
export function showProgress(context: Context): Progress {
  if (!context.options.progress) return { update: () => {}, stop: () => {} };
  return context.io.errIsTerminal ? bar(context) : lines(context);
}

function phaseText(context: Context, phase: string): string {
  return context.words.find(`phase.${phase}`) ?? phase;
}

/** Rate, time left and calls used, as far as they are known: ` · 2,300/s · 38 s left · 57 Salesforce, 210 HubSpot calls`. */
function details(context: Context): (progress: RunProgress) => string {
  const { words } = context;
  const pace = paceOf(context.now);
  return (progress) => {
    const found = pace(progress);
    const calls = Object.entries(progress.calls ?? {}).filter(([, n]) => n > 0);
    const parts = [
      ...(found === null ? [] : [words.say('progress.rate', { n: Math.round(found.perSecond) })]),
      ...(found === null || found.leftMs === null
        ? []
        : [words.say('progress.left', { time: words.duration(Math.ceil(found.leftMs / 1000) * 1000) })]),
      ...(calls.length === 0
        ? []
        : [
            words.say('progress.calls', {
              calls: calls.map(([crm, n]) => `${words.number(n)} ${crmName(crm)}`).join(', '),
            }),
          ]),
    ];
    return parts.map((part) => ` · ${part}`).join('');
  };
}

function lines(context: Context): Progress {
  if (context.options.json) return { update: () => {}, stop: () => {} };
  const more = details(context);
  let last = '';
  let toldAt = 0;
  return {
    update(progress) {
      const { phase, done, total } = progress;
      const text = more(progress);
      const now = context.now();
      if (phase !== last) context.io.err(`${phaseText(context, phase)}…\n`);
      else if (now - toldAt >= LINE_EVERY_MS && done > 0) {
        const of = total === null ? '' : ` / ${context.words.number(total)}`;
        context.io.err(`${phaseText(context, phase)} ${context.words.number(done)}${of}${text}\n`);
      } else return;
      [last, toldAt] = [phase, now];
    },
    stop() {},
  };
}

function bar(context: Context): Progress {
  const shown = new cliProgress.SingleBar({
    stream: process.stderr,
    format: '{phase} {bar} {value}/{total}{more}',
    barsize: 30,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    clearOnComplete: true,
    hideCursor: true,
  });
  const more = details(context);
  let phase: string | null = null;
  return {
    update(progress) {
      const total = progress.total ?? Math.max(progress.done, 1);
      const payload = { phase: phaseText(context, progress.phase), more: more(progress) };
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
