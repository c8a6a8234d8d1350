/** What is proven, by which tests, and how much of it: what `npm run proof` runs and docs/proof.md tells. */

export interface Proof {
  readonly name: string;
  readonly claim: string;
  readonly files: readonly string[];
  /** Run after the tests, with its arguments; ends with 0 when the claim holds. */
  readonly script?: readonly string[];
  /** Measures beyond those of every test run, by the variable that sets them. */
  readonly full: Readonly<Record<string, string>>;
}

export const PROOFS: readonly Proof[] = [
  {
    name: 'decisions',
    claim: 'decisions about pairs: converge, mirrored, one outcome each, nothing made up',
    files: ['test/core/reconcile-properties.test.ts'],
    full: { OPPSYNC_TEST_GROUPS: '50000' },
  },
  {
    name: 'engine',
    claim: 'the whole engine between CRMs in memory keeps every promise',
    files: ['test/simulation/whole-engine.test.ts'],
    full: { OPPSYNC_TEST_SCHEDULES: '20000' },
  },
  {
    name: 'sandbox',
    claim: 'the whole engine with its connectors between the sandbox simulators does too',
    files: ['test/simulation/sandbox/whole-engine.test.ts'],
    full: { OPPSYNC_TEST_SANDBOX_SCHEDULES: '3000' },
  },
  {
    name: 'http',
    claim: 'and over real HTTP, with the state in PostgreSQL',
    files: ['test/simulation/sandbox/over-http.test.ts'],
    full: { OPPSYNC_TEST_HTTP_SCHEDULES: '25' },
  },
  {
    name: 'creations',
    claim: 'counterparts are made once, whatever dies or gets lost',
    files: ['test/simulation/creations.test.ts'],
    full: { OPPSYNC_TEST_CREATIONS: '20000' },
  },
  {
    name: 'same',
    claim: 'what may not matter does not: crashes, other records, one run or two, which CRM is which',
    files: ['test/simulation/metamorphic.test.ts'],
    full: { OPPSYNC_TEST_METAMORPHIC: '2000' },
  },
  {
    name: 'planted',
    claim: 'engines broken on purpose are found out, in memory and between the simulators',
    files: ['test/simulation/planted-bugs.test.ts', 'test/simulation/sandbox/planted-bugs.test.ts'],
    full: {},
  },
  {
    name: 'undo',
    claim: 'undo restores every field nobody edited since, over 300 random runs',
    files: ['test/engine/undo.test.ts'],
    full: { OPPSYNC_UNDO_RUNS: '300' },
  },
  {
    name: 'pairing',
    claim: '20,000 sales entered twice: certain pairs >= 99.5 % right, >= 97 % found; linear to 100,000',
    files: ['test/core/match.test.ts'],
    script: ['scripts/bench-pairing.ts', '--sizes', '5000,20000,100000'],
    full: {},
  },
  {
    name: 'brakes',
    claim: '7 disasters × 3 portfolios write nothing; 200 ordinary runs are not stopped',
    files: ['test/engine/brakes.test.ts'],
    full: { OPPSYNC_ORDINARY_RUNS: '200' },
  },
  {
    name: 'events',
    claim:
      'all events lost or heard: the same end; hostile ones refused; 10,000 of one edit: 110 reads at most',
    files: [
      'test/simulation/lost-events.test.ts',
      'test/http/hostile-webhooks.test.ts',
      'test/e2e/webhooks.test.ts',
    ],
    script: ['scripts/bench-events.ts', '--pipeline'],
    full: { OPPSYNC_TEST_SCHEDULES: '10000' },
  },
  {
    name: 'audit',
    claim: '1,000 tamperings with the audit are found at the right row',
    files: ['test/store/audit.test.ts'],
    full: {},
  },
  {
    name: 'peers',
    claim:
      'where other ways fail: poisoned record, deletion in between, death half-way, limits, cut readings',
    files: ['test/e2e/peers-failures.test.ts'],
    full: {},
  },
  {
    name: 'kills',
    claim: 'killed at ten moments and run again: as if nothing had happened',
    files: ['test/e2e/killed.test.ts'],
    full: {},
  },
];
