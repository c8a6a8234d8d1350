/**
 * One list of several kinds in which each kind is spread over the whole, in its own order: a kind of which there is little
 * neither comes first as a block, so that all others wait for it, nor last.
 */
export function evenly<T>(items: readonly T[], kindOf: (item: T) => string): readonly T[] {
  return [...Map.groupBy(items, kindOf).values()]
    .flatMap((kind) => kind.map((item, at) => ({ item, place: (at + 0.5) / kind.length })))
    .toSorted((one, other) => one.place - other.place)
    .map(({ item }) => item);
}
