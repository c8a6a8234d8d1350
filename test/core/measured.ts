/** Records to measure, with everything but what a test is about filled in. */

import { measurePortfolio } from '../../src/core/measure-portfolio.ts';
import type {
  HistoryField,
  MeasureContext,
  MeasuredRecord,
  StageFact,
} from '../../src/core/measure-record.ts';
import type { ScopeMetrics } from '../../src/core/measure-scope.ts';

const STAGES = ['Discovery', 'Proposal', 'Negotiation', 'Won', 'Lost'].map(
  (label, order): [string, StageFact] => [
    label,
    {
      ...{ key: label, label, pipeline: 'Sales', order },
      ...{ closed: order >= 3, won: order === 3, probability: [0.1, 0.5, 0.8, 1, 0][order] ?? null },
    },
  ],
);

export const CONTEXT: MeasureContext = {
  asOf: '2026-06-30',
  present: '2026-06-30',
  timeZone: 'UTC',
  period: { from: null, to: null },
  stages: new Map([['crm', new Map(STAGES)]]),
  staleAfterDays: 30,
  quota: null,
};

let count = 0;

/** An open opportunity in the first stage, watched since its creation on 1 January 2026. */
export function opportunity(changes: Partial<MeasuredRecord> = {}): MeasuredRecord {
  return {
    crm: 'crm',
    id: String(++count),
    name: 'An opportunity',
    ...{ pipeline: 'Sales', stage: 'Discovery', owner: 'ann@example.com', account: 'Acme' },
    ...{ amount: '100', currency: 'USD', probability: 0.5 },
    ...{ createdAt: '2026-01-01', closeDate: '2026-07-31', closedAt: null, stageChangedAt: null },
    ...{ status: 'active', outcome: null, phase: 'prospecting', engagement: 'unknown' },
    completeness: { accepted: null, contract: null, finance: null },
    ...{ lastContactAt: null, nextStep: null, reason: null, referenceAsked: null },
    ...{ observedSince: 0, history: [], counterpart: null },
    ...changes,
  };
}

/** One that ended on that day. */
export function closed(
  outcome: 'won' | 'lost' | 'cancelled',
  day: string,
  changes: Partial<MeasuredRecord> = {},
) {
  const stage = outcome === 'won' ? 'Won' : 'Lost';
  return opportunity({
    ...{ status: 'closed', outcome, phase: null, stage, closeDate: day, probability: null },
    ...changes,
  });
}

/** Noon of a day. */
export function at(day: string): number {
  return Date.parse(`${day}T12:00:00Z`);
}

/** A change seen at noon of that day. */
export function seen(day: string, field: HistoryField, from: string | null, to: string | null) {
  return { at: at(day), field, from, to };
}

/** The metrics of records that are all of one currency. */
export function measured(
  records: readonly MeasuredRecord[],
  context: Partial<MeasureContext> = {},
): ScopeMetrics {
  const document = measurePortfolio(records, { ...CONTEXT, ...context }, { by: [], rates: null });
  const [only, ...others] = document.scopes;
  if (only === undefined || others.length > 0) throw new Error(`${document.scopes.length} scopes`);
  return only.metrics;
}
