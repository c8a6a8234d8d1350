import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isBlank, sameValue } from '../../src/core/compare.ts';
import type { GroupResult } from '../../src/core/group.ts';
import type { Fields } from '../../src/core/opportunity.ts';
import { reconcileGroup } from '../../src/core/reconcile.ts';
import { countCases } from '../support/case-count.ts';
import { anyWorld, carriedOut, context, LEFT, mirrored, RIGHT, type World } from './reconcile-world.ts';

const RUNS = Number(process.env['OPPSYNC_TEST_GROUPS'] ?? 4_000);

const decide = (world: World): GroupResult => reconcileGroup(world.group, context(world));

function holds(check: (world: World, result: GroupResult) => void): void {
  fc.assert(
    fc.property(anyWorld, (world) => {
      countCases('decisions about groups');
      check(world, decide(world));
    }),
    { numRuns: RUNS },
  );
}

describe(`deciding about random groups (${RUNS} each)`, function () {
  this.timeout(Math.max(20_000, RUNS * 5));

  it('what is carried out leaves nothing to write, and the same to say', () => {
    holds((world, result) => {
      const group = carriedOut(world, result);
      const again = decide({ ...world, group });
      assert.deepEqual(again.writes, []);
      assert.deepEqual(
        again.records.map(({ ref, verdict }) => ({ ref, status: verdict.status, outcome: verdict.outcome })),
        result.records.map(({ ref, verdict }) => ({ ref, status: verdict.status, outcome: verdict.outcome })),
      );
      assert.deepEqual(
        again.conflicts.map((conflict) => conflict.field),
        result.conflicts.map((conflict) => conflict.field),
      );
    });
  });

  it('once decided, the third time is the second: nothing is agreed anew', () => {
    holds((world, result) => {
      const settled = carriedOut(world, result);
      const second = decide({ ...world, group: settled });
      const third = decide({ ...world, group: carriedOut({ ...world, group: settled }, second) });
      assert.deepEqual(third.agreed, {});
      assert.deepEqual(third.writes, []);
    });
  });

  it('every member gets exactly one outcome', () => {
    holds((world, result) => {
      const refs = (list: readonly { crm: string; id: string }[]) =>
        list.map(({ crm, id }) => `${crm}:${id}`).sort();
      assert.deepEqual(refs(result.records.map((record) => record.ref)), refs(world.group.members));
    });
  });

  it('with the CRMs exchanged in everything, the decision is the exchanged one', () => {
    holds((world, result) => {
      const turned = decide(mirrored(world));
      const other = (crm: string): string => (crm === LEFT ? RIGHT : LEFT);
      for (const record of result.records) {
        const twin = turned.records.find(
          (one) => one.ref.id === record.ref.id && one.ref.crm === other(record.ref.crm),
        );
        assert.equal(twin?.outcome, record.outcome);
        assert.equal(twin?.verdict.status, record.verdict.status);
      }
      const synced = (from: GroupResult, name: (crm: string) => string) =>
        from.writes
          .flatMap((write) =>
            write.changes
              .filter((change) => !change.owned)
              .map((change) => `${name(write.crm)} ${change.field} ${change.after} ${change.reason}`),
          )
          .sort();
      assert.deepEqual(
        synced(turned, other),
        synced(result, (crm) => crm),
      );
    });
  });

  it('the order of the members does not matter', () => {
    holds((world, result) => {
      const turned = decide({
        ...world,
        group: { ...world.group, members: [...world.group.members].reverse() },
      });
      const byCrm = (x: { crm: string }, y: { crm: string }) => (x.crm < y.crm ? -1 : 1);
      const fieldsOf = (one: GroupResult) =>
        [...one.writes].sort(byCrm).map((write) => ({
          crm: write.crm,
          changes: write.changes.filter((change) => !change.owned),
          agreed: write.agreed,
        }));
      assert.deepEqual(fieldsOf(turned), fieldsOf(result));
    });
  });

  it('a write changes only what differs, only synced or owned fields that were read, and never a conflict', () => {
    holds((world, result) => {
      const conflicting = new Set(result.conflicts.map((conflict) => conflict.field));
      for (const write of result.writes) {
        const member = world.group.members.find((one) => one.crm === write.crm);
        assert.ok(member !== undefined && !member.deleted);
        assert.ok(write.changes.length > 0);
        assert.equal(new Set(write.changes.map((change) => change.field)).size, write.changes.length);
        for (const change of write.changes) {
          const held: Fields = change.owned ? member.owned : member.fields;
          assert.ok(Object.hasOwn(held, change.field), `${change.field} was not read`);
          assert.equal(change.before, held[change.field]);
          if (change.owned) {
            assert.notEqual(change.after ?? '', change.before ?? '');
            continue;
          }
          assert.equal(conflicting.has(change.field), false);
          const policy = world.settings.fields[change.field];
          assert.ok(policy !== undefined, `${change.field} is not synced`);
          assert.equal(sameValue(policy.kind, change.before, change.after), false);
          assert.equal(world.readOnly.includes(`${write.crm}:${change.field}`), false);
          const source = world.group.members.find((one) => one.crm === change.from);
          assert.notEqual(source?.fields[change.field], undefined);
          if (isBlank(change.after)) assert.equal(policy.blank, 'propagate');
          if (policy.kind !== 'stage') assert.equal(change.after, source?.fields[change.field]);
        }
      }
    });
  });

  it('a stage is written only by a row of the map, and into another pipeline only when there was none', () => {
    holds((world, result) => {
      for (const write of result.writes) {
        for (const change of write.changes) {
          if (change.field !== 'stage' || change.owned || change.after === null) continue;
          const source = world.group.members.find((one) => one.crm === change.from)?.fields['stage'] ?? '';
          const { after, from } = change;
          assert.ok(
            world.rows.some((row) => row[from ?? '']?.includes(source) && row[write.crm]?.includes(after)),
            `${source} → ${after} is in no row`,
          );
          const stages = world.stages[write.crm] ?? [];
          const now = stages.find((one) => one.key === change.before)?.pipeline ?? null;
          if (now !== null) assert.equal(stages.find((one) => one.key === after)?.pipeline, now);
        }
      }
    });
  });

  it('a stage is written only where the record type offers it and no rule of the pipeline forbids it', () => {
    let narrowed = 0;
    holds((world, result) => {
      const open = decide({ ...world, offered: undefined, ruled: undefined });
      const stages = (one: GroupResult) =>
        one.writes.flatMap(({ crm, changes }) =>
          changes
            .filter(({ field, owned }) => field === 'stage' && !owned)
            .map((change) => ({ ...change, crm })),
        );
      for (const { crm, before, after } of stages(result)) {
        const offered = world.offered?.[crm];
        assert.ok(
          after === null || offered === undefined || offered.includes(after),
          `${after} is not offered`,
        );
        const [from, to] = [before, after].map((key) => world.stages[crm]?.find((one) => one.key === key));
        const rules = world.ruled?.[crm]?.[to?.pipeline ?? ''];
        if (from === undefined || to === undefined || rules === undefined || from.pipeline !== to.pipeline)
          continue;
        assert.ok(to.order >= from.order || rules.noReturn !== 'all', `back from ${before} to ${after}`);
      }
      if (stages(result).length >= stages(open).length) return;
      narrowed += 1;
      // What is not written waits, and says why: where another stage that fits is offered, why not that one either.
      const causes = result.records.flatMap(({ notes }) => notes.map(({ cause }) => cause));
      assert.ok(
        causes.some((cause) => /^outside_record_type$|^pipeline_rule_|^refused_choice$/.test(cause)),
        causes.join(),
      );
    });
    assert.ok(narrowed > RUNS / 200, `only ${narrowed} decisions were narrowed`);
  });

  it('the new base is what both sides hold afterwards', () => {
    holds((world, result) => {
      const after = carriedOut(world, result);
      for (const agreed of [result.agreed, ...result.writes.map((write) => write.agreed)]) {
        for (const [field, both] of Object.entries(agreed))
          for (const member of after.members) assert.equal(both[member.crm], member.fields[field], field);
      }
    });
  });
});
