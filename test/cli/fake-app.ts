import type { Config } from '../../config/load.ts';
import { settingsOf } from '../../config/settings.ts';
import type { App, SyncStatus } from '../../src/app.ts';
import type { MetricsDocument } from '../../src/core/measure-portfolio.ts';
import { answerMetrics } from '../../src/core/measure-query.ts';
import type { PairingReport } from '../../src/core/pairing-report.ts';
import type { PlannedChange, PlanView, RunReport } from '../../src/core/report.ts';
import type { SyncSettings } from '../../src/core/settings.ts';
import { createLog } from '../../src/observability/log.ts';

export const DIGEST = '0123456789abcdef';

export function report(changes: Partial<RunReport> = {}): RunReport {
  return {
    run: 'r_1',
    sync: 'main',
    mode: 'plan',
    read: { salesforce: 3, hubspot: 2 },
    pairs: {
      linked: 2,
      adopted: 1,
      certain: 0,
      ask: 0,
      ambiguous: 0,
      orphans: { salesforce: 1, hubspot: 0 },
    },
    verdicts: { active: 2, won: 2, lost: 1, cancelled: 0, unknown: 0 },
    outcomes: { quarantined: 0, conflict: 0, held: 0, changed: 2, unpaired: 1, excluded: 0, in_sync: 2 },
    writes: { salesforce: { update: 0, create: 0, failed: 0 }, hubspot: { update: 0, create: 0, failed: 0 } },
    calls: { salesforce: 4, hubspot: 5 },
    brakes: [],
    plan: { digest: DIGEST, changes: 2 },
    duration_ms: 1234,
    converged: false,
    problems: [],
    attention: [],
    ...changes,
  };
}

export const VIEW: PlanView = {
  digest: DIGEST,
  sync: 'main',
  run: 'r_1',
  state: 'open',
  createdAt: 0,
  expiresAt: 86_400_000,
  records: { salesforce: 0, hubspot: 2 },
  changes: 2,
  predictedCalls: { salesforce: 0, hubspot: 2 },
  byReason: [{ reason: 'copied', field: 'amount', crm: 'hubspot', count: 2 }],
};

export function change(id: string, changes: Partial<PlannedChange> = {}): PlannedChange {
  return {
    crm: 'hubspot',
    id,
    name: `Deal ${id}`,
    pairKey: null,
    field: 'amount',
    owned: false,
    before: '1',
    after: '2',
    reason: 'copied',
    sentence: 'Salesforce changed the amount.',
    ...changes,
  };
}

export const STATUS: SyncStatus = {
  sync: 'main',
  records: { salesforce: 3, hubspot: 2 },
  pairs: 2,
  outcomes: { in_sync: 2 },
  conflicts: 0,
  quarantined: 0,
  lastRun: null,
  lastGood: null,
  openPlan: VIEW,
  schedule: null,
  brakes: [],
  events: { waiting: 0, since: null, failing: null, refused: null, held: null, full: false, stuck: false },
  changeEvents: null,
};

/** The metrics of nothing. */
export const METRICS: MetricsDocument = answerMetrics(
  { records: [], facts: [], readAt: 0, staleAfterDays: 30 },
  { asOf: null, period: { from: null, to: null }, by: [], crm: null, quota: null, rates: null },
);

export const PAIRING: PairingReport = {
  sync: 'main',
  sides: ['salesforce', 'hubspot'],
  records: { salesforce: 4, hubspot: 3 },
  pairs: [
    {
      ids: { salesforce: '006A', hubspot: '11' },
      names: { salesforce: '=Arkona GmbH – Audit', hubspot: 'Audit, Arkona' },
      band: 'certain',
      score: 0.9987,
      facts: [{ code: 'name_same' }, { code: 'date_near', n: 3 }],
    },
  ],
  orphans: { salesforce: ['006C'], hubspot: [] },
  duplicates: { salesforce: [['006A', '006B']], hubspot: [] },
};

/** An application in memory; `overrides` take the place of single methods. `closed` counts how often it was closed. */
export function fakeApp(config: Config, overrides: Partial<App> = {}): App & { closed: number } {
  const log = createLog({ level: 'error' });
  const app = {
    closed: 0,
    log,
    syncs: Object.keys(config.syncs).map((name) => settingsOf(config, name).settings as SyncSettings),
    run: async (sync: string, mode: 'plan' | 'sync') => report({ sync, mode }),
    apply: async (sync: string) => report({ sync, mode: 'apply', converged: true }),
    plan: async () => VIEW,
    async *planChanges() {
      yield change('1');
      yield change('2');
    },
    status: async () => STATUS,
    orderSchedule: async () => null,
    runs: async () => [],
    runReport: async () => null,
    explain: async () => [],
    readAndPair: async () => {},
    pairing: async () => PAIRING,
    decidePairs: async () => ({ batch: 'd_1_abcd', decided: 1, skipped: [] }),
    undoPairs: async () => ({ batch: 'd_2_abcd', decided: 1, skipped: [] }),
    facts: async () => ({}),
    metrics: async () => METRICS,
    compareProfiles: async () => ({ profiles: [], example: null }),
    stages: async () => ({ stages: [], sides: [] }),
    provision: async () => [],
    conflicts: async () => [],
    resolveConflicts: async () => [],
    quarantine: async () => [],
    replayQuarantine: async () => [],
    undo: async (sync: string) => report({ sync, mode: 'undo' }),
    keptByUndo: async () => [],
    createdBy: async () => [],
    audit: async () => [],
    verifyAudit: async () => ({ rows: 0, head: { n: 0, hash: '' }, fault: null }),
    verify: async (sync: string) => ({
      ...{ sync, at: 0, read: { salesforce: 3, hubspot: 2 }, pairs: 2, agree: 2 },
      ...{ fields: {}, waiting: {}, differing: [] },
    }),
    migrate: async () => [],
    serve: async () => {},
    async close() {
      app.closed += 1;
    },
    ...overrides,
  } satisfies App & { closed: number };
  return app;
}
