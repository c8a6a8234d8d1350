import assert from 'node:assert/strict';
import type { Group, GroupMember } from '../../src/core/group.ts';
import { refKey } from '../../src/core/ids.ts';
import type { Value } from '../../src/core/opportunity.ts';
import { type SentChange, type UndoneRecord, undoGroup } from '../../src/core/undo.ts';

function member(crm: string, fields: Readonly<Record<string, Value>>, more: Partial<GroupMember> = {}) {
  return {
    ...{ crm, id: `${crm}-1`, version: '1', changedAt: 0, deleted: false, fields, owned: {}, evidence: {} },
    ...{ pairKey: null, linkedId: null, absorbedIds: [], ...more },
  } satisfies GroupMember;
}

function sent(crm: string, field: string, before: Value, after: Value, owned = false): SentChange {
  return { ref: { crm, id: `${crm}-1` }, field, owned, before, after };
}

function undo(members: readonly GroupMember[], changes: readonly SentChange[], paired = true) {
  const group: Group = { pair: paired ? { key: 'op-1', base: {} } : null, members, refusals: new Map() };
  const same = (_field: string, _owned: boolean, a: Value, b: Value) => a === b;
  const undone = undoGroup(group, changes, 'ann', same);
  return new Map<string, UndoneRecord>(undone.map((record) => [refKey(record.ref), record]));
}

const LEFT = refKey({ crm: 'left', id: 'left-1' });
const RIGHT = refKey({ crm: 'right', id: 'right-1' });

describe('what takes a run back in one group', () => {
  it('a field written twice goes back to what it held before the first time', () => {
    const steps = [sent('left', 'amount', '1', '2'), sent('left', 'amount', '2', '3')];
    const { write } = undo([member('left', { amount: '3' })], steps).get(LEFT) ?? {};
    assert.deepEqual(
      write?.changes.map(({ before, after, by }) => [before, after, by]),
      [['3', '1', 'ann']],
    );
  });

  it('what already holds the old value is neither written nor called edited', () => {
    const undone = undo([member('left', { amount: '1' })], [sent('left', 'amount', '1', '2')]).get(LEFT);
    assert.deepEqual([undone?.write, undone?.kept], [null, []]);
  });

  it('fields edited since, or not read, are kept and all named', () => {
    const changes = [sent('left', 'amount', '1', '2'), sent('left', 'stage', 'Open', 'Won')];
    const undone = undo([member('left', { amount: '9' })], changes).get(LEFT);
    assert.deepEqual([undone?.write, undone?.kept], [null, ['amount', 'stage']]);
  });

  it('both sides undone: each base is what both will hold', () => {
    const members = [member('left', { amount: '2' }), member('right', { amount: '2' })];
    const undone = undo(members, [sent('left', 'amount', '1', '2'), sent('right', 'amount', '0', '2')]);
    assert.deepEqual(undone.get(LEFT)?.write?.agreed, { amount: { left: '1', right: '0' } });
    assert.deepEqual(undone.get(RIGHT)?.write?.agreed, { amount: { left: '1', right: '0' } });
  });

  it('one side undone: the base holds the present value of the other', () => {
    const members = [member('left', { amount: '2', name: 'Acme' }), member('right', { amount: '2' })];
    const undone = undo(members, [sent('left', 'amount', '1', '2')]);
    assert.deepEqual([...undone.keys()], [LEFT]);
    assert.deepEqual(undone.get(LEFT)?.write?.agreed, { amount: { left: '1', right: '2' } });
    assert.equal(undone.get(LEFT)?.write?.name, 'Acme');
  });

  it('no base where the other side was not read, nor for a field of our own', () => {
    const members = [member('left', { amount: '2' }, { owned: { status: 'closed' } }), member('right', {})];
    const changes = [sent('left', 'amount', '1', '2'), sent('left', 'status', 'active', 'closed', true)];
    const { write } = undo(members, changes).get(LEFT) ?? {};
    assert.deepEqual(write?.agreed, {});
    assert.deepEqual(
      write?.changes.map(({ field, owned, after }) => [field, owned, after]),
      [
        ['amount', false, '1'],
        ['status', true, 'active'],
      ],
    );
  });

  it('an unpaired record is taken back by itself, under its id where it has no name', () => {
    const { write } = undo([member('left', { amount: '2' })], [sent('left', 'amount', '1', '2')], false).get(
      LEFT,
    ) ?? { write: null };
    assert.deepEqual([write?.pair, write?.name, write?.agreed], [null, 'left-1', {}]);
  });

  it('a deleted record is left out, and gives the other side no base', () => {
    const members = [member('left', { amount: '2' }), member('right', { amount: '2' }, { deleted: true })];
    const undone = undo(members, [sent('left', 'amount', '1', '2'), sent('right', 'amount', '0', '2')]);
    assert.deepEqual([...undone.keys()], [LEFT]);
    assert.deepEqual(undone.get(LEFT)?.write?.agreed, {});
  });
});
