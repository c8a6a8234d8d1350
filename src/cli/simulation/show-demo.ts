import type { Config } from '../../../config/load.ts';
import { settingsOf } from '../../../config/settings.ts';
import type { App } from '../../app.ts';
import type { RunReport } from '../../core/report.ts';
import { crmTitle } from '../../crm-title.ts';
import type { RunningSandbox } from '../../sandbox/start.ts';
import { type Context, printJson } from '../context.ts';
import { planTotals } from '../present/plan.ts';
import { profilesText } from '../present/profiles.ts';
import { countsTable, reportText } from '../present/report.ts';
import { printable, short, shortDigest, valueText } from '../present/text.ts';
import { runWithProgress } from '../run-with-progress.ts';
import { type Agreement, checkAgreement } from './agreement.ts';
import { SANDBOX_SYNC } from './config-text.ts';
import { interestingChanges, shownValue, stageBook } from './interesting.ts';
import { hubspotStages, salesforceStages } from './stages.ts';

export interface Demo {
  readonly app: App;
  readonly config: Config;
  readonly configFile: string;
  readonly sandbox: RunningSandbox;
  /** Results only, without the explanations. */
  readonly fast: boolean;
  /** Keep everything running afterwards. */
  readonly serve: boolean;
}

/**
 * Plans, applies, plans again from a new reading, and compares the two CRMs themselves.
 * Answers whether they agree and nothing but what waits for a person is left.
 */
export async function showDemo(context: Context, demo: Demo): Promise<boolean> {
  const { words, colours } = context;
  const { app } = demo;
  const out = context.options.json ? (): void => {} : context.io.out;
  const tell = demo.fast ? (): void => {} : out;
  const began = context.now();
  const step = (text: string): void => tell(`\n${colours.cyan('▸')} ${colours.bold(text)}\n`);

  tell(`${words.say('demo.intro')}\n`);
  step(words.say('demo.step_start', recordCounts(demo.sandbox)));
  tell(`  ${words.say('demo.step_why')}\n`);

  step(words.say('demo.step_plan'));
  const planned = await runWithProgress(context, { full: true }, (run) => app.run(SANDBOX_SYNC, 'plan', run));
  out(`\n${countsTable(planned, words, colours)}`);
  const view = planned.plan === null ? null : await app.plan(SANDBOX_SYNC, planned.plan.digest);
  let applied: RunReport = planned;
  if (view !== null && view.changes > 0) {
    out(`\n${planTotals(view, words, colours)}`);
    step(words.say('demo.step_interesting'));
    if (!context.options.json && !demo.fast) await tellInteresting(context, demo, view.digest);
    step(words.say('demo.step_apply', { digest: shortDigest(view.digest) }));
    applied = await runWithProgress(context, {}, (run) => app.apply(SANDBOX_SYNC, view.digest, run));
    out(`\n${reportText(applied, words, colours)}`);
  }

  step(words.say('demo.step_again'));
  const second = await runWithProgress(context, { full: true }, (run) => app.run(SANDBOX_SYNC, 'plan', run));
  const left = second.plan?.changes ?? 0;
  out(
    left === 0
      ? `  ${colours.green(words.say('demo.second_empty'))}\n`
      : `  ${colours.red(words.say('demo.second_open', { changes: words.count('changes', left) }))}\n`,
  );

  step(words.say('demo.step_check'));
  const agreement = await compare(context, demo);
  const unexcused = await withoutWaiting(demo, agreement);
  out(`  ${agreementText(context, agreement, unexcused)}\n`);
  const alone = Object.values(second.pairs.orphans).reduce((sum, n) => sum + n, 0);
  if (alone > 0) tell(`  ${words.say('demo.alone', { n: alone })}\n`);

  step(words.say('demo.step_profiles'));
  const comparison = await app.compareProfiles(SANDBOX_SYNC, words.locale);
  out(profilesText(comparison, words, colours, demo.fast));

  const converged = left === 0 && second.converged && unexcused.length === 0;
  const duration = words.duration(context.now() - began);
  if (context.options.json) printJson(context, { ...applied, mode: 'demo', converged });
  out(
    converged
      ? `\n${colours.green(words.say('demo.converged', { duration }))}\n`
      : `\n${colours.red(words.say('demo.not_converged'))}\n`,
  );
  if (demo.serve) await keepRunning(context, demo);
  return converged;
}

function recordCounts(sandbox: RunningSandbox): { salesforce: number; hubspot: number } {
  const count = (lines: Iterable<{ readonly type: string }>, type: string): number => {
    let n = 0;
    for (const line of lines) if (line.type === type) n += 1;
    return n;
  };
  return {
    salesforce: count(sandbox.salesforce.simulator.state(), 'Opportunity'),
    hubspot: count(sandbox.hubspot.simulator.state(), 'deal'),
  };
}

async function tellInteresting(context: Context, demo: Demo, digest: string): Promise<void> {
  const { words, colours, io } = context;
  const stages = stageBook([
    { crm: 'salesforce', stages: salesforceStages(demo.sandbox.salesforce.simulator.state()) },
    { crm: 'hubspot', stages: hubspotStages(demo.sandbox.hubspot.simulator.state()) },
  ]);
  let heading: string | null = null;
  let why: string | null = null;
  for (const { kind, change } of await interestingChanges(
    demo.app.planChanges(SANDBOX_SYNC, digest, words.locale),
    stages,
  )) {
    if (kind !== heading) io.out(`\n  ${colours.bold(words.say(`demo.kind_${kind}`))}\n`);
    if (kind !== heading) why = null;
    heading = kind;
    const sentence = words.say('demo.change', {
      name: colours.cyan(short(change.name, 60)),
      field: change.field,
      crm: crmTitle(change.crm),
      before: `"${valueText(shownValue(change, change.before, stages), words, 70)}"`,
      after: colours.green(`"${valueText(shownValue(change, change.after, stages), words, 70)}"`),
    });
    io.out(`  · ${sentence}\n`);
    // The same reason is not said twice in a row.
    if (change.sentence !== why) io.out(`    ${colours.dim(printable(change.sentence))}\n`);
    why = change.sentence;
  }
}

function compare(context: Context, demo: Demo): Promise<Agreement> {
  const { salesforce, hubspot } = demo.sandbox;
  const stages = settingsOf(demo.config, SANDBOX_SYNC).settings.stages ?? [];
  return checkAgreement({ salesforce: salesforce.url, hubspot: hubspot.url }, stages, context.signal);
}

/** Pairs that differ although nothing says that they wait for a person. */
async function withoutWaiting(demo: Demo, agreement: Agreement): Promise<Agreement['differing']> {
  const unexcused = [];
  for (const pair of agreement.differing) {
    const explained = [
      ...(await demo.app.explain(SANDBOX_SYNC, pair.salesforce)),
      ...(await demo.app.explain(SANDBOX_SYNC, pair.hubspot)),
    ];
    const waiting = explained.some(
      ({ outcome }) => outcome === 'conflict' || outcome === 'held' || outcome === 'quarantined',
    );
    if (!waiting) unexcused.push(pair);
  }
  return unexcused;
}

function agreementText(context: Context, agreement: Agreement, unexcused: Agreement['differing']): string {
  const { words, colours } = context;
  const [first] = unexcused;
  if (first !== undefined)
    return colours.red(
      words.say('demo.disagree', {
        n: unexcused.length,
        example: `${first.salesforce} / ${first.hubspot}: ${first.fields.join(', ')}`,
      }),
    );
  return colours.green(
    words.say('demo.agree', { pairs: agreement.agreeing, waiting: agreement.differing.length }),
  );
}

async function keepRunning(context: Context, demo: Demo): Promise<void> {
  const { words, io } = context;
  await demo.app.serve(['web', 'workers', 'scheduler'], context.signal, ({ webPort }) => {
    io.err(
      `${words.say('demo.serving', {
        salesforce: demo.sandbox.salesforce.url,
        hubspot: demo.sandbox.hubspot.url,
        web: webPort === null ? '' : `http://127.0.0.1:${webPort}`,
        config: demo.configFile,
      })}\n`,
    );
  });
}
