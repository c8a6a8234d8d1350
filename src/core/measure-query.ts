/** What is asked of metrics, and the answer for records that are there with their accounts' facts. */
import { dayOf, type Period } from './calendar.ts';
import type { Crm, DecimalText, EpochMs, PlainDate } from './ids.ts';
import { compareCounterparts } from './measure-agreement.ts';
import {
  countedRecords,
  type Division,
  type MetricsDocument,
  measurePortfolio,
  type PairedRecord,
} from './measure-portfolio.ts';
import type { MeasureContext } from './measure-record.ts';
import { stageBook } from './measure-snapshot.ts';
import type { AccountFacts } from './ports.ts';
import type { RateTable } from './rates.ts';

export interface MetricsQuery {
  /** Null = today, in the workspace's zone. */
  readonly asOf: PlainDate | null;
  readonly period: Period;
  readonly by: readonly Division[];
  /** Count the records of this CRM only; null = each opportunity once. */
  readonly crm: Crm | null;
  readonly quota: DecimalText | null;
  readonly rates: RateTable | null;
}

export interface Portfolio {
  readonly records: readonly PairedRecord[];
  /** In the order in which the records of a pair count. */
  readonly facts: readonly Pick<AccountFacts, 'crm' | 'stages' | 'timeZone'>[];
  /** When the records were read. */
  readonly readAt: EpochMs;
  readonly staleAfterDays: number;
}

/** Answers a query. The workspace's zone is that of the first account. */
export function answerMetrics(portfolio: Portfolio, query: MetricsQuery): MetricsDocument {
  const { facts, readAt, staleAfterDays } = portfolio;
  const timeZone = facts[0]?.timeZone ?? 'UTC';
  const present = dayOf(readAt, timeZone);
  const context: MeasureContext = {
    asOf: query.asOf ?? present,
    present,
    timeZone,
    period: query.period,
    stages: stageBook(facts),
    staleAfterDays,
    quota: query.quota,
  };
  const { records, paired } = countedRecords(
    withCounterparts(portfolio.records),
    facts.map(({ crm }) => crm),
    query.crm,
  );
  return measurePortfolio(records, context, { by: query.by, rates: query.rates }, paired);
}

/** Each record of a pair with how it compares with the other one. */
function withCounterparts(found: readonly PairedRecord[]): readonly PairedRecord[] {
  const pairs = new Map<string, PairedRecord[]>();
  for (const entry of found) {
    if (entry.pair === null) continue;
    const members = pairs.get(entry.pair) ?? [];
    members.push(entry);
    pairs.set(entry.pair, members);
  }
  return found.map((entry) => {
    const others = entry.pair === null ? [] : (pairs.get(entry.pair) ?? []);
    const other = others.find(({ record }) => record.crm !== entry.record.crm);
    if (other === undefined) return entry;
    return {
      ...entry,
      record: { ...entry.record, counterpart: compareCounterparts(entry.record, other.record) },
    };
  });
}
