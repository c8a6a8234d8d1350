/** What must hold after every schedule. Reads the truth log, the final states and the reports, never the engine's tables. */
import { isBlank } from '../../src/core/compare.ts';
import { REQUIRED, sameMeaning, setByCrm, twinOf } from './meaning.ts';
import { creations } from './oracle-creations.ts';
import { idOf } from './population.ts';
import type { Side } from './schedule.ts';
import type { TruthEntry } from './truth.ts';
import type { World } from './world.ts';

export interface Findings {
  /** Broken promises, each beginning with its number. */
  readonly broken: readonly string[];
  /** Human edits overwritten between the engine's last reading of a record and its write: the known limit of the CRMs' APIs. */
  readonly lostInGap: number;
}

const OTHER: Readonly<Record<Side, Side>> = { left: 'right', right: 'left' };

export function examine(world: World): Findings {
  const broken = [
    ...rest(world),
    ...convergence(world),
    ...writes(world),
    ...deletions(world),
    ...accounts(world),
    ...creations(world),
  ];
  const { lost, gaps } = kept(world);
  return { broken: [...broken, ...lost], lostInGap: gaps };
}

/** I2: it comes to rest, and stays there. */
function* rest(world: World): Iterable<string> {
  if (world.passesToRest === null) yield 'I2 it never came to rest';
  if (world.writesAtRest > 0) yield `I2 ${world.writesAtRest} writes after it had come to rest`;
}

/** I1: both sides of a pair mean the same, or it is said that they do not. I9: and share a key nobody else has. */
function* convergence(world: World): Iterable<string> {
  const open = world.openConflicts;
  const keys = new Map<string, string[]>();
  for (const side of ['left', 'right'] as const)
    for (const id of world.sides[side].ids()) {
      const { deleted, owned } = world.sides[side].current(id);
      const key = owned['pairKey'] ?? null;
      if (key !== null && !deleted) keys.set(`${side} ${key}`, [...(keys.get(`${side} ${key}`) ?? []), id]);
    }
  for (const [key, ids] of keys) if (ids.length > 1) yield `I9 ${key} stands in ${ids.join(' and ')}`;
  for (let record = 0; record < world.schedule.world.pairs; record++) {
    const [left, right] = [idOf('left', record), idOf('right', record)];
    const [a, b] = [world.sides.left.current(left), world.sides.right.current(right)];
    if (a.deleted || b.deleted) continue;
    const blank = REQUIRED.some(
      (field) => isBlank(a.fields[field] ?? null) || isBlank(b.fields[field] ?? null),
    );
    // A CRM that does not save the record without this field was told so, and its own words stand in the quarantine.
    if (blank && (world.quarantined.has(left) || world.quarantined.has(right))) continue;
    if (a.owned['pairKey'] === null || a.owned['pairKey'] !== b.owned['pairKey'])
      yield `I9 ${left} and ${right} bear the keys ${a.owned['pairKey']} and ${b.owned['pairKey']}`;
    for (const field of Object.keys(world.settings.fields)) {
      const [x, y] = [a.fields[field] ?? null, b.fields[field] ?? null];
      if (sameMeaning(world, field, x, y)) continue;
      if (open.has(`${left}/${right}.${field}`)) {
        for (const id of [left, right])
          if (lacksAuthor(world, id, field))
            yield `I3 the conflict over ${id}.${field} does not tell who set it, and when`;
        continue;
      }
      if (world.schedule.world.blank === 'ignore' && isBlank(x) !== isBlank(y)) continue;
      // A date that a CRM set by itself when a person closed the deal is not carried as if the person had.
      if (field === 'closeDate' && [left, right].some((id) => setByCrm(world, id, field))) continue;
      yield `I1 ${left} and ${right} differ in ${field} (${x} and ${y}) and nobody says so`;
    }
    if (sameMeaning(world, 'stage', a.fields['stage'] ?? null, b.fields['stage'] ?? null))
      for (const field of ['status', 'outcome', 'phase'])
        if (a.owned[field] !== b.owned[field])
          yield `I1 ${left} and ${right} were told different ${field}: ${a.owned[field]} and ${b.owned[field]}`;
  }
}

/** What a person set last stands in a conflict, the CRM tells who it was, and the conflict does not. */
function lacksAuthor(world: World, id: string, field: string): boolean {
  if (!world.tells.includes(field) || world.signed.has(`${id}.${field}`)) return false;
  return world.truth.entries.findLast((entry) => entry.id === id && entry.field === field)?.actor === 'human';
}

/** I3 and I10: what a person wrote last is still there, or reached the other side, or fell into the gap that cannot be closed. */
function kept(world: World): { lost: string[]; gaps: number } {
  const lost: string[] = [];
  let gaps = 0;
  const { entries } = world.truth;
  // Other policies choose a winner where both sides moved: the loser is lost on purpose.
  if (world.schedule.world.policy !== 'ask') return { lost, gaps };
  for (const edit of entries) {
    if (edit.actor !== 'human' || edit.action !== 'set' || isBlank(edit.after)) continue;
    const later = entries.slice(edit.seq).filter((entry) => sameField(entry, edit));
    const over = later.find((entry) => !sameMeaning(world, edit.field, entry.after, edit.after));
    // Still there, or changed by a person, who knew what they did.
    if (over === undefined || over.actor === 'human') continue;
    if (repeated(world, edit)) continue;
    const other = OTHER[edit.crm as Side];
    const twin = twinOf(edit.id);
    const reached = entries.some(
      (entry) =>
        entry.crm === other &&
        entry.id === twin &&
        entry.field === edit.field &&
        entry.seq < over.seq &&
        sameMeaning(world, edit.field, entry.after, edit.after),
    );
    if (reached) continue;
    if (over.knew >= 0 && over.knew < edit.seq) gaps += 1;
    else
      lost.push(
        `I3 ${edit.id}.${edit.field} = ${edit.after} (${edit.seq}) was overwritten by ${over.after} (${over.seq})`,
      );
  }
  return { lost, gaps };
}

/** I4, I11 and I12: each value is carried once, only what differs is sent, and no blank is made up. */
function* writes(world: World): Iterable<string> {
  const { entries } = world.truth;
  const stalls = world.schedule.events.some((event) => event.what.is === 'stall');
  const carried = new Map<string, TruthEntry>();
  for (const entry of entries) {
    if (entry.actor !== 'engine' || entry.field.startsWith('owned.')) continue;
    const key = `${entry.id}.${entry.field}=${entry.after}`;
    const before = carried.get(key);
    carried.set(key, entry);
    // A process that was taken for dead while it wrote may write what another one has written meanwhile.
    const again = before !== undefined && !editedBetween(entries, before, entry);
    if (again && !isBlank(entry.after) && entry.field !== 'stage' && !stalls)
      yield `I4 ${key} was written twice (${before.seq} and ${entry.seq})`;
    if (isBlank(entry.after) && !isBlank(entry.before) && !blanked(world, entry))
      yield `I12 ${entry.id}.${entry.field} was blanked (${entry.seq}) although nobody blanked its counterpart`;
  }
  if (stalls) return;
  for (const side of ['left', 'right'] as const)
    for (const what of world.sides[side].needless()) yield `I11 ${what} was sent although it was there`;
}

/** Where a person, or the CRM, has changed it meanwhile, the value may be put there once more. */
function editedBetween(entries: readonly TruthEntry[], first: TruthEntry, second: TruthEntry): boolean {
  return entries
    .slice(first.seq, second.seq)
    .some((entry) => entry.actor !== 'engine' && sameField(entry, second));
}

/** Has a person blanked the counterpart's field before? */
function blanked(world: World, write: TruthEntry): boolean {
  if (world.schedule.world.blank !== 'propagate') return false;
  return world.truth.entries.some(
    (entry) =>
      entry.seq < write.seq &&
      entry.actor === 'human' &&
      entry.crm === OTHER[write.crm as Side] &&
      entry.id === twinOf(write.id) &&
      entry.field === write.field &&
      isBlank(entry.after),
  );
}

/** I5: nothing is deleted, restored or written after its deletion but by people. */
function* deletions(world: World): Iterable<string> {
  const gone = new Set<string>();
  for (const entry of world.truth.entries) {
    if (entry.action === 'delete') gone.add(entry.id);
    if (entry.action === 'restore') gone.delete(entry.id);
    if (entry.action !== 'set' && entry.action !== 'create' && entry.actor === 'engine')
      yield `I5 the engine did ${entry.action} ${entry.id}`;
    if (entry.actor === 'engine' && gone.has(entry.id)) yield `I5 ${entry.id} was written after its deletion`;
  }
  for (const side of ['left', 'right'] as const)
    for (const id of world.sides[side].ids())
      if (world.sides[side].current(id).deleted !== gone.has(id)) yield `I5 ${id} is not as people left it`;
}

/** I13: every record read ended in exactly one outcome. */
function* accounts(world: World): Iterable<string> {
  for (const { run, report } of world.ended) {
    if (report === null) continue;
    const read = Object.values(report.read).reduce((sum, n) => sum + n, 0);
    const told = Object.values(report.outcomes).reduce((sum, n) => sum + n, 0);
    if (read !== told) yield `I13 run ${run} read ${read} records and accounts for ${told}`;
  }
}

/** Values that came back cannot be told from values that stayed (the A-B-A limit of comparing states). */
function repeated(world: World, edit: TruthEntry): boolean {
  if (edit.field !== 'stage') return false;
  const values = new Set([edit.id, twinOf(edit.id)]);
  const same = world.truth.entries.filter(
    (entry) => values.has(entry.id) && entry.field === 'stage' && entry.seq !== edit.seq,
  );
  return same.some(
    (entry) =>
      sameMeaning(world, 'stage', entry.before, edit.after) ||
      sameMeaning(world, 'stage', entry.after, edit.after),
  );
}

function sameField(x: TruthEntry, y: TruthEntry): boolean {
  return x.crm === y.crm && x.id === y.id && x.action === 'set' && x.field === y.field;
}
