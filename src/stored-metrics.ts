/** Metrics of a sync's stored records. */
import type { Kysely } from 'kysely';
import type { AccountFacts } from './core/account-facts.ts';
import { withFindings } from './core/findings.ts';
import type { Crm, EpochMs } from './core/ids.ts';
import type { MetricsDocument, PairedRecord } from './core/measure-portfolio.ts';
import { answerMetrics, type MetricsQuery } from './core/measure-query.ts';
import { measuredRecord } from './core/measure-snapshot.ts';
import type { Fields } from './core/opportunity.ts';
import type { SyncSettings } from './core/settings.ts';
import type { Store } from './core/store-port.ts';
import { measuredRows, watchedSince } from './store/measures.ts';

/**
 * Answers a query from the state, as the last run left it. What the accounts were is taken from the latest run that
 * described them. Each pair counts once, as the sync's first CRM has it.
 */
export async function storedMetrics(
  db: Kysely<unknown>,
  store: Store,
  settings: SyncSettings,
  query: MetricsQuery,
  now: EpochMs,
  staleAfterDays: number,
): Promise<MetricsDocument> {
  const runs = await store.listRuns(settings.name, 50);
  const facts: Readonly<Record<Crm, AccountFacts>> =
    runs.find((run) => settings.sides.every((crm) => run.facts[crm] !== undefined))?.facts ?? {};
  const observedSince = await watchedSince(db, settings.name);
  const records: PairedRecord[] = [];
  const one = sharedTexts();
  for await (const row of measuredRows(db, settings.name)) {
    const { crm, id, fields, verdict, pair, history } = row;
    const evidence = withFindings(row.evidence, crm, row.findings ?? [], now);
    const record = measuredRecord({
      snapshot: { crm: one(crm), id, fields: shortTexts(fields, one), evidence },
      verdict,
      history,
      observedSince,
      account: one(textOf(row.account)),
    });
    records.push({ record: { ...record, pipeline: one(record.pipeline), stage: one(record.stage) }, pair });
  }
  const known = settings.sides.map((crm) => facts[crm] ?? { crm, stages: [], timeZone: 'UTC' });
  return answerMetrics({ records, facts: known, readAt: now, staleAfterDays }, query);
}

/** Few values are said by many records: each is kept once, so that memory grows with the records and not with their texts. */
function sharedTexts(): <T extends string | null>(text: T) => T {
  const known = new Map<string, string>();
  return <T extends string | null>(text: T): T => {
    if (text === null) return text;
    const found = known.get(text);
    if (found !== undefined) return found as T;
    known.set(text, text);
    return text;
  };
}

/** The fields metrics read; of a next step only that there is one. */
function shortTexts(fields: Fields, one: <T extends string | null>(text: T) => T): Fields {
  const kept: Record<string, string | null> = {};
  for (const name of ['owner', 'currency', 'closeDate'] as const) kept[name] = one(fields[name] ?? null);
  for (const name of ['name', 'stage', 'amount'] as const) kept[name] = fields[name] ?? null;
  kept['nextStep'] = (fields['nextStep'] ?? '').trim() === '' ? null : 'x';
  return kept;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}
