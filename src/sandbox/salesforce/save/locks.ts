import { ApiError } from '../errors.ts';
import type { Draft } from './draft.ts';
import type { Transaction } from './transaction.ts';

/** Accounts locked by API writes in flight: a write to a child locks its parent Account (salesforce.md §4.4). */
export class AccountLocks {
  readonly #held = new Map<string, Promise<void>>();

  /**
   * Takes each free Account at once and waits up to `waitMs` for the others.
   * Returns what could not be had, and the release of what could.
   */
  async acquire(
    ids: ReadonlySet<string>,
    waitMs: number,
  ): Promise<{ blocked: Set<string>; release: () => void }> {
    const deadline = performance.now() + waitMs;
    const blocked = new Set<string>();
    for (const id of [...ids].sort()) {
      for (let holder = this.#held.get(id); holder !== undefined; holder = this.#held.get(id)) {
        const left = deadline - performance.now();
        if (left <= 0 || !(await settlesWithin(holder, left))) {
          blocked.add(id);
          break;
        }
      }
    }
    const mine = [...ids].filter((id) => !blocked.has(id) && !this.#held.has(id));
    for (const id of ids) if (!mine.includes(id)) blocked.add(id);
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const id of mine) this.#held.set(id, promise);
    const release = (): void => {
      for (const id of mine) this.#held.delete(id);
      resolve();
    };
    return { blocked, release };
  }
}

async function settlesWithin(promise: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const settled = await Promise.race([promise.then(() => true as const), timeout]);
  clearTimeout(timer);
  return settled;
}

/** Refuses a draft whose Account another transaction holds. */
export function checkLock(tx: Transaction, draft: Draft): void {
  if (tx.blockedAccounts.size === 0) return;
  const isAccount = draft.table.type.name === 'Account';
  const ids = isAccount ? [draft.id] : [draft.get('AccountId'), draft.was('AccountId')];
  for (const id of ids) {
    if (typeof id !== 'string' || !tx.blockedAccounts.has(id)) continue;
    throw new ApiError(
      'UNABLE_TO_LOCK_ROW',
      `unable to obtain exclusive access to this record or 1 records: ${id}`,
      {
        fields: [],
      },
    );
  }
}
