/** Metrics of a sync's stored records. */
import type { Kysely } from 'kysely';
import type { Crm, EpochMs } from './core/ids.ts';
import type { MetricsDocument, PairedRecord } from './core/measure-portfolio.ts';
import { answerMetrics, type MetricsQuery } from './core/measure-query.ts';
import { measuredRecord } from './core/measure-snapshot.ts';
import type { AccountFacts } from './core/ports.ts';
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
  for await (const { crm, id, fields, evidence, verdict, pair, history } of measuredRows(db, settings.name)) {
    records.push({
      record: measuredRecord({ snapshot: { crm, id, fields, evidence }, verdict, history, observedSince }),
      pair,
    });
  }
  const known = settings.sides.map((crm) => facts[crm] ?? { crm, stages: [], timeZone: 'UTC' });
  return answerMetrics({ records, facts: known, readAt: now, staleAfterDays }, query);
}
