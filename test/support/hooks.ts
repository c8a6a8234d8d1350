/** Root hooks of every mocha run. */
// jsforce first, whole: loaded after its own lib/connection.js, which the connector imports, it lacks Connection.
import 'jsforce';
import fc from 'fast-check';
import nock from 'nock';
import { casesTold } from './case-count.ts';
import { stopTestServer } from './database.ts';

/**
 * Properties are drawn from one seed, so that a red run can be repeated and a landing does not hang on the draw; another
 * OPPSYNC_TEST_SEED, or `npm run soak`, explores.
 */
const SEED = Number(process.env['OPPSYNC_TEST_SEED'] ?? 20_261_123);
fc.configureGlobal({ seed: SEED });

// Coverage is that of the tests' own process: measuring each program they start as well would cost a fifth of the time.
delete process.env['NODE_V8_COVERAGE'];

const unmatched: string[] = [];

export const mochaHooks = {
  beforeAll(): void {
    process.env['NODE_ENV'] = 'test';
    nock.emitter.on(
      'no match',
      (request: { method?: string; path?: string; host?: string; hostname?: string }) => {
        // Calls to servers of the tests themselves are meant to go out.
        if (/^(127\.0\.0\.1|localhost|\[?::1)/.test(request.hostname ?? request.host ?? '')) return;
        unmatched.push(`${request.method ?? '?'} ${request.path ?? '?'}`);
      },
    );
  },
  /** nock 15 answers an unmatched request to a known host with 501: a retry loop would swallow it, so fail the test. */
  afterEach(): void {
    if (nock.isActive() && nock.pendingMocks().length === 0 && unmatched.length === 0) return;
    const seen = unmatched.splice(0);
    nock.cleanAll();
    if (seen.length > 0 && nock.isActive()) throw new Error(`unmatched HTTP requests: ${seen.join(', ')}`);
  },
  async afterAll(): Promise<void> {
    const told = casesTold();
    if (told !== null) console.log(`\n  ${told}, seed ${SEED}`);
    await stopTestServer();
  },
};
