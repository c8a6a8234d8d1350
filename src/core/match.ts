/** Finds the records of two CRMs that are one deal (design section 7, step 3). Pure; see match-score.ts for the weights. */
import type { RecordId } from './ids.ts';
import { assign, type Edge } from './match-assign.ts';
import { fileRecords, partnersIn } from './match-blocks.ts';
import type { Corpus } from './match-corpus.ts';
import type { MatchFact } from './match-facts.ts';
import { scorer } from './match-score.ts';

export type MatchBand = 'certain' | 'ask' | 'ambiguous';

export interface MatchThresholds {
  /** Least probability, 0..1, that counts as certain when nothing speaks against it. */
  readonly certain: number;
  /** Least probability worth a person's time. */
  readonly ask: number;
}

export const THRESHOLDS: MatchThresholds = Object.freeze({ certain: 0.99, ask: 0.5 });

/** Goes up when the same records may be judged otherwise, so that stored proposals are made anew. */
export const MATCH_VERSION = 1;

/** Two records that may be one deal. */
export interface Match {
  readonly ids: readonly [RecordId, RecordId];
  readonly band: MatchBand;
  /** Probability that they are one deal, 0..1, four decimals. */
  readonly score: number;
  readonly facts: readonly MatchFact[];
}

export interface Matching {
  readonly matches: readonly Match[];
  /** Per side groups of records that seem to be one deal entered several times. */
  readonly duplicates: readonly [readonly (readonly RecordId[])[], readonly (readonly RecordId[])[]];
  /** Pairs of records that were compared: the cost. */
  readonly compared: number;
}

export interface MatchOptions {
  readonly thresholds?: MatchThresholds;
  /** What people decided about two records: never offered, or never more than asked about. */
  readonly decided?: (first: RecordId, second: RecordId) => 'never' | 'ask' | null;
}

/** Records of the other side each record is compared with. */
const MOST_COMPARED = 30;
const MOST_COMPARED_INSIDE = 10;
/** Records looked at between two rests of the generator. */
const PORTION = 500;
/** Odds at which a comparison is forgotten at once. */
const LEAST_BITS = -2;
/** An assignment less clear than this (odds 1:8) is not made by us. */
const CLEAR_MARGIN = 3;
/** What a doubtful match scores at most, however much agrees. */
const DOUBTFUL_SCORE = 0.97;

interface Candidate extends Edge {
  readonly doubtful: boolean;
}

/**
 * Compares and assigns. Swapping the sides mirrors the result, and the order of the records changes nothing. Yields now
 * and then so that a caller can let others work; the value returned at the end is the result.
 */
export function* matchRecords(corpus: Corpus, options: MatchOptions = {}): Generator<void, Matching> {
  const thresholds = options.thresholds ?? THRESHOLDS;
  const scoring = scorer(corpus);
  const [{ records: first }, { records: second }] = corpus.sides;
  const filed = [fileRecords(first, corpus), fileRecords(second, corpus)] as const;
  yield;

  const edges: Candidate[] = [];
  let compared = 0;
  const weighEdge = (a: number, b: number): void => {
    const [x, y] = [first[a], second[b]];
    compared++;
    if (x === undefined || y === undefined) return;
    const { bits, doubtful } = scoring.weigh(x, y);
    if (bits < LEAST_BITS || options.decided?.(x.id, y.id) === 'never') return;
    const key = x.id <= y.id ? `${x.id} ${y.id}` : `${y.id} ${x.id}`;
    edges.push({ a, b, bits, doubtful, key });
  };
  // Both directions, because a record with few keys may be found by its counterpart only.
  const there = partnersIn(filed[0], filed[1], [first.length, second.length], MOST_COMPARED);
  yield;
  const back = partnersIn(filed[1], filed[0], [second.length, first.length], MOST_COMPARED);
  yield;
  const met: Uint32Array[] = [];
  for (let a = 0; a < first.length; a++) {
    if (a % PORTION === 0) yield;
    const partners = there.of(a);
    met.push(Uint32Array.from(partners));
    for (const b of partners) weighEdge(a, b);
  }
  for (let b = 0; b < second.length; b++) {
    if (b % PORTION === 0) yield;
    for (const a of back.of(b)) if (met[a]?.includes(b) !== true) weighEdge(a, b);
  }
  yield;

  const twins: [Map<number, Set<number>>, Map<number, Set<number>>] = [new Map(), new Map()];
  for (const side of [0, 1] as const) {
    const records = corpus.sides[side].records;
    const inside = partnersIn(
      filed[side],
      filed[side],
      [records.length, records.length],
      MOST_COMPARED_INSIDE,
    );
    yield;
    for (let p = 0; p < records.length; p++) {
      if (p % PORTION === 0) yield;
      for (const q of inside.of(p)) {
        const [x, y] = [records[p], records[q]];
        if (p === q || x === undefined || y === undefined || twins[side].get(q)?.has(p) === true) continue;
        compared++;
        const { bits, doubtful } = scoring.weigh(x, y);
        if (doubtful || probability(bits) < thresholds.certain) continue;
        join(twins[side], p, q);
        join(twins[side], q, p);
      }
    }
  }
  yield;

  const matches: Match[] = [];
  // Towards a third record two entries of one deal are alike even where tax or dates keep them off the list of duplicates.
  const isTwin = (side: 0 | 1, p: number, q: number): boolean => {
    const [x, y] = [corpus.sides[side].records[p], corpus.sides[side].records[q]];
    if (twins[side].get(p)?.has(q) === true || x === undefined || y === undefined) return true;
    const { bits, named } = scoring.weigh(x, y);
    return named && probability(bits) >= thresholds.certain;
  };
  for (const { edge, margin, rivals } of assign(edges)) {
    const [x, y] = [first[edge.a], second[edge.b]];
    if (x === undefined || y === undefined || probability(edge.bits) < thresholds.ask) continue;
    const close = rivals.filter(
      (rival) => edge.bits - rival.bits < CLEAR_MARGIN + 3 && probability(rival.bits) >= 0.5,
    );
    const duplicate = close.find((rival) =>
      rival.a === edge.a ? isTwin(1, rival.b, edge.b) : isTwin(0, rival.a, edge.a),
    );
    const facts: MatchFact[] = [...scoring.explain(x, y)];
    const rival = rivals[0];
    const unclear = margin < CLEAR_MARGIN && rival !== undefined;
    const other = duplicate ?? rival;
    const otherId =
      other === undefined ? '' : ((other.a === edge.a ? second[other.b] : first[other.a])?.id ?? '');
    const held = options.decided?.(x.id, y.id) === 'ask';
    if (duplicate !== undefined) facts.push({ code: 'duplicate', what: otherId });
    else if (unclear) facts.push({ code: 'rival', what: otherId });
    if (held) facts.push({ code: 'uncoupled' });
    const doubtful = edge.doubtful || held || duplicate !== undefined || unclear;
    const score = scoreOf(edge.bits, doubtful);
    const band: MatchBand =
      unclear && duplicate === undefined
        ? 'ambiguous'
        : !doubtful && score >= thresholds.certain
          ? 'certain'
          : 'ask';
    matches.push({ ids: [x.id, y.id], band, score, facts });
  }
  return {
    matches,
    duplicates: [groupsOf(twins[0], first), groupsOf(twins[1], second)],
    compared,
  };
}

function probability(bits: number): number {
  return 1 / (1 + 2 ** -bits);
}

function scoreOf(bits: number, doubtful: boolean): number {
  const likely = doubtful ? Math.min(probability(bits), DOUBTFUL_SCORE) : probability(bits);
  return Math.floor(likely * 10_000) / 10_000;
}

function join(graph: Map<number, Set<number>>, from: number, to: number): void {
  const known = graph.get(from);
  if (known === undefined) graph.set(from, new Set([to]));
  else known.add(to);
}

/** Connected records as lists of ids, each in order, the lists too. */
function groupsOf(
  graph: ReadonlyMap<number, ReadonlySet<number>>,
  records: readonly { readonly id: RecordId }[],
): RecordId[][] {
  const seen = new Set<number>();
  const groups: RecordId[][] = [];
  for (const start of [...graph.keys()].sort((x, y) => x - y)) {
    if (seen.has(start)) continue;
    const group: number[] = [];
    const open = [start];
    seen.add(start);
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      group.push(at);
      for (const next of graph.get(at) ?? []) {
        if (seen.has(next)) continue;
        seen.add(next);
        open.push(next);
      }
    }
    groups.push(group.sort((x, y) => x - y).flatMap((at) => records[at]?.id ?? []));
  }
  return groups;
}
