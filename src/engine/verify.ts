import { type AgreementReport, comparePair, type Difference } from '../core/agreement-report.ts';
import type { Group, GroupMember } from '../core/group.ts';
import type { Crm } from '../core/ids.ts';
import type { Snapshot } from '../core/opportunity.ts';
import type { RunRow } from '../core/store-rows.ts';
import type { EngineDeps, SyncRuntime } from './deps.ts';
import { readFacts } from './facts.ts';
import { reconcileContext } from './reconcile-context.ts';

const PAIRS = 1_000;

/**
 * How far the two CRMs agree: reads both completely and compares every pair, without writing to a CRM or to the state, so
 * that an open plan stays as it is. Why something differs is what a run would decide now.
 */
export async function verify(
  deps: EngineDeps,
  runtime: SyncRuntime,
  signal: AbortSignal,
): Promise<AgreementReport> {
  const { store, clock } = deps;
  const { name, sides, fields } = runtime.settings;
  const facts = await readFacts(runtime, signal);
  const at = clock.now();
  const rules = reconcileContext(runtime, { run: 'verify', facts, startedAt: at });
  const held = new Map<Crm, ReadonlyMap<string, GroupMember>>();
  await Promise.all(sides.map(async (crm) => held.set(crm, await readAll(runtime, crm, { facts, signal }))));
  const counts = Object.fromEntries(
    Object.keys(fields).map((field) => [field, { agree: 0, differ: 0, unread: 0 }]),
  );
  const differing: Difference[] = [];
  let [pairs, agree] = [0, 0];
  for (let after = ''; ; ) {
    const keys = await store.pairKeys(name, after, PAIRS);
    for (const group of await store.loadGroups(
      name,
      keys.map((key) => `pair:${key}`),
    )) {
      const now = asHeld(group, held);
      if (now.members.length < 2) continue;
      const compared = comparePair(now, rules);
      for (const [field, how] of Object.entries(compared.fields)) {
        const count = counts[field];
        if (count !== undefined) count[how]++;
      }
      differing.push(...compared.differing);
      pairs++;
      if (compared.differing.length === 0) agree++;
    }
    const last = keys[keys.length - 1];
    if (last === undefined || keys.length < PAIRS) break;
    after = last;
  }
  const waiting: Record<string, number> = {};
  for (const { why } of differing) waiting[why] = (waiting[why] ?? 0) + 1;
  const read = Object.fromEntries(sides.map((crm) => [crm, held.get(crm)?.size ?? 0]));
  return { sync: name, at, read, pairs, agree, fields: counts, waiting, differing };
}

type Reading = Pick<RunRow, 'facts'> & { readonly signal: AbortSignal };

/** Everything a CRM shows, without the native fields. */
async function readAll(
  runtime: SyncRuntime,
  crm: Crm,
  { facts, signal }: Reading,
): Promise<ReadonlyMap<string, GroupMember>> {
  const connector = runtime.connectors[crm];
  const about = facts[crm];
  if (connector === undefined || about === undefined) throw new Error(`no connector for ${crm}`);
  const found = new Map<string, GroupMember>();
  for (let position = await connector.startRead(null, about, signal); ; ) {
    const page = await connector.readPage(position, about, signal);
    for (const snapshot of page.snapshots) if (!snapshot.deleted) found.set(snapshot.id, member(snapshot));
    if (page.next === null) return found;
    position = page.next;
  }
}

function member({ raw: _raw, ...kept }: Snapshot): GroupMember {
  return kept;
}

/** The group with its records as the CRMs hold them now; records that are gone are left out. */
function asHeld(group: Group, held: ReadonlyMap<Crm, ReadonlyMap<string, GroupMember>>): Group {
  const members = group.members.flatMap(({ crm, id, findings }) => {
    const now = held.get(crm)?.get(id);
    return now === undefined ? [] : [findings === undefined ? now : { ...now, findings }];
  });
  return { ...group, members };
}
