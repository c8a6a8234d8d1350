import type { StageInfo } from './account-facts.ts';
import type { Crm } from './ids.ts';
import type { StageRow } from './settings.ts';

/** The stages of each CRM in a run, for questions about pipelines. */
export type StageIndex = ReadonlyMap<Crm, ReadonlyMap<string, StageInfo>>;

/** Indexes the stages of several CRMs by their keys. */
export function indexStages(sides: readonly { crm: Crm; stages: readonly StageInfo[] }[]): StageIndex {
  return new Map(sides.map((side) => [side.crm, new Map(side.stages.map((stage) => [stage.key, stage]))]));
}

/** Do two stages of different CRMs stand in one row of the map? */
export function sameStage(rows: readonly StageRow[], a: Stage, b: Stage): boolean {
  return rows.some((row) => row[a.crm]?.includes(a.key) && row[b.crm]?.includes(b.key));
}

interface Stage {
  readonly crm: Crm;
  readonly key: string;
}

/**
 * The stage of CRM `to` that `stage` corresponds to, or null when the map does not say. A counterpart that already stands
 * in a right stage keeps it; otherwise the stage is looked for in its present pipeline only, because a deal is never moved
 * to another pipeline as a side effect; without a present pipeline the first stage of the row is taken that does not lie in
 * a pipeline left `out` of the sync. Of several that fit, one that `isOffered` to the record comes first.
 */
export function translateStage(
  rows: readonly StageRow[],
  stages: StageIndex,
  stage: Stage,
  to: {
    crm: Crm;
    current: string | null;
    out?: readonly string[];
    isOffered?: (key: string) => boolean;
  },
): string | null {
  const matching = rows
    .filter((row) => row[stage.crm]?.includes(stage.key))
    // A row that leads with this stage was made for it; rows that list it among others come after.
    .sort((x, y) => lead(y, stage) - lead(x, stage));
  const candidates = matching.flatMap((row) => row[to.crm] ?? []);
  if (to.current !== null && candidates.includes(to.current)) return to.current;
  const known = stages.get(to.crm);
  const pipeline = to.current === null ? undefined : known?.get(to.current)?.pipeline;
  const fitting =
    pipeline === undefined || pipeline === null
      ? candidates.filter((key) => !(to.out ?? []).includes(known?.get(key)?.pipeline ?? ''))
      : candidates.filter((key) => known?.get(key)?.pipeline === pipeline);
  const { isOffered } = to;
  return (isOffered === undefined ? undefined : fitting.find(isOffered)) ?? fitting[0] ?? null;
}

function lead(row: StageRow, stage: Stage): number {
  return row[stage.crm]?.[0] === stage.key ? 1 : 0;
}

/** Is this stage in the map at all? */
export function isMapped(rows: readonly StageRow[], stage: Stage): boolean {
  return rows.some((row) => row[stage.crm]?.includes(stage.key));
}

export type ProposalReason = 'label' | 'only_won' | 'only_lost' | 'position';

export interface StageProposal {
  readonly row: StageRow;
  /** The weakest reason any stage of the row was put there for: `label` is certain, `position` wants a look. */
  readonly why: ProposalReason;
}

interface Side {
  readonly crm: Crm;
  readonly stages: readonly StageInfo[];
}

const STRENGTH: readonly ProposalReason[] = ['label', 'only_won', 'only_lost', 'position'];

/**
 * Proposes which stages mean the same, one row per stage of `a`, pipeline by pipeline: by equal label, by being the only
 * won or only lost stage, and the remaining open stages by their relative position. Closed stages are never matched by
 * position: two ways of losing are not the same way.
 */
export function proposeStageMap(a: Side, b: Side): StageProposal[] {
  const found = new Map<string, { key: string; why: ProposalReason }[]>();
  for (const stagesA of byPipeline(a.stages)) {
    for (const stagesB of byPipeline(b.stages)) {
      for (const { keyA, keyB, why } of matchStages(stagesA, stagesB)) {
        const list = found.get(keyA) ?? [];
        list.push({ key: keyB, why });
        found.set(keyA, list);
      }
    }
  }
  return a.stages.flatMap((stage) => {
    const list = found.get(stage.key);
    if (list === undefined) return [];
    const ordered = [...list].sort((x, y) => STRENGTH.indexOf(x.why) - STRENGTH.indexOf(y.why));
    const why = ordered[ordered.length - 1]?.why ?? 'position';
    return [{ row: { [a.crm]: [stage.key], [b.crm]: ordered.map((entry) => entry.key) }, why }];
  });
}

/** The rows a sync may use without being asked: everything but stages matched by position alone. */
export function certainStageRows(a: Side, b: Side): StageRow[] {
  const rows: StageRow[] = [];
  for (const stagesA of byPipeline(a.stages)) {
    for (const stagesB of byPipeline(b.stages)) {
      for (const { keyA, keyB, why } of matchStages(stagesA, stagesB)) {
        if (why !== 'position') rows.push({ [a.crm]: [keyA], [b.crm]: [keyB] });
      }
    }
  }
  return rows;
}

interface Match {
  readonly keyA: string;
  readonly keyB: string;
  readonly why: ProposalReason;
}

function matchStages(a: readonly StageInfo[], b: readonly StageInfo[]): Match[] {
  const matches: Match[] = [];
  const takenA = new Set<string>();
  const takenB = new Set<string>();
  const take = (keyA: string, keyB: string, why: ProposalReason): void => {
    takenA.add(keyA);
    takenB.add(keyB);
    matches.push({ keyA, keyB, why });
  };
  for (const stageA of a) {
    const label = labelKey(stageA.label);
    const own = a.filter((stage) => labelKey(stage.label) === label);
    const twins = b.filter((stage) => labelKey(stage.label) === label);
    const twin = twins[0];
    if (twin === undefined || own.length > 1 || twins.length > 1) continue;
    // Equal words with opposite flags are a trap, not a match.
    if (classOf(twin) === classOf(stageA)) take(stageA.key, twin.key, 'label');
  }
  for (const [kind, why] of [
    ['won', 'only_won'],
    ['lost', 'only_lost'],
  ] as const) {
    const ofA = a.filter((stage) => classOf(stage) === kind && stage.active);
    const ofB = b.filter((stage) => classOf(stage) === kind && stage.active);
    // Several ways to win in one CRM all mean the only way of the other.
    if (ofA.length === 1)
      for (const stage of ofB) if (!takenB.has(stage.key)) take(ofA[0]?.key ?? '', stage.key, why);
    if (ofB.length === 1)
      for (const stage of ofA) if (!takenA.has(stage.key)) take(stage.key, ofB[0]?.key ?? '', why);
  }
  const openA = a.filter((stage) => classOf(stage) === 'open');
  const openB = b.filter((stage) => classOf(stage) === 'open');
  for (const stage of openA) {
    const near = takenA.has(stage.key) ? undefined : nearest(stage, openA, openB);
    if (near !== undefined) take(stage.key, near.key, 'position');
  }
  for (const stage of openB) {
    const near = takenB.has(stage.key) ? undefined : nearest(stage, openB, openA);
    if (near !== undefined) take(near.key, stage.key, 'position');
  }
  return matches;
}

function nearest(
  stage: StageInfo,
  own: readonly StageInfo[],
  other: readonly StageInfo[],
): StageInfo | undefined {
  const place = (own.indexOf(stage) + 0.5) / own.length;
  let best: StageInfo | undefined;
  let distance = Number.POSITIVE_INFINITY;
  for (const [index, candidate] of other.entries()) {
    const gap = Math.abs((index + 0.5) / other.length - place);
    if (gap < distance) [best, distance] = [candidate, gap];
  }
  return best;
}

function classOf(stage: StageInfo): 'open' | 'won' | 'lost' | 'unknown' {
  if (stage.closed === null) return 'unknown';
  if (!stage.closed) return 'open';
  return stage.won === null ? 'unknown' : stage.won ? 'won' : 'lost';
}

/** Stages per pipeline in display order; CRMs without pipelines have one list. */
function byPipeline(stages: readonly StageInfo[]): StageInfo[][] {
  const groups = new Map<string, StageInfo[]>();
  for (const stage of [...stages].sort((x, y) => x.order - y.order)) {
    const group = groups.get(stage.pipeline ?? '') ?? [];
    group.push(stage);
    groups.set(stage.pipeline ?? '', group);
  }
  return [...groups.values()];
}

/** Letters and digits only, without case or accents, numbering and percentages: `3. Qualified (40%)` → `qualified`. */
function labelKey(label: string): string {
  const plain = label
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/^[^\p{L}\p{N}]*\d+[^\p{L}\p{N}]+/u, '')
    .replaceAll(/\d+\s*%/gu, '');
  const words = plain.replaceAll(/[^\p{L}\p{N}]+/gu, '');
  return words === '' ? label.trim().toLowerCase() : words;
}
