/** Do the two records of a pair say the same, and how long did a change take to reach the other CRM? */
import { sameValue } from './compare.ts';
import { quantile, ratio } from './measure-amount.ts';
import {
  type Agreement,
  changesOf,
  type HistoryField,
  type MeasuredRecord,
  standingOf,
} from './measure-record.ts';

export interface AgreementMeasures {
  readonly linked_count: number;
  readonly agreement_rate: number | null;
  readonly agreement_time_p50_seconds: number | null;
  readonly agreement_time_p95_seconds: number | null;
}

/** Stage keys differ between CRMs, so a stage is compared by what it means: the standing. */
const COMPARED: readonly HistoryField[] = ['status', 'amount', 'closeDate'];

/**
 * Compares the records of a pair: same standing (status and outcome), same amount and currency, same close date. Blank
 * agrees with blank only. A currency that one side does not name is not held against it.
 */
export function compareCounterparts(a: MeasuredRecord, b: MeasuredRecord): Agreement {
  return {
    agrees:
      standingOf(a) === standingOf(b) &&
      sameValue('decimal', a.amount, b.amount) &&
      (a.currency === null || b.currency === null || a.currency === b.currency) &&
      sameValue('date', a.closeDate, b.closeDate),
    secondsToAgreement: COMPARED.flatMap((field) => [
      ...secondsUntil(a, b, field),
      ...secondsUntil(b, a, field),
    ]),
  };
}

/**
 * - `agreement_rate` linked opportunities whose two records agree ÷ linked opportunities; null without any.
 * - `agreement_time_p50_seconds`, `…_p95_seconds` from an observed change in one CRM to the same value in the other;
 *   null when none was observed. The median and the 95th percentile, linear between ranks.
 */
export function measureAgreement(records: readonly MeasuredRecord[]): AgreementMeasures {
  const linked = records.flatMap((record) => record.counterpart ?? []);
  const seconds = linked.flatMap((agreement) => agreement.secondsToAgreement);
  return {
    linked_count: linked.length,
    agreement_rate: ratio(linked.filter((agreement) => agreement.agrees).length, linked.length),
    agreement_time_p50_seconds: quantile(seconds, 0.5),
    agreement_time_p95_seconds: quantile(seconds, 0.95),
  };
}

/** For each change of one record, the wait until the other held that value, unless the first moved on before. */
function secondsUntil(
  source: MeasuredRecord,
  target: MeasuredRecord,
  field: HistoryField,
): readonly number[] {
  const kind = field === 'amount' ? 'decimal' : field === 'closeDate' ? 'date' : 'text';
  const followers = changesOf(target, field);
  return changesOf(source, field).flatMap((change, index, all) => {
    const until = all[index + 1]?.at ?? Number.POSITIVE_INFINITY;
    const follower = followers.find(
      (entry) => entry.at >= change.at && entry.at <= until && sameValue(kind, entry.to, change.to),
    );
    return follower === undefined ? [] : [(follower.at - change.at) / 1000];
  });
}
