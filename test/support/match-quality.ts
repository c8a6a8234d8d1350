/** How well a matching found what belongs together, judged by the deals the records were made from. */
import { type Matching, type MatchOptions, matchRecords } from '../../src/core/match.ts';
import { corpusBuilder } from '../../src/core/match-corpus.ts';
import type { Perturbed } from './perturb.ts';

export interface Quality {
  readonly certain: number;
  /** Of the certain ones, those that are right. */
  readonly precision: number;
  /** Of the deals that stand in both CRMs, those found as certain or to ask. */
  readonly recall: number;
  /** Of the deals that stand in both CRMs, those found as certain. */
  readonly certainRecall: number;
  readonly matching: Matching;
  /** CPU time, so that a busy machine tells the same. */
  readonly milliseconds: number;
}

export function matchAll({ left, right }: Perturbed, options: MatchOptions = {}): Matching {
  const builder = corpusBuilder(['left', 'right']);
  for (const { record } of left) builder.add(0, record);
  for (const { record } of right) builder.add(1, record);
  const steps = matchRecords(builder.finish(), options);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

export function measureMatching(entered: Perturbed): Quality {
  const dealOf = new Map([...entered.left, ...entered.right].map(({ record, deal }) => [record.id, deal]));
  const onRight = new Set(entered.right.map(({ deal }) => deal));
  const both = new Set(entered.left.map(({ deal }) => deal).filter((deal) => onRight.has(deal)));
  const started = process.cpuUsage();
  const matching = matchAll(entered);
  const { user, system } = process.cpuUsage(started);
  const milliseconds = (user + system) / 1000;
  const certain = matching.matches.filter(({ band }) => band === 'certain');
  const isRight = ({ ids: [x, y] }: { readonly ids: readonly [string, string] }): boolean =>
    dealOf.get(x) === dealOf.get(y);
  const found = (bands: readonly string[]): number =>
    new Set(
      matching.matches
        .filter((match) => bands.includes(match.band) && isRight(match))
        .map(({ ids }) => dealOf.get(ids[0])),
    ).size;
  return {
    certain: certain.length,
    precision: certain.filter(isRight).length / Math.max(1, certain.length),
    recall: found(['certain', 'ask']) / Math.max(1, both.size),
    certainRecall: found(['certain']) / Math.max(1, both.size),
    matching,
    milliseconds,
  };
}
