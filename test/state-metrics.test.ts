import assert from 'node:assert/strict';
import { NEW_QUOTA } from '../src/core/quota.ts';
import { NEW_DAY } from '../src/core/quota-day.ts';
import type { EngineDeps } from '../src/engine/deps.ts';
import { watchEventLoop } from '../src/observability/event-loop.ts';
import { exposition } from '../src/observability/prometheus.ts';
import { processMetrics, queueMetrics } from '../src/process-metrics.ts';
import { quotaMetrics } from '../src/quota-metrics.ts';
import { stateMetrics } from '../src/state-metrics.ts';
import { createStore } from '../src/store/create-store.ts';
import { sharedQuotas } from '../src/store/quotas.ts';
import { recordCounts } from '../src/store/record-counts.ts';
import { runCounters } from '../src/store/run-counters.ts';
import { schedules } from '../src/store/schedules.ts';
import { type TestDatabase, testDatabase } from './support/database.ts';

const IDLE = { waiting: 0, active: 0, delayed: 0, failed: 0 };
const DEPTHS = { pull: { ...IDLE, waiting: 1 }, reconcile: IDLE, push: IDLE, measure: IDLE };

describe('metrics of the state', () => {
  let database: TestDatabase;
  before(async () => {
    database = await testDatabase();
  });
  after(() => database.drop());

  it('counts runs, calls and stopped plans from the rows, and watches the event loop', async () => {
    const { db, pool } = await database.openDatabase();
    await pool.query(`insert into syncs values ('main', 'x', 0)`);
    for (const [run, state, problems, calls] of [
      ['r1', 'done', '[]', '{"salesforce":3,"hubspot":5}'],
      [
        'r2',
        'parked',
        '[{"brake":"flips","message":"m"},{"brake":"changed","message":"m"}]',
        '{"hubspot":2}',
      ],
      ['r3', 'parked', '[{"brake":"flips","message":"m"}]', '{}'],
    ])
      await pool.query(
        `insert into runs (run, sync, mode, phase, state, by_whom, owner, full_read, settings_digest, facts, problems, calls, started_at)
         values ($1, 'main', 'sync', 'finish', $2, 'ana', 1, true, 'x', '{}', $3, $4, 0)`,
        [run, state, problems, calls],
      );
    await pool.query(`insert into cursors values ('main', 'hubspot', '{}', 1764000000000)`);
    await createStore(db, 1).storeEvents(
      ['a', 'b'].map((key) => ({
        ...{ sync: 'main', crm: 'hubspot', id: key, key, account: '7' },
        ...{ kind: 'changed' as const, at: null },
      })),
      1_764_000_000_000,
    );
    watchEventLoop();
    await new Promise(setImmediate);
    const hundred = Array.from({ length: 100 }, (_, n) => `other-${n}`);
    const parts = {
      deps: {
        store: createStore(db, 1),
        clock: { now: () => 1_764_000_012_500 },
      } as unknown as EngineDeps,
      syncs: new Map<string, number | null>([['main', 26], ...hundred.map((name) => [name, null] as const)]),
      counts: () => recordCounts(db),
      counters: () => runCounters(db, ['main', ...hundred]),
      schedules: schedules(db),
    };
    await schedules(db).load(['main'], 1_764_000_012_500 - 27 * 3_600_000);
    const queue = { depth: async () => DEPTHS };
    const text = exposition([
      ...(await stateMetrics(parts)),
      ...(await queueMetrics(queue)),
      ...processMetrics(),
    ]);
    // A run that is forgotten stays counted.
    await pool.query(`delete from runs where run = 'r2'`);
    for (const line of [
      'oppsync_runs_total{sync="main",state="parked"} 2',
      'oppsync_crm_calls_total{sync="main",crm="hubspot"} 7',
      'oppsync_brake_trips_total{sync="main",brake="flips"} 2',
      'oppsync_brake_trips_total{sync="main",brake="changed"} 1',
      'oppsync_read_timestamp_seconds{sync="main",crm="hubspot"} 1764000000',
      'oppsync_inbox_events{sync="main"} 2',
      'oppsync_inbox_age_seconds{sync="main"} 12.5',
      'oppsync_nightly_overdue{sync="main"} 1',
      'oppsync_queue_jobs{queue="pull",state="waiting"} 1',
      '# TYPE oppsync_crm_calls_total counter',
    ])
      assert.ok(text.includes(`${line}\n`), `${line} in\n${text}`);
    assert.match(
      exposition(await stateMetrics(parts)),
      /oppsync_runs_total\{sync="main",state="parked"\} 2\n/,
    );
    await sharedQuotas(db).write('connections.hub', 0, {
      ...NEW_QUOTA,
      day: { ...NEW_DAY, limit: 1_000, used: 250, toldAt: 1, resetsAt: Date.now() + 3_600_000 },
    });
    const accounts = ['hub', 'never called'].map((connection) => ({
      ...{ connection, crm: 'hubspot', account: `connections.${connection}` },
    }));
    const allowance = exposition(await quotaMetrics(accounts, sharedQuotas(db)));
    for (const line of [
      'oppsync_crm_quota_calls{connection="hub",crm="hubspot"} 1000',
      'oppsync_crm_quota_remaining_calls{connection="hub",crm="hubspot"} 750',
    ])
      assert.ok(allowance.includes(`${line}\n`), allowance);
    assert.doesNotMatch(allowance, /never/);
    assert.match(text, /oppsync_event_loop_delay_seconds\{quantile="0.99"\} \d/);
  });
});
