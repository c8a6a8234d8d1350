/** What must hold of records that oppsync made: never two for one, never one for what is gone, and as much a pair as any other. */
import { isBlank } from '../../src/core/compare.ts';
import { REQUIRED, sameMeaning, setByCrm, twinOf } from './meaning.ts';
import type { Side } from './schedule.ts';
import type { TruthEntry } from './truth.ts';
import type { World } from './world.ts';

/** I8, I9, I5 and I1 for counterparts that were made. Reads the truth log and the final states only. */
export function* creations(world: World): Iterable<string> {
  const { entries } = world.truth;
  const open = world.openConflicts;
  const sources = new Map<string, string>();
  for (const entry of entries) {
    if (entry.action !== 'create') continue;
    const key = entry.after ?? '';
    // Records that are made are named after their originals (simulated-creator.ts).
    const source = twinOf(entry.id.replace(/\..*$/, ''));
    const before = sources.get(source);
    if (before !== undefined) yield `I8 ${source} got two counterparts, ${before} and ${entry.id}`;
    sources.set(source, entry.id);
    const side: Side = source.startsWith('L') ? 'left' : 'right';
    if (side === entry.crm) yield `I8 ${entry.id} was made on the side of its original ${source}`;
    const linked = Number(source.slice(1)) < world.schedule.world.pairs ? twinOf(source) : null;
    if (linked !== null && wasThere(entries.slice(0, entry.seq - 1), source, linked))
      yield `I5 ${entry.id} was made although ${source} has or had the counterpart ${linked}`;
    const [original, made] = [
      world.sides[side].current(source),
      world.sides[entry.crm as Side].current(entry.id),
    ];
    if (original.deleted || made.deleted) continue;
    if (made.owned['pairKey'] !== key) yield `I8 ${entry.id} bears ${made.owned['pairKey']} and not ${key}`;
    if (original.owned['pairKey'] !== key)
      yield `I8 ${source} and ${entry.id} are not linked: the original bears ${original.owned['pairKey']}`;
    const ids = side === 'left' ? `${source}/${entry.id}` : `${entry.id}/${source}`;
    for (const field of Object.keys(world.settings.fields)) {
      const [x, y] = [original.fields[field] ?? null, made.fields[field] ?? null];
      if (sameMeaning(world, field, x, y) || open.has(`${ids}.${field}`)) continue;
      if (world.schedule.world.blank === 'ignore' && isBlank(x) !== isBlank(y)) continue;
      if (field === 'closeDate' && (setByCrm(world, source, field) || setByCrm(world, entry.id, field)))
        continue;
      // A CRM that does not save the record without this field was told so, and its own words stand in the quarantine.
      const refused = world.quarantined.has(source) || world.quarantined.has(entry.id);
      if (refused && REQUIRED.includes(field) && isBlank(x) !== isBlank(y)) continue;
      yield `I1 ${ids} differ in ${field} (${x} and ${y}) and nobody says so`;
    }
  }
}

/** Was the counterpart there, or known to oppsync to have been? One deleted before anybody looked leaves no trace. */
function wasThere(before: readonly TruthEntry[], source: string, linked: string): boolean {
  const last = before.findLast(
    ({ id, action }) => id === linked && (action === 'delete' || action === 'restore'),
  );
  if (last?.action !== 'delete') return true;
  return before.some(
    ({ id, actor, field }) =>
      (id === source || id === linked) && actor === 'engine' && field === 'owned.pairKey',
  );
}
