/** Two stores that are asked the same questions in the same order: the first difference between their answers is an error. */
import assert from 'node:assert/strict';
import type { Store, StoreTx } from '../../src/core/store-port.ts';

export interface Twins {
  /** A store whose every operation is carried out by both. */
  join(one: Store, other: Store): Store;
  /** How often each operation was asked. */
  readonly asked: ReadonlyMap<string, number>;
}

/** Parts of answers that only reports for people use, and texts that each store makes in its own way. */
const LEFT_OUT = new Set(['attention', 'duration_ms', 'basis']);

export function createTwins(): Twins {
  const asked = new Map<string, number>();
  let turn: Promise<unknown> = Promise.resolve();
  let basis = '';

  /** One after the other, so that both see them in the same order. */
  function alone<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  }

  async function both(
    one: StoreTx,
    other: StoreTx,
    name: string,
    given: readonly unknown[],
  ): Promise<unknown> {
    asked.set(name, (asked.get(name) ?? 0) + 1);
    const ask = async (store: StoreTx, args: readonly unknown[]): Promise<unknown> => {
      const operation = Reflect.get(store, name) as (...all: readonly unknown[]) => Promise<unknown>;
      return operation(...args);
    };
    // What proposals were made from is a text of each store's own making, given back to it later.
    const a = await ask(one, name === 'saveMatching' ? given.with(5, basis) : given);
    const b = await ask(other, given);
    if (name === 'matchingBasis') basis = (a as { basis: string }).basis;
    assert.deepEqual(plain(a), plain(b), `the stores answer ${name}(${JSON.stringify(given)}) differently`);
    return b;
  }

  const joined = (one: StoreTx, other: StoreTx): StoreTx =>
    new Proxy(other, {
      get:
        (_target, name) =>
        (...given: unknown[]) =>
          both(one, other, String(name), given),
    });

  return {
    asked,
    join: (one, other) =>
      new Proxy(other, {
        get(_target, name) {
          if (name === 'worker') return other.worker;
          if (name === 'tx')
            return (work: (tx: StoreTx) => Promise<unknown>) =>
              alone(() => one.tx((first) => other.tx((second) => work(joined(first, second)))));
          return (...given: unknown[]) => alone(() => both(one, other, String(name), given));
        },
      }),
  };
}

/** As it would come back from JSON: nothing is as good as absent. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return plain(Object.fromEntries(value));
  const text = JSON.stringify(value, (key, inner: unknown) =>
    LEFT_OUT.has(key) || inner === null ? undefined : inner,
  );
  return text === undefined ? null : JSON.parse(text);
}
