import assert from 'node:assert/strict';
import type { TruthEntry } from '../../src/sandbox/simulator.ts';
import { createTruthLog } from '../../src/sandbox/truth-log.ts';
import { heldMemory } from './held-memory.ts';

function entry(n: number): Omit<TruthEntry, 'seq'> {
  return {
    at: n * 1_000,
    crm: 'salesforce',
    type: 'Opportunity',
    id: `006${n}`,
    action: 'update',
    actor: 'human:ann',
    fields: { Amount: { before: n, after: n + 0.5 }, NextStep: { before: undefined, after: `étape ${n}` } },
  };
}

describe('truth log', () => {
  it('gives back every entry in order from any sequence number, packed or not', () => {
    const log = createTruthLog();
    const count = 5_000;
    for (let n = 1; n <= count; n += 1) log.append(entry(n));
    const all = [...log.since(0)];
    assert.deepEqual(
      all.map(({ seq }) => seq),
      Array.from({ length: count }, (_, i) => i + 1),
    );
    for (const from of [0, 1, 2_047, 2_048, 2_049, 4_999, 5_000, 9_999]) {
      assert.deepEqual([...log.since(from)], all.slice(from));
    }
    // Half of these were packed and half were not: they read alike.
    for (const { seq, fields } of all) {
      assert.deepEqual(fields, {
        Amount: { before: seq, after: seq + 0.5 },
        NextStep: { before: null, after: `étape ${seq}` },
      });
    }
  });

  it('ends a reading where the log ended when it began', () => {
    const log = createTruthLog();
    for (let n = 1; n <= 3; n += 1) log.append(entry(n));
    const seen: number[] = [];
    for (const { seq } of log.since(0)) {
      seen.push(seq);
      log.append(entry(99));
    }
    assert.deepEqual(seen, [1, 2, 3]);
  });

  it('holds 200,000 entries in little memory', () => {
    const log = createTruthLog();
    const before = heldMemory();
    for (let n = 1; n <= 200_000; n += 1) log.append(entry(n));
    const grown = heldMemory() - before;
    assert.equal(log.size, 200_000);
    assert.ok(grown < 40 * 1024 * 1024, `${grown} bytes`);
  });
});
