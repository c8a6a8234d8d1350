import type { SandboxRandom } from './simulator.ts';

/**
 * Seeded random numbers: the sfc32 generator (Chris Doty-Humphrey, PractRand, public domain), its state taken from the
 * text of the seed. A fork depends on the seed and the label alone, so that drawing more in one place moves nothing elsewhere.
 */
export function createRandom(seed: string | number): SandboxRandom {
  const text = String(seed);
  const state = stateOf(text);
  const next = (): number => step(state) / 0x1_0000_0000;
  return {
    next,
    int: (min, max) => min + Math.floor(next() * (max - min + 1)),
    pick(list) {
      if (list.length === 0) throw new RangeError('cannot pick from an empty list');
      return list[Math.floor(next() * list.length)] as (typeof list)[number];
    },
    fork: (label) => createRandom(`${text}\u0000${label}`),
  };
}

/** Four words hashed from the text (FNV-1a with a finishing mix), warmed up so that near seeds part ways. */
function stateOf(text: string): Uint32Array {
  const state = new Uint32Array(4);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  for (let word = 0; word < 3; word += 1) {
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) + text.length + word;
    state[word] = hash ^ (hash >>> 16);
  }
  state[3] = 1;
  for (let i = 0; i < 12; i += 1) step(state);
  return state;
}

function step(state: Uint32Array): number {
  const [a = 0, b = 0, c = 0, counter = 0] = state;
  const result = (a + b + counter) >>> 0;
  state[3] = counter + 1;
  state[0] = b ^ (b >>> 9);
  state[1] = c + (c << 3);
  state[2] = ((c << 21) | (c >>> 11)) + result;
  return result;
}
