/** What commands and the console show of the state, made from the store's rows. Changes nothing. */
import type { ChangeEventsStatus, ScheduleStatus, SyncStatus } from './app.ts';
import { changeSentence, creationSentence } from './core/change-sentence.ts';
import type { CreationRow } from './core/creation-port.ts';
import { type ErrorDetails, type NotedFault, noted, OppsyncError } from './core/errors.ts';
import { faultOf } from './core/fault-sentences.ts';
import type { Crm, SyncName } from './core/ids.ts';
import { MOST_WAITING } from './core/inbox-limits.ts';
import type { Explanation, PlannedChange, PlanView, RunSummary, VerdictChange } from './core/report.ts';
import type { RollupRow } from './core/rollup-port.ts';
import { deciderOf, type Locale, sentence } from './core/sentence.ts';
import type { Store } from './core/store-port.ts';
import type { RunRow } from './core/store-rows.ts';
import { crmTitle } from './crm-title.ts';
import type { RecordView, VerdictStep, Views } from './store/views.ts';
import { BY_REFUSED_WEBHOOKS } from './webhook-alarm.ts';

/** Events are taken within seconds of the end of the run before: after this long nobody takes them. */
const STUCK_MS = 15 * 60_000;
/** While webhooks are refused what they may have said is read every quarter of an hour. */
const REFUSED_LATELY_MS = 60 * 60_000;
const JOURNAL_LENGTH = 50;
const HISTORY_LENGTH = 1_000;
const CHANGES_PAGE = 500;
/** Under this reason a plan shows the records it makes. */
const CREATED = 'created';

/** A run as lists show it. */
export function runSummary(row: RunRow): RunSummary {
  return {
    run: row.run,
    sync: row.sync,
    mode: row.mode,
    state: row.state,
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
    by: row.by,
    report: row.report,
    ...errorOf(row.error),
    ...rests(row),
  };
}

function rests({ state, error }: RunRow): Pick<RunSummary, 'rests'> {
  const { crm, resumesAt } = detailsOf(error ?? '');
  if (state !== 'running' || crm === undefined || resumesAt === undefined) return {};
  return { rests: { crm, until: resumesAt } };
}

/** People get the sentence. */
function errorOf(text: string | null): Pick<RunSummary, 'error' | 'remedy' | 'fault'> {
  if (text === null) return { error: null, remedy: null };
  const kept = detailsOf(text);
  if (typeof kept.message !== 'string') return { error: text, remedy: null };
  const remedy = typeof kept.remedy === 'string' && kept.remedy !== '' ? kept.remedy : null;
  return { error: kept.message, remedy, fault: noted(kept as NotedFault) };
}

/** Errors are stored as JSON details. Empty: it is a plain sentence. */
function detailsOf(text: string): Partial<ErrorDetails> {
  try {
    const details: unknown = JSON.parse(text);
    return typeof details === 'object' && details !== null ? details : {};
  } catch {
    return {};
  }
}

/** The plan of that digest (or its beginning), or the open one; with its totals by reason. */
export async function planView(
  store: Store,
  sync: SyncName,
  digest: string | null,
): Promise<PlanView | null> {
  const plan = await store.findPlan(sync, digest);
  if (plan === null) return null;
  const creates = await store.creationCounts(plan.run);
  const created = Object.entries(creates).map(([crm, count]) => ({ reason: CREATED, field: '', crm, count }));
  const rollups = await store.rollupCounts(plan.run);
  return {
    ...{ ...plan, creates },
    ...(Object.keys(rollups).length === 0 ? {} : { rollups }),
    byReason: [...created, ...(await store.planReasons(plan.run)), ...(await store.rollupReasons(plan.run))],
  };
}

/** Changes of a plan, reason by reason in the order of {@link planView}'s totals. */
export async function* planChanges(
  store: Store,
  reading: Views,
  sync: SyncName,
  digest: string,
  locale: Locale,
): AsyncIterable<PlannedChange> {
  const plan = await planView(store, sync, digest);
  if (plan === null) throw noPlan(digest);
  yield* planCreations(store, plan, locale);
  for (const reason of new Set(plan.byReason.map((entry) => entry.reason))) {
    if (reason === CREATED) continue;
    let after = 0;
    for (;;) {
      const page = await reading.changesByReason(plan.run, reason, after, CHANGES_PAGE);
      for (const write of page) {
        for (const change of write.changes) {
          yield {
            crm: write.crm,
            id: write.id,
            name: write.name,
            pairKey: write.pair,
            field: change.field,
            owned: change.owned,
            before: change.before,
            after: change.after,
            reason: change.reason,
            sentence: changeSentence(change, locale, crmTitle),
          };
        }
      }
      const last = page[page.length - 1];
      if (last === undefined || page.length < CHANGES_PAGE) break;
      after = last.change;
    }
  }
  if (plan.rollups !== undefined) yield* planRollups(store, plan, locale);
}

/** Fields of accounts a plan writes. */
async function* planRollups(store: Store, plan: PlanView, locale: Locale): AsyncIterable<PlannedChange> {
  let after: { crm: string; account: string } | null = null;
  for (;;) {
    const page: readonly RollupRow[] = await store.plannedRollups(plan.run, after, CHANGES_PAGE);
    for (const { crm, account, name, changes } of page)
      for (const change of changes)
        yield {
          ...{ crm, id: account, name, pairKey: null, field: change.field, owned: true },
          ...{ before: change.before, after: change.after, reason: change.reason },
          sentence: changeSentence(change, locale, crmTitle),
        };
    const last = page[page.length - 1];
    if (last === undefined || page.length < CHANGES_PAGE) return;
    after = { crm: last.crm, account: last.account };
  }
}

/** Records a plan makes, one entry each. */
async function* planCreations(store: Store, plan: PlanView, locale: Locale): AsyncIterable<PlannedChange> {
  let after: { crm: string; key: string } | null = null;
  for (;;) {
    const page: readonly CreationRow[] = await store.creationsOf(plan.run, after, CHANGES_PAGE);
    for (const { crm, key, name, source, fields, owned } of page)
      yield {
        ...{ crm, id: '', name, pairKey: key, field: '', owned: false, before: null, after: name },
        reason: CREATED,
        sentence: creationSentence(crm, source, locale, crmTitle),
        creation: { source, fields, owned },
      };
    const last = page[page.length - 1];
    if (last === undefined || page.length < CHANGES_PAGE) return;
    after = { crm: last.crm, key: last.key };
  }
}

function noPlan(digest: string): OppsyncError {
  return new OppsyncError({
    recovery: 'refuse',
    ...faultOf('plan.unknown', { digest }),
  });
}

/** Where a sync stands. */
export async function statusOf(
  store: Store,
  reading: Views,
  sync: SyncName,
  schedule: ScheduleStatus | null,
  changeEvents: ChangeEventsStatus | null,
  now: number,
): Promise<SyncStatus> {
  const [records, outcomes, counts, recent, openPlan, inbox, failing, eventsHeld, refused] =
    await Promise.all([
      store.countRecords(sync),
      reading.outcomeCounts(sync),
      reading.counts(sync),
      store.listRuns(sync, 50),
      planView(store, sync, null),
      store.waitingEvents(),
      store.eventTrouble(sync),
      store.eventsHeld(sync, now),
      reading.lastBegunBy(sync, BY_REFUSED_WEBHOOKS, now - REFUSED_LATELY_MS),
    ]);
  const heldBy = openPlan === null ? null : await store.loadRun(openPlan.run);
  const waiting = inbox.find((one) => one.sync === sync);
  const [lastRun] = recent;
  const lastGood = recent.find((run) => run.state === 'done');
  return {
    sync,
    records,
    pairs: counts.pairs,
    outcomes,
    conflicts: counts.conflicts,
    quarantined: counts.quarantined,
    lastRun: lastRun === undefined ? null : runSummary(lastRun),
    lastGood: lastGood === undefined ? null : runSummary(lastGood),
    openPlan,
    brakes: heldBy?.problems ?? [],
    schedule,
    events: {
      ...{ waiting: waiting?.events ?? 0, since: waiting?.since ?? null, failing, refused },
      held: eventsHeld,
      full: (waiting?.events ?? 0) >= MOST_WAITING,
      stuck:
        waiting !== undefined && eventsHeld === null && failing === null && now - waiting.since > STUCK_MS,
    },
    changeEvents,
  };
}

/** What is known of a record and why: one sentence, then the trace. */
export async function explain(
  store: Store,
  reading: Views,
  sync: SyncName,
  id: string,
  locale: Locale,
): Promise<readonly Explanation[]> {
  const found = await reading.findRecords(sync, id);
  const explanations: Explanation[] = [];
  for (const record of found)
    if (record.verdict !== null) explanations.push(await explanationOf(store, reading, sync, record, locale));
  return explanations;
}

async function explanationOf(
  store: Store,
  reading: Views,
  sync: SyncName,
  record: RecordView,
  locale: Locale,
): Promise<Explanation> {
  const { ref, fields, evidence, pair, verdict } = record;
  if (verdict === null) throw new Error(`${ref.crm} ${ref.id} was not classified yet`);
  const journal = await reading.journalOf(sync, ref, JOURNAL_LENGTH);
  const changes = await reading.verdictsOf(sync, ref, HISTORY_LENGTH);
  const name = fields['name'] ?? ref.id;
  const names = new Set([...Object.keys(fields), ...Object.keys(pair?.counterpartFields ?? {})]);
  return {
    ref,
    name,
    url: null,
    sentence: sentence(
      verdict,
      {
        name,
        amount: fields['amount'] ?? null,
        currency: fields['currency'] ?? null,
        stageLabel: evidence.stageLabel ?? null,
      },
      locale,
    ),
    verdict,
    pair:
      pair === null
        ? null
        : { key: pair.key, how: pair.how, since: pair.since, counterpart: pair.counterpart },
    outcome: record.outcome,
    notes: record.notes.map((note) => `${note.message}; ${note.remedy}`),
    causes: record.notes,
    notEvidenced: await notEvidenced(store, sync, [
      ref.crm,
      ...(pair === null ? [] : [pair.counterpart.crm]),
    ]),
    history: changes.map(verdictChange),
    reopened: changes.filter(({ before, after }) => before.status === 'closed' && after.status === 'active')
      .length,
    fields: [...names].map((field) => ({
      field,
      base: pair?.base[field]?.[ref.crm],
      values: {
        [ref.crm]: fields[field],
        ...(pair === null ? {} : { [pair.counterpart.crm]: pair.counterpartFields[field] }),
      },
    })),
    journal: journal.flatMap(({ run, at, crm, changes }) =>
      changes.map((change) => ({
        run,
        at,
        crm,
        field: change.field,
        before: change.before,
        after: change.after,
        sentence: changeSentence(change, locale, crmTitle),
      })),
    ),
  };
}

/** What may not be read beside the records of these CRMs. */
async function notEvidenced(
  store: Store,
  sync: SyncName,
  crms: readonly Crm[],
): Promise<Explanation['notEvidenced']> {
  const found: { crm: Crm; kinds: readonly string[] }[] = [];
  for (const crm of crms) {
    const kinds = ((await store.evidenceState(sync, crm))?.refused ?? []).flatMap(({ field }) => field ?? []);
    if (kinds.length > 0) found.push({ crm, kinds });
  }
  return found;
}

function verdictChange({ at, run, before, after }: VerdictStep): VerdictChange {
  return { at, run, from: place(before), to: place(after), cause: deciderOf(after)?.rule ?? null };
}

function place({ status, outcome, phase }: VerdictStep['before']): string {
  const detail = outcome ?? phase;
  return detail === null ? status : `${status}/${detail}`;
}
