import type { App } from '../../app.ts';
import type { DecidedPairs } from '../../core/pairing-report.ts';
import { type CommandSpec, type Context, oneSync, printJson, withApp } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { textOption } from '../option-values.ts';
import { pairingCsv, pairingDocument, pairingText } from '../present/pairing.ts';
import { short } from '../present/text.ts';
import { runWithProgress } from '../run-with-progress.ts';
import { UsageError } from '../usage-error.ts';

const BANDS = ['certain', 'ask', 'ambiguous'];
const DECISIONS = { accept: 'accepted', reject: 'rejected', apart: 'apart' } as const;
/** Reasons worth a line each; more of the same tell nothing new. */
const SHOWN_SKIPPED = 20;

export const pair: CommandSpec = {
  usage: 'pair [action] [ids...]',
  summary: (words) => words.say('command.pair'),
  options: [
    { flags: '--no-read', help: (words) => words.say('option.no_read') },
    { flags: '--full', help: (words) => words.say('option.full') },
    { flags: '--band <band>', help: (words) => words.say('option.band') },
    { flags: '--all', help: (words) => words.say('option.all_pairs') },
    { flags: '--csv', help: (words) => words.say('option.pairs_csv') },
  ],
  run: (context, [action = '', ...ids], options) => {
    if (action === '') return withApp(context, (app) => report(context, app, options));
    if (action === 'undo') return withApp(context, (app) => undo(context, app, ids));
    if (action !== 'accept' && action !== 'reject' && action !== 'apart')
      throw new UsageError('usage.pair_action', { given: JSON.stringify(action) });
    return withApp(context, (app) => decide(context, app, action, ids, textOption(options, 'band')));
  },
};

async function report(context: Context, app: App, options: Record<string, unknown>): Promise<number> {
  const { io, words, colours } = context;
  const sync = oneSync(context, app);
  if (options['read'] !== false)
    await runWithProgress(context, { full: options['full'] === true }, (given) =>
      app.readAndPair(sync, given),
    );
  const found = await app.pairing(sync);
  if (context.options.json) printJson(context, pairingDocument(found));
  else if (options['csv'] === true) io.out(pairingCsv(found, words));
  else io.out(pairingText(found, options['all'] === true, words, colours));
  return EXIT.done;
}

async function decide(
  context: Context,
  app: App,
  action: keyof typeof DECISIONS,
  ids: readonly string[],
  band: string | undefined,
): Promise<number> {
  if (band !== undefined && !BANDS.includes(band))
    throw new UsageError('usage.pair_band', { given: JSON.stringify(band), known: BANDS.join(', ') });
  if ((band === undefined) === (ids.length === 0) || ids.length % 2 !== 0)
    throw new UsageError('usage.pair_ids', { action });
  const decision = DECISIONS[action];
  const done = await app.decidePairs(
    oneSync(context, app),
    decision,
    band === undefined ? ids : { band },
    context.user,
  );
  const { words } = context;
  const sentence = words.say(`pair.decided_${decision}`, { pairs: words.count('pairs', done.decided) });
  return answer(context, done, sentence, true);
}

async function undo(context: Context, app: App, ids: readonly string[]): Promise<number> {
  const isBatch = ids.length === 1 && ids[0]?.startsWith('d_') === true;
  if (!isBatch && (ids.length === 0 || ids.length % 2 !== 0)) throw new UsageError('usage.pair_undo');
  const done = await app.undoPairs(oneSync(context, app), ids, context.user);
  return answer(
    context,
    done,
    context.words.say('pair.decided_undone', { decisions: context.words.count('decisions', done.decided) }),
    false,
  );
}

/** Tells what was done and what was left out. Nothing done of what was asked is a refusal. */
function answer(context: Context, done: DecidedPairs, sentence: string, canUndo: boolean): number {
  const { io, words } = context;
  const code = done.decided === 0 && done.skipped.length > 0 ? EXIT.refused : EXIT.done;
  if (context.options.json) {
    printJson(context, done);
    return code;
  }
  io.out(`${sentence}\n`);
  for (const { refs, reason } of done.skipped.slice(0, SHOWN_SKIPPED))
    io.err(
      `${words.say('pair.skipped', {
        ...(refs.length === 0 ? {} : { ids: refs.map((ref) => short(ref.id, 40)).join(' ') }),
        reason: words.say(`pair.skipped_${reason}`),
      })}\n`,
    );
  if (done.skipped.length > SHOWN_SKIPPED)
    io.err(`${words.say('pair.more', { n: done.skipped.length - SHOWN_SKIPPED })}\n`);
  if (canUndo && done.decided > 0) io.out(`${words.say('pair.undo_with', { batch: done.batch })}\n`);
  return code;
}
