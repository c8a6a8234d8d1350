/** The inbox of the store in memory: the meaning of src/store/inbox.ts. */
import type { EventTrouble, InboxTx } from '../../src/core/inbox-port.ts';
import { ascending, recordKey, Table, type Tables } from './memory-store-tables.ts';

export function inboxInMemory(tables: Tables): InboxTx {
  const { inbox, runs } = tables;
  const troubles = new Table<EventTrouble>(tables.undo);
  return {
    async storeEvents(events, now) {
      let fresh = 0;
      for (const event of events) {
        const key = `${event.sync}/${event.crm}/${event.key}`;
        if (inbox.get(key) !== undefined) continue;
        inbox.put(key, { ...event, n: tables.nextId('event'), receivedAt: now, run: null, doneAt: null });
        fresh += 1;
      }
      return fresh;
    },

    async waitingEvents() {
      const waiting = Map.groupBy(
        inbox.where((row) => row.run === null),
        (row) => row.sync,
      );
      return [...waiting]
        .map(([sync, list]) => ({
          sync,
          events: list.length,
          since: Math.min(...list.map((row) => row.receivedAt)),
        }))
        .sort((x, y) => ascending(x.sync, y.sync));
    },

    async oldestEvents(syncs, now) {
      return [...syncs].sort(ascending).flatMap((sync) => {
        if ((troubles.get(sync)?.nextAt ?? now) > now) return [];
        const [first] = inbox.where((row) => row.sync === sync && row.run === null).sort((x, y) => x.n - y.n);
        return first === undefined ? [] : [{ sync, since: first.receivedAt }];
      });
    },

    async eventsHeld(sync, now) {
      const own = tables.plans.where((plan) => plan.sync === sync);
      if (!own.some((plan) => plan.state === 'applied')) return 'unapproved';
      const parked = own.some(
        ({ state, expiresAt, run }) =>
          state === 'open' &&
          expiresAt >= now &&
          runs.get(run)?.mode === 'events' &&
          runs.get(run)?.state === 'parked',
      );
      return parked ? 'parked' : null;
    },

    async takeEvents(sync, run, limit) {
      const taken = inbox
        .where((row) => row.sync === sync && row.run === null)
        .sort((x, y) => x.n - y.n)
        .slice(0, limit);
      for (const row of taken) inbox.put(`${row.sync}/${row.crm}/${row.key}`, { ...row, run });
      return taken.length;
    },

    async deliveryOf(run) {
      const [first] = inbox
        .where((row) => row.run === run && row.delivery !== undefined)
        .sort((x, y) => x.n - y.n);
      return first?.delivery ?? null;
    },

    async eventRecords(run, crm, account, after, limit) {
      const named = inbox.where(
        (row) => row.run === run && row.crm === crm && row.account === account && row.id > after,
      );
      return [...new Set(named.map((row) => row.id))].sort(ascending).slice(0, limit);
    },

    async namedChanged(sync, run, crm, limit) {
      const named = inbox.where((row) => row.run === run && row.crm === crm);
      const changed = named.filter(({ id, kind }) => {
        const snapshot = tables.snapshots.get(recordKey(sync, crm, id));
        return snapshot !== undefined && !snapshot.deleted && (snapshot.dirty || kind === 'linked');
      });
      return [...new Set(changed.map((row) => row.id))].sort(ascending).slice(0, limit);
    },

    async settleEvents(run, now) {
      for (const row of inbox.where((one) => one.run === run && one.doneAt === null))
        inbox.put(`${row.sync}/${row.crm}/${row.key}`, { ...row, doneAt: now });
    },

    async releaseEvents(run) {
      for (const row of inbox.where((one) => one.run === run && one.doneAt === null))
        inbox.put(`${row.sync}/${row.crm}/${row.key}`, { ...row, run: null });
    },

    async eventTrouble(sync) {
      return troubles.get(sync) ?? null;
    },

    async noteEventTrouble(sync, trouble) {
      if (trouble === null) troubles.remove(sync);
      else troubles.put(sync, trouble);
    },

    async pruneEvents(before) {
      const old = inbox.where((row) => row.receivedAt < before);
      for (const row of old) inbox.remove(`${row.sync}/${row.crm}/${row.key}`);
      return old.length;
    },

    async knownAccounts(syncs, since) {
      return syncs.flatMap((sync) => {
        const [last] = runs
          .where(
            (run) =>
              run.sync === sync &&
              run.startedAt >= since &&
              run.factsOf == null &&
              Object.keys(run.facts).length > 0,
          )
          .sort((x, y) => y.startedAt - x.startedAt);
        return Object.entries(last?.facts ?? {}).map(([crm, { accountId }]) => ({
          ...{ sync, crm },
          account: accountId,
        }));
      });
    },
  };
}
