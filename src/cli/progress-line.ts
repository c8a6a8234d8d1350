import type { RunProgress } from '../core/report.ts';
import { crmTitle } from '../crm-title.ts';
import type { Words } from './locale/index.ts';
import type { Pace } from './pace.ts';
import { displayWidth } from './present/display-width.ts';

const WIDEST_BAR = 30;
const NARROWEST_BAR = 8;
const SEPARATOR = ' · ';

/**
 * How far a run is, on one line that fits: ` pull ████░░░░ 9,000/23,400 · 2,300/s · 38 s left · 57 Salesforce, 210 HubSpot calls`.
 * Where there is little room the bar gets shorter, calls are summed up, and at last the bar goes.
 */
export function progressLine(progress: RunProgress, pace: Pace | null, words: Words, width: number): string {
  const phase = words.find(`phase.${progress.phase}`) ?? progress.phase;
  const counted = countText(progress, words);
  const paced = paceTexts(pace, words);
  let line = '';
  for (const calls of callTexts(progress, words)) {
    const rest = [counted, ...paced, calls].filter((text) => text !== '').join(SEPARATOR);
    const room = width - displayWidth(`${phase}  ${rest}`);
    if (room >= NARROWEST_BAR)
      return `${phase} ${barText(progress, Math.min(room, WIDEST_BAR))} ${rest}`.trimEnd();
    line = `${phase} ${rest}`;
  }
  return line;
}

/** The same where there is no bar, as wide as it likes. */
export function progressText(progress: RunProgress, pace: Pace | null, words: Words): string {
  const [calls = ''] = callTexts(progress, words);
  const parts = [countText(progress, words), ...paceTexts(pace, words), calls];
  return parts.filter((text) => text !== '').join(SEPARATOR);
}

/** Nothing for a step that is done at once. */
function countText({ done, total }: RunProgress, words: Words): string {
  if (total === null) return done === 0 ? '' : words.number(done);
  return total <= 1 ? '' : `${words.number(done)}/${words.number(total)}`;
}

function paceTexts(pace: Pace | null, words: Words): readonly string[] {
  if (pace === null) return [];
  const rate = words.say('progress.rate', { n: Math.round(pace.perSecond) });
  if (pace.leftMs === null) return [rate];
  const time = words.duration(Math.ceil(pace.leftMs / 1000) * 1000);
  return [rate, words.say('progress.left', { time })];
}

/** By CRM, and in sum. */
function callTexts({ calls = {} }: RunProgress, words: Words): readonly string[] {
  const made = Object.entries(calls).filter(([, n]) => n > 0);
  if (made.length === 0) return [''];
  const byCrm = made.map(([crm, n]) => `${words.number(n)} ${crmTitle(crm)}`).join(', ');
  const n = made.reduce((total, [, one]) => total + one, 0);
  return [words.say('progress.calls', { calls: byCrm }), words.say('progress.calls_sum', { n })];
}

/** Empty as long as nobody knows how much there is. */
function barText({ done, total }: RunProgress, width: number): string {
  const share = total === null || total === 0 ? 0 : Math.min(1, done / total);
  const full = Math.floor(share * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}
