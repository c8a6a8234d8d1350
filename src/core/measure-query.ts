/** What is asked of metrics, and the answer for records that are there with their accounts' facts. */

import type { AccountFacts } from './account-facts.ts';
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
import type { MeasureContext, MeasuredRecord } from './measure-record.ts';
import { stageBook } from './measure-snapshot.ts';
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
  const counted = countedRecords(
    portfolio.records,
    facts.map(({ crm }) => crm),
    query.crm,
  );
  const records = withCounterparts(counted.records, portfolio.records);
  return measurePortfolio(records, context, { by: query.by, rates: query.rates }, counted.paired);
}

/** The counted records, those of a pair with how they compare with the other one. */
function withCounterparts(
  counted: readonly MeasuredRecord[],
  found: readonly PairedRecord[],
): readonly MeasuredRecord[] {
  const members = new Map<string, MeasuredRecord[]>();
  const pairOf = new Map<MeasuredRecord, string>();
  for (const { record, pair } of found) {
    if (pair === null) continue;
    pairOf.set(record, pair);
    const list = members.get(pair);
    if (list === undefined) members.set(pair, [record]);
    else list.push(record);
  }
  return counted.map((record) => {
    const pair = pairOf.get(record);
    const other = pair === undefined ? undefined : members.get(pair)?.find(({ crm }) => crm !== record.crm);
    if (other === undefined) return record;
    return {
      ...record,
      // What the counted record does not say, the other record of the opportunity may.
      pipeline: record.pipeline ?? other.pipeline,
      account: record.account ?? other.account,
      owner: record.owner ?? other.owner,
      counterpart: compareCounterparts(record, other),
    };
  });
}
