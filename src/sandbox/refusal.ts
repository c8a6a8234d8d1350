/** Something the sandbox was asked for and cannot do, in one clear sentence: the control prefix answers it as 400. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** @throws {Refusal} naming `what` when the value is not a JSON object. */
export function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new Refusal(`${what} must be a JSON object`);
}

/** @throws {Refusal} naming the first key that is not among the known ones. */
export function onlyKeys(
  value: Readonly<Record<string, unknown>>,
  known: readonly string[],
  what: string,
): void {
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) throw new Refusal(`${what}: unknown key "${key}" (known: ${known.join(', ')})`);
  }
}

/** A moment given as epoch ms or as ISO 8601 text. @throws {Refusal} */
export function momentOf(value: unknown, what: string): number {
  const at = typeof value === 'string' ? Date.parse(value) : value;
  if (typeof at === 'number' && Number.isFinite(at) && Math.abs(at) <= 8.64e15) return at;
  throw new Refusal(`${what} must be a moment: ISO 8601 text or epoch milliseconds`);
}
