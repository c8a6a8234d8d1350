/** What people, and the CRMs themselves, do to records. */
import { freshValue, idOf } from './population.ts';
import type { Happening, Side, TextField, WorldPlan } from './schedule.ts';
import { stageKey } from './simulated-account.ts';
import type { SimulatedCrm } from './simulated-crm.ts';

export interface People {
  meet(what: Happening): void;
}

export function createPeople(sides: Readonly<Record<Side, SimulatedCrm>>, world: WorldPlan): People {
  let values = 0;
  const target = (side: Side, record: number): string => {
    if (world.create === undefined) return idOf(side, record % (world.pairs + world.singles));
    // Records that oppsync made are edited like others.
    const ids = [...sides[side].records.keys()];
    return ids[record % ids.length] ?? '';
  };
  /** A value nobody has used before, so that it can be told where it came from. */
  const fresh = (field: TextField): string => {
    values += 1;
    return freshValue(field, values);
  };

  return {
    meet(what) {
      if (!('side' in what)) return;
      const crm = sides[what.side];
      if (crm.records.size === 0) return;
      switch (what.is) {
        case 'edit':
          crm.edit(target(what.side, what.record), what.field, what.blank ? null : fresh(what.field));
          return;
        case 'stage':
          crm.edit(target(what.side, what.record), 'stage', stageKey(what.side, what.stage));
          return;
        case 'delete':
          crm.remove(target(what.side, what.record));
          return;
        case 'restore':
          crm.restore(target(what.side, what.record));
          return;
        case 'refuse':
          crm.refused.add(target(what.side, what.record));
          return;
        case 'hide':
          crm.hidden.add(what.field);
          return;
        case 'show':
          crm.hidden.clear();
          return;
        case 'fault':
          crm.faults.push(what.fault);
      }
    },
  };
}
