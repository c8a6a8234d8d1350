import type { AccountFacts } from '../core/account-facts.ts';
import type { AccountRollups, AccountValues } from '../core/connector-port.ts';
import type { Crm, RecordId } from '../core/ids.ts';
import type { Fields } from '../core/opportunity.ts';
import type { RollupRemark } from '../core/report.ts';
import { ROLLUP_FIELDS, type RollupField, type RollupMoney, rollUp } from '../core/rollup.ts';
import { type PlannedRollup, rollupChanges, undoRollup } from '../core/rollup-plan.ts';
import type { RollupAccount } from '../core/rollup-port.ts';
import {
  amountsHidden,
  editedSince,
  noAccounts,
  notAdded,
  notAllSeen,
  notFound,
  notProvisioned,
  remark,
  unable,
} from '../core/rollup-remarks.ts';
import type { StoreTx } from '../core/store-port.ts';
import type { NewTask, RunRow, TaskPayload } from '../core/store-rows.ts';
import type { SyncRuntime } from './deps.ts';
import { readAccounts, refusalOf } from './read-accounts.ts';
import type { Save, TaskContext } from './task.ts';

type Planning = Extract<TaskPayload, { kind: 'rollup' }>;

/** Accounts looked at before it is written down how far it has come. */
const PAGE = 2_000;

/** Tasks that plan roll-ups: none where the configuration keeps none. An undo looks wherever accounts can be written. */
export function rollupTasks(runtime: SyncRuntime, run: RunRow): readonly NewTask[] {
  const { sides, rollups = [] } = runtime.settings;
  // Events are to be quick: what they change in an account is rolled up by the next complete run.
  if (run.mode === 'events' || run.mode === 'pair') return [];
  const where =
    run.mode === 'undo' ? sides.filter((crm) => runtime.connectors[crm]?.rollups !== undefined) : rollups;
  return where.map((crm) => ({
    queue: 'reconcile',
    payload: {
      ...{ kind: 'rollup', crm, after: null, accounts: 0, withheld: 0, mixed: null },
      ...{ missing: 0, example: null },
    },
    size: 1,
  }));
}

/** What amounts need to be added up: the currency of those that name none. */
export function moneyOf(context: TaskContext, crm: Crm): RollupMoney {
  return { own: context.facts(crm).currency, rates: context.runtime.rates ?? null };
}

/**
 * Plans the roll-ups of the accounts of one CRM, page by page: what they hold is asked for where it is not known, and of all
 * of them once the records themselves were read completely. What is missing in the CRM is told, and stops nothing else.
 */
export async function planRollups(context: TaskContext, payload: Planning): Promise<Save> {
  const { crm } = payload;
  const { rollups } = context.connector(crm);
  if (rollups === undefined) return ending(context, payload, [unable(crm)]);
  try {
    return context.run.mode === 'undo'
      ? await planUndo(context, payload, rollups)
      : await planPages(context, payload, rollups);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    return ending(context, payload, [remark(refusal)]);
  }
}

async function planPages(context: TaskContext, payload: Planning, rollups: AccountRollups): Promise<Save> {
  const { deps, run, runtime } = context;
  const { crm } = payload;
  const sync = runtime.settings.name;
  const checks = await rollups.provisioner.check(context.signal);
  const isReady = (field: RollupField): boolean =>
    checks.some((check) => check.field === field && check.state === 'ready');
  const seen = seesAmounts(context.facts(crm));
  const ready = ROLLUP_FIELDS.filter((field) => isReady(field) && (seen || !isAmount(field)));
  const problems = checks.flatMap(({ problem }) => (problem === null ? [] : [remark(problem)]));
  const lacking = checks.filter(({ state }) => state === 'missing' || state === 'not_permitted');
  if (lacking.length > 0)
    problems.unshift(
      notProvisioned(
        crm,
        lacking.map(({ native }) => native),
      ),
    );
  if (!seen) problems.push(amountsHidden(crm));
  // Records of which it is not seen whose they are, are not records that belong to nobody.
  const obstacle = rollups.obstacle(context.facts(crm));
  if (obstacle !== null) problems.push(remark(obstacle));
  if (ready.length === 0 || obstacle !== null) return ending(context, payload, problems);
  let at = payload;
  if (at.after === null) {
    const { accounts, unseen } = await deps.store.gatherAccounts(sync, crm);
    const records = (await deps.store.countRecords(sync))[crm] ?? 0;
    if (unseen > 0) return ending(context, payload, [...problems, notAllSeen(crm, unseen)]);
    if (accounts === 0 && records > 0) return ending(context, payload, [...problems, noAccounts(crm)]);
  }
  const fullAt = (await deps.store.cursor(sync, crm))?.fullAt ?? null;
  const all = fullAt !== null && fullAt >= run.startedAt;
  const money = moneyOf(context, crm);
  for (;;) {
    const which = { after: at.after ?? '', limit: PAGE };
    const accounts = await deps.store.rollupAccounts(sync, run.run, crm, which);
    const asked = accounts.filter(({ held }) => all || ready.some((field) => !(field in held)));
    const read = await readAccounts(
      context,
      rollups,
      asked.map(({ account }) => account),
      ready,
    );
    const looked = accounts.map((one) => planOne(crm, one, { read, asked: new Set(asked), ready, money }));
    const found = looked.filter(({ missing }) => !missing);
    const gone = looked.filter(({ missing }) => missing);
    at = {
      ...at,
      after: accounts.at(-1)?.account ?? at.after,
      accounts: at.accounts + found.length,
      withheld: at.withheld + found.filter(({ withheld }) => withheld).length,
      mixed: at.mixed ?? found.find(({ withheld }) => withheld)?.account ?? null,
      missing: at.missing + gone.length,
      example: at.example ?? gone[0]?.account ?? null,
    };
    const save: Save = async (tx) => {
      await tx.noteAccounts(
        sync,
        crm,
        [...read].map(([account, one]) => noteOf(account, one)),
      );
      await tx.planRollups(
        sync,
        run.run,
        looked.flatMap(({ write }) => write ?? []),
      );
    };
    if (accounts.length < PAGE) return both(save, ending(context, at, problems));
    await keepPage(context, at, save);
  }
}

function isAmount(field: RollupField): boolean {
  return field === 'openAmount' || field === 'wonAmount';
}

/** An amount or currency that is hidden is not nothing. */
function seesAmounts({ fields, currencies }: AccountFacts): boolean {
  const isSeen = (name: string): boolean => fields.some(({ field, readable }) => field === name && readable);
  return isSeen('amount') && (currencies === null || isSeen('currency'));
}

interface Looking {
  readonly read: ReadonlyMap<RecordId, AccountValues>;
  readonly asked: ReadonlySet<RollupAccount>;
  readonly ready: readonly RollupField[];
  readonly money: RollupMoney;
}

function planOne(crm: Crm, one: RollupAccount, { read, asked, ready, money }: Looking) {
  const { account, undone } = one;
  const now = read.get(account);
  const missing = asked.has(one) && now === undefined;
  const { values, withheld } = rollUp(one.records, money);
  const held: Fields = now?.values ?? one.held;
  const changes = missing ? [] : rollupChanges(held, values, new Set(ready), undone);
  const name = now?.name ?? one.name ?? account;
  const write: PlannedRollup | null = changes.length === 0 ? null : { crm, account, name, changes };
  return { account, missing, withheld: withheld !== null, write };
}

/** Plans to take back what a run wrote into accounts and nobody changed since. */
async function planUndo(context: TaskContext, payload: Planning, rollups: AccountRollups): Promise<Save> {
  const { deps, run, runtime } = context;
  const { crm } = payload;
  const sync = runtime.settings.name;
  let at = payload;
  for (;;) {
    const wrote = await deps.store.rollupsWrittenBy(sync, run.undoes ?? '', crm, at.after ?? '', PAGE);
    const fields = ROLLUP_FIELDS.filter((field) =>
      wrote.some(({ sent }) => sent.some((one) => one.field === field)),
    );
    const read = await readAccounts(
      context,
      rollups,
      wrote.map(({ account }) => account),
      fields,
    );
    const planned: PlannedRollup[] = [];
    let [accounts, kept, example] = [at.accounts, at.missing, at.example];
    for (const { account, name, sent } of wrote) {
      const undone = undoRollup(sent, read.get(account)?.values ?? {}, run.by);
      if (undone.changes.length > 0) planned.push({ crm, account, name, changes: undone.changes });
      // One that is only left as it is, is no account in step.
      if (undone.changes.length > 0 || undone.kept.length === 0) accounts += 1;
      if (undone.kept.length === 0) continue;
      kept += 1;
      example ??= account;
    }
    const after = wrote.at(-1)?.account ?? at.after;
    at = { ...at, after, accounts, missing: kept, example };
    const save: Save = async (tx) => {
      await tx.noteAccounts(
        sync,
        crm,
        [...read].map(([account, one]) => noteOf(account, one)),
      );
      await tx.planRollups(sync, run.run, planned);
    };
    if (wrote.length < PAGE) {
      // Counted under the same name on the way; what is left as it is, is not missing.
      const remarks = kept === 0 ? [] : [editedSince(crm, kept, example)];
      return both(save, ending(context, { ...at, missing: 0 }, remarks));
    }
    await keepPage(context, at, save);
  }
}

/** Keeps a page with the place to go on from: after a crash planning continues there. */
async function keepPage(context: TaskContext, reached: Planning, save: Save): Promise<void> {
  const { deps, task } = context;
  await deps.store.tx(async (tx) => {
    await save(tx);
    if (!(await tx.checkpointTask(task.id, task.epoch, reached))) throw context.stale();
  });
}

/** The last page is kept together with what was found in all of them. */
function both(save: Save, end: Save): Save {
  return async (tx) => {
    await save(tx);
    await end(tx);
  };
}

function noteOf(account: RecordId, { name, values }: AccountValues) {
  return { account, name, held: values };
}

function ending(context: TaskContext, at: Planning, problems: readonly RollupRemark[]): Save {
  const { run, runtime } = context;
  const { crm, accounts, withheld, mixed, missing, example } = at;
  const found = {
    ...{ run: run.run, accounts, withheld },
    problems: [
      ...problems,
      ...(withheld === 0 ? [] : [notAdded(runtime.rates !== undefined, withheld, mixed)]),
      ...(missing === 0 ? [] : [notFound(crm, missing, example)]),
    ],
  };
  return (tx: StoreTx) => tx.saveRollupFindings(runtime.settings.name, crm, found);
}
