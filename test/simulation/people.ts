/** What people, and the CRMs themselves, do to records. */
import type { Fields } from '../../src/core/opportunity.ts';
import type { CrmUnderTest } from './crm-under-test.ts';
import { twinOf } from './meaning.ts';
import { freshValue, idOf } from './population.ts';
import type { Happening, Side, TextField, WorldPlan } from './schedule.ts';
import { stageKey } from './simulated-account.ts';

export interface People {
  meet(what: Happening): void;
}

export function createPeople(sides: Readonly<Record<Side, CrmUnderTest>>, world: WorldPlan): People {
  let values = 0;
  const target = (side: Side, record: number): string => {
    if (world.create === undefined) return idOf(side, record % (world.pairs + world.singles));
    // Records that oppsync made are edited like others.
    const ids = [...sides[side].ids()];
    return ids[record % ids.length] ?? '';
  };
  /** What the record of the same number holds on the other side; nothing when there is none. */
  const counterpart = (side: Side, record: number): Fields => {
    const other = sides[side === 'left' ? 'right' : 'left'];
    const twin = twinOf(target(side, record));
    return [...other.ids()].includes(twin) ? other.current(twin).fields : {};
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
      if ([...crm.ids()].length === 0) return;
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
          crm.refuse(target(what.side, what.record), counterpart(what.side, what.record));
          return;
        case 'hide':
          crm.hide(what.field);
          return;
        case 'show':
          crm.show();
          return;
        case 'fault':
          crm.fail(what.fault);
      }
    },
  };
}
