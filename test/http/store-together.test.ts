import assert from 'node:assert/strict';
import { OppsyncError } from '../../src/core/errors.ts';
import type { NewEvent } from '../../src/core/inbox-port.ts';
import { storeTogether } from '../../src/http/store-together.ts';

const event = (key: string): NewEvent => ({
  ...{ sync: 'main', crm: 'left', id: key, kind: 'changed', key, account: 'a', at: null },
});

describe('deliveries stored together', () => {
  /** An inbox whose statements end when they are let through. */
  const openInbox = (refuse: (events: readonly NewEvent[]) => Error | null = () => null) => {
    const committed: string[] = [];
    const under: (() => void)[] = [];
    let statements = 0;
    const storeEvents = async (events: readonly NewEvent[]): Promise<number> => {
      statements += 1;
      await new Promise<void>((resolve) => under.push(resolve));
      const error = refuse(events);
      if (error !== null) throw error;
      committed.push(...events.map(({ key }) => key));
      return events.length;
    };
    const store = storeTogether({ storeEvents }, { now: () => 1 });
    const letThrough = async (): Promise<void> => {
      while (under.length > 0) {
        under.shift()?.();
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    return { store, committed, letThrough, statements: () => statements };
  };

  it('a hundred at once take two statements, and none is done before it is committed', async () => {
    const inbox = openInbox();
    const done: string[] = [];
    const all = Array.from({ length: 100 }, (_, at) =>
      inbox.store([event(`k${at}`)]).then(() => {
        assert.ok(inbox.committed.includes(`k${at}`));
        done.push(`k${at}`);
      }),
    );
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(done, []);
    await inbox.letThrough();
    await Promise.all(all);
    assert.equal(done.length, 100);
    assert.equal(inbox.statements(), 2);
  });

  it('no statement grows without limit, and a delivery is never torn apart', async () => {
    const inbox = openInbox();
    const large = (name: string) => Array.from({ length: 1_500 }, (_, at) => event(`${name}${at}`));
    const all = [inbox.store([event('first')]), inbox.store(large('a')), inbox.store(large('b'))];
    await inbox.letThrough();
    await Promise.all(all);
    assert.deepEqual([inbox.statements(), inbox.committed.length], [3, 3_001]);
  });

  it('one that cannot be stored fails alone', async () => {
    const inbox = openInbox((events) =>
      events.some(({ key }) => key === 'bad') ? new Error('refused') : null,
    );
    const all = ['first', 'good', 'bad', 'fine'].map((key) => inbox.store([event(key)]));
    const results = Promise.allSettled(all);
    await inbox.letThrough();
    assert.deepEqual(
      (await results).map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(inbox.committed, ['first', 'good', 'fine']);
  });

  it('a database that is away is not asked once per delivery', async () => {
    const away = new OppsyncError({
      ...{
        recovery: 'retry',
        code: 'database.unreachable',
        message: 'away',
        remedy: 'wait',
        unreachable: true,
      },
    });
    const inbox = openInbox(() => away);
    const results = Promise.allSettled(['a', 'b', 'c', 'd'].map((key) => inbox.store([event(key)])));
    await inbox.letThrough();
    assert.ok((await results).every(({ status }) => status === 'rejected'));
    assert.equal(inbox.statements(), 2);
  });
});
