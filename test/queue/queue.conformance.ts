/** What every queue promises, whatever it stands on. */
import assert from 'node:assert/strict';
import { OppsyncError } from '../../src/core/errors.ts';
import type { Job, JobHandler, JobOutcome, Queue } from '../../src/core/queue-port.ts';
import type { RetryRule } from '../../src/queue/run-worker.ts';
import { eventually, Gate } from './waiting.ts';

/** Opens another queue on the same storage: what one adds the other sees. `shared: false` = one process only. */
export interface QueueUnderTest {
  readonly name: string;
  readonly shared: boolean;
  open(retry: RetryRule): Promise<Queue>;
}

const QUICK: RetryRule = { attempts: 3, delayMs: () => 20 };

export function job(id: string, queue: Job['queue'] = 'pull'): Job {
  return { queue, id, run: 'r_1', task: id, epoch: 1 };
}

/** Does every job at once and notes its id. */
export function collecting(ran: string[]): JobHandler {
  return async ({ id }) => {
    ran.push(id);
    return { is: 'done' };
  };
}

export function describeQueue(under: QueueUnderTest): void {
  describe(`queue on ${under.name}`, function () {
    this.timeout(30_000);
    let queues: Queue[] = [];
    const open = async (): Promise<Queue> => {
      const queue = await under.open(QUICK);
      queues.push(queue);
      return queue;
    };
    afterEach(async () => {
      await Promise.all(queues.map((queue) => queue.close(2000)));
      queues = [];
    });

    /** Runs handlers that answer in turn; the last answer repeats. Answers the list of job ids as they ran. */
    async function workWith(queue: Queue, answers: (JobOutcome | Error)[], name: Job['queue'] = 'pull') {
      const ran: string[] = [];
      await queue.work(
        name,
        async ({ id }) => {
          const answer = answers[Math.min(ran.length, answers.length - 1)] ?? { is: 'done' };
          ran.push(id);
          if (answer instanceof Error) throw answer;
          return answer;
        },
        { concurrency: 1 },
      );
      return ran;
    }

    const emptied = async (queue: Queue, name: Job['queue'] = 'pull'): Promise<void> =>
      eventually(async () => {
        const { waiting, active, delayed } = (await queue.depth())[name];
        assert.deepEqual({ waiting, active, delayed }, { waiting: 0, active: 0, delayed: 0 });
      });

    it('hands every job over once, whole, in order, and keeps nothing of it', async () => {
      const queue = await open();
      const jobs = [job('a'), job('b'), job('c')];
      await queue.add(jobs);
      assert.equal((await queue.depth()).pull.waiting, 3);
      const seen: Job[] = [];
      await queue.work(
        'pull',
        async (one) => {
          seen.push(one);
          return { is: 'done' };
        },
        { concurrency: 1 },
      );
      await eventually(() => assert.equal(seen.length, 3));
      await emptied(queue);
      assert.deepEqual(seen, jobs);
      assert.equal((await queue.depth()).pull.failed, 0);
    });

    it('keeps the queues apart', async () => {
      const queue = await open();
      await queue.add([job('a', 'push'), job('a', 'pull'), job('b', 'push')]);
      const depth = await queue.depth();
      assert.deepEqual([depth.push.waiting, depth.pull.waiting, depth.reconcile.waiting], [2, 1, 0]);
      const ran = await workWith(queue, [{ is: 'done' }], 'push');
      await emptied(queue, 'push');
      assert.deepEqual(ran, ['a', 'b']);
      assert.equal((await queue.depth()).pull.waiting, 1);
    });

    it('takes equal ids that wait as one job', async () => {
      const queue = await open();
      await queue.add([job('a'), job('a'), job('b')]);
      await queue.add([job('a')]);
      assert.equal((await queue.depth()).pull.waiting, 2);
      const ran = await workWith(queue, [{ is: 'done' }]);
      await emptied(queue);
      assert.deepEqual(ran, ['a', 'b']);
      await queue.add([job('a')]);
      await eventually(() => assert.deepEqual(ran, ['a', 'b', 'a']));
    });

    it('runs a job once more when it is added while running, and never twice at once', async () => {
      const queue = await open();
      const gate = new Gate();
      let running = 0;
      let most = 0;
      let runs = 0;
      await queue.work(
        'pull',
        async () => {
          running += 1;
          most = Math.max(most, running);
          runs += 1;
          if (runs === 1) await gate.passed;
          running -= 1;
          return { is: 'done' };
        },
        { concurrency: 4 },
      );
      await queue.add([job('a')]);
      await eventually(() => assert.equal(runs, 1));
      await queue.add([job('a')]);
      await queue.add([job('a')]);
      gate.open();
      await eventually(() => assert.equal(runs, 2));
      await emptied(queue);
      assert.deepEqual({ runs, most }, { runs: 2, most: 1 });
    });

    it('runs as many at once as it is told', async () => {
      const queue = await open();
      const gate = new Gate();
      let running = 0;
      let most = 0;
      await queue.work(
        'pull',
        async () => {
          running += 1;
          most = Math.max(most, running);
          await gate.passed;
          running -= 1;
          return { is: 'done' };
        },
        { concurrency: 3 },
      );
      await queue.add(['a', 'b', 'c', 'd', 'e'].map((id) => job(id)));
      await eventually(() => assert.equal(running, 3));
      assert.deepEqual((await queue.depth()).pull, { waiting: 2, active: 3, delayed: 0, failed: 0 });
      gate.open();
      await emptied(queue);
      assert.equal(most, 3);
    });

    it('runs again what says again', async () => {
      const queue = await open();
      await queue.add([job('a')]);
      const ran = await workWith(queue, [{ is: 'again' }, { is: 'again' }, { is: 'done' }]);
      await eventually(() => assert.equal(ran.length, 3));
      await emptied(queue);
      assert.deepEqual(ran, ['a', 'a', 'a']);
    });

    it('waits as long as a job says, while others go on', async () => {
      const queue = await open();
      const began = performance.now();
      await queue.add([job('a'), job('b')]);
      const ran = await workWith(queue, [{ is: 'later', afterMs: 400 }, { is: 'done' }]);
      await eventually(() => assert.deepEqual(ran, ['a', 'b']));
      assert.equal((await queue.depth()).pull.delayed, 1);
      await eventually(() => assert.deepEqual(ran, ['a', 'b', 'a']));
      assert.ok(performance.now() - began >= 390);
      await emptied(queue);
    });

    it('brings a waiting job forward when it is added anew', async () => {
      const queue = await open();
      await queue.add([job('a')]);
      const ran = await workWith(queue, [{ is: 'later', afterMs: 3_600_000 }, { is: 'done' }]);
      await eventually(async () => assert.equal((await queue.depth()).pull.delayed, 1));
      await queue.add([job('a')]);
      await eventually(() => assert.deepEqual(ran, ['a', 'a']));
      await emptied(queue);
    });

    it('tries a passing fault again, a bounded number of times, and then counts it as failed', async () => {
      const queue = await open();
      await queue.add([job('a')]);
      const ran = await workWith(queue, [new Error('broken')]);
      await eventually(async () => assert.equal((await queue.depth()).pull.failed, 1));
      await emptied(queue);
      assert.equal(ran.length, QUICK.attempts);
      await queue.add([job('a')]);
      await eventually(() =>
        assert.ok(ran.length > QUICK.attempts, 'a failed job must not block its successor'),
      );
    });

    it('does not try again what trying cannot mend', async () => {
      const queue = await open();
      await queue.add([job('a')]);
      const details = { recovery: 'stop', code: 'X', message: 'no permission', remedy: 'grant it' } as const;
      const ran = await workWith(queue, [new OppsyncError(details)]);
      await eventually(async () => assert.equal((await queue.depth()).pull.failed, 1));
      assert.equal(ran.length, 1);
    });

    it('counts a job that says failed as failed, at once', async () => {
      const queue = await open();
      await queue.add([job('a')]);
      const ran = await workWith(queue, [{ is: 'failed', reason: 'cannot be done' }]);
      await eventually(async () => assert.equal((await queue.depth()).pull.failed, 1));
      await emptied(queue);
      assert.equal(ran.length, 1);
    });

    it('waits out a limit without using up attempts', async () => {
      const queue = await open();
      await queue.add([job('a')]);
      const limit = {
        recovery: 'wait',
        code: 'X',
        message: 'too many',
        remedy: 'wait',
        retryAfterMs: 10,
      } as const;
      const limits = Array.from({ length: QUICK.attempts + 2 }, () => new OppsyncError(limit));
      const ran = await workWith(queue, [...limits, { is: 'done' }]);
      await eventually(() => assert.equal(ran.length, limits.length + 1));
      await emptied(queue);
      assert.equal((await queue.depth()).pull.failed, 0);
    });

    it('waits for running jobs when it closes, and takes no more', async () => {
      const queue = await open();
      const gate = new Gate();
      const ended: string[] = [];
      await queue.work(
        'pull',
        async ({ id }) => {
          await gate.passed;
          ended.push(id);
          return { is: 'done' };
        },
        { concurrency: 1 },
      );
      await queue.add([job('a'), job('b')]);
      await eventually(async () => assert.equal((await queue.depth()).pull.active, 1));
      const closing = queue.close(10_000);
      gate.open();
      await closing;
      assert.deepEqual(ended, ['a']);
    });

    it('tells jobs that take too long to stop, and closes all the same', async () => {
      const queue = await open();
      let told: unknown;
      let stubborn = 0;
      const handler = (one: Job, signal: AbortSignal): Promise<JobOutcome> =>
        new Promise((_, reject) => {
          if (one.id === 'stubborn') stubborn += 1;
          else
            signal.addEventListener('abort', () => {
              told = signal.reason;
              reject(signal.reason);
            });
        });
      await queue.work('pull', handler, { concurrency: 2 });
      await queue.add([job('heeding'), job('stubborn')]);
      await eventually(async () => assert.equal((await queue.depth()).pull.active, 2));
      const began = performance.now();
      await queue.close(100);
      assert.ok(performance.now() - began < 6000);
      assert.equal(stubborn, 1);
      await eventually(() => assert.ok(told instanceof Error));
    });

    if (!under.shared) return;

    it('shares jobs among processes: each runs once', async () => {
      const [one, two, adder] = await Promise.all([open(), open(), open()]);
      const [first, second] = await Promise.all([
        workWith(one, [{ is: 'done' }]),
        workWith(two, [{ is: 'done' }]),
      ]);
      const ids = Array.from({ length: 40 }, (_, index) => `job-${index}`);
      await adder.add(ids.map((id) => job(id)));
      await eventually(() => assert.equal(first.length + second.length, ids.length));
      await emptied(adder);
      assert.deepEqual([...first, ...second].sort(), ids.sort());
    });

    it('loses no job among workers that postpone and fail', async () => {
      const ids = Array.from({ length: 60 }, (_, index) => `job-${index}`);
      const runs = new Map<string, number>();
      const done: string[] = [];
      const handler: JobHandler = async ({ id }) => {
        const nth = (runs.get(id) ?? 0) + 1;
        runs.set(id, nth);
        if (nth === 1) return { is: 'later', afterMs: 5 };
        if (nth === 2) throw new Error('broken once');
        if (nth === 3) return { is: 'again' };
        done.push(id);
        return { is: 'done' };
      };
      const workers = await Promise.all([open(), open()]);
      for (const queue of workers) await queue.work('pull', handler, { concurrency: 5 });
      await workers[0]?.add(ids.map((id) => job(id)));
      await eventually(() => assert.equal(done.length, ids.length), 20_000);
      assert.deepEqual(done.sort(), ids.sort());
      assert.ok([...runs.values()].every((count) => count === 4));
    });

    it('hands a job that was interrupted by closing to another process', async () => {
      const [one, two] = await Promise.all([open(), open()]);
      const handler = (_: Job, signal: AbortSignal): Promise<JobOutcome> =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      await one.work('pull', handler, { concurrency: 1 });
      await one.add([job('a')]);
      await eventually(async () => assert.equal((await two.depth()).pull.active, 1));
      await one.close(50);
      const ran = await workWith(two, [{ is: 'done' }]);
      await eventually(() => assert.deepEqual(ran, ['a']));
      await emptied(two);
    });

    it('runs again what a process that vanished left behind', async () => {
      const [one, two] = await Promise.all([open(), open()]);
      await one.work('pull', () => new Promise<JobOutcome>(() => undefined), { concurrency: 1 });
      await one.add([job('a')]);
      await eventually(async () => assert.equal((await two.depth()).pull.active, 1));
      await one.close(1);
      const ran = await workWith(two, [{ is: 'done' }]);
      await eventually(() => assert.deepEqual(ran, ['a']), 20_000);
      await emptied(two);
    });
  });
}
