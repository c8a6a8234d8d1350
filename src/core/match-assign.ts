/** Each record gets at most one counterpart: the assignment that is likeliest as a whole, and how clear it is. */

export interface Edge {
  /** Index of the record on either side. */
  readonly a: number;
  readonly b: number;
  readonly bits: number;
  /** Breaks ties; the same whichever side is called the first. */
  readonly key: string;
}

export interface Chosen<E extends Edge> {
  readonly edge: E;
  /** Bits by which the next best assignment is worse; infinite when there is no other. */
  readonly margin: number;
  /** Edges that would take one of its two records instead, best first. */
  readonly rivals: readonly E[];
}

/** Bits at which leaving two records apart is as good as pairing them. */
const APART = -6;
const MOST_PASSES = 8;

/** Picks edges greedily, then exchanges partners as long as the whole gets likelier. The order of `edges` does not matter. */
export function assign<E extends Edge>(edges: readonly E[]): readonly Chosen<E>[] {
  const best = [...edges].sort((x, y) => y.bits - x.bits || (x.key < y.key ? -1 : 1));
  const ofA = byEnd(best, 'a');
  const ofB = byEnd(best, 'b');
  const partnerOfA = new Map<number, E>();
  const partnerOfB = new Map<number, E>();
  const take = (edge: E): void => {
    partnerOfA.set(edge.a, edge);
    partnerOfB.set(edge.b, edge);
  };
  const drop = (edge: E): void => {
    partnerOfA.delete(edge.a);
    partnerOfB.delete(edge.b);
  };
  for (const edge of best) if (!partnerOfA.has(edge.a) && !partnerOfB.has(edge.b)) take(edge);

  const between = (a: number, b: number): E | undefined => ofA.get(a)?.find((edge) => edge.b === b);
  /** The best edge for whoever loses a partner: with each other, or with somebody still free. */
  const comeback = (left: E | undefined, right: E | undefined): E | undefined => {
    if (left !== undefined && right !== undefined) return between(right.a, left.b);
    if (left !== undefined) return ofB.get(left.b)?.find(({ a }) => !partnerOfA.has(a));
    return right === undefined ? undefined : ofA.get(right.a)?.find(({ b }) => !partnerOfB.has(b));
  };
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    let moved = false;
    for (const edge of best) {
      const [left, right] = [partnerOfA.get(edge.a), partnerOfB.get(edge.b)];
      if (left === edge || (left === undefined && right === undefined)) continue;
      const back = comeback(left, right);
      const gain = worth(edge) + worth(back) - worth(left) - worth(right);
      if (gain <= 1e-9) continue;
      if (left !== undefined) drop(left);
      if (right !== undefined) drop(right);
      take(edge);
      if (back !== undefined) take(back);
      moved = true;
    }
    if (!moved) break;
  }
  // An exchange may have left two records free for each other.
  for (const edge of best) if (!partnerOfA.has(edge.a) && !partnerOfB.has(edge.b)) take(edge);

  return best
    .filter((edge) => partnerOfA.get(edge.a) === edge)
    .map((edge) => {
      const rivals = [...(ofA.get(edge.a) ?? []), ...(ofB.get(edge.b) ?? [])]
        .filter((rival) => rival !== edge)
        .sort((x, y) => y.bits - x.bits || (x.key < y.key ? -1 : 1));
      let margin = Number.POSITIVE_INFINITY;
      for (const rival of rivals) {
        // The record the rival would bring in gives up its own partner, who might then take the one set free.
        const ousted = rival.a === edge.a ? partnerOfB.get(rival.b) : partnerOfA.get(rival.a);
        const back =
          ousted === undefined
            ? undefined
            : rival.a === edge.a
              ? between(ousted.a, edge.b)
              : between(edge.a, ousted.b);
        const loss = worth(edge) + worth(ousted) - worth(rival) - worth(back);
        margin = Math.min(margin, loss);
      }
      return { edge, margin, rivals };
    });
}

function worth(edge: Edge | undefined): number {
  return edge === undefined ? 0 : Math.max(0, edge.bits - APART);
}

function byEnd<E extends Edge>(edges: readonly E[], end: 'a' | 'b'): Map<number, E[]> {
  const ends = new Map<number, E[]>();
  for (const edge of edges) {
    const list = ends.get(edge[end]);
    if (list === undefined) ends.set(edge[end], [edge]);
    else list.push(edge);
  }
  return ends;
}
