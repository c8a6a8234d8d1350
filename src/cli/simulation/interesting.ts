import type { StageInfo } from '../../core/account-facts.ts';
import type { PlannedChange } from '../../core/report.ts';

export const KINDS = ['contradiction', 'stage', 'amount', 'closeDate', 'name', 'nextStep', 'status'] as const;
export type Kind = (typeof KINDS)[number];

/** How many changes of a kind are worth showing. */
const SHOWN: Readonly<Record<Kind, number>> = {
  ...{ contradiction: 3, stage: 2, amount: 2, closeDate: 1, name: 1, nextStep: 1, status: 1 },
};

export type StageBook = ReadonlyMap<string, StageInfo>;

/** Stages by `crm:key`. */
export function stageBook(sides: readonly { crm: string; stages: readonly StageInfo[] }[]): StageBook {
  return new Map(
    sides.flatMap(({ crm, stages }) => stages.map((stage) => [`${crm}:${stage.key}`, stage] as const)),
  );
}

/** The changes of a plan that tell the most, a few of each kind, in the order of {@link KINDS}. */
export async function interestingChanges(
  changes: AsyncIterable<PlannedChange>,
  stages: StageBook,
): Promise<readonly { readonly kind: Kind; readonly change: PlannedChange }[]> {
  const kept = new Map<Kind, PlannedChange[]>(KINDS.map((kind) => [kind, []]));
  for await (const change of changes) {
    const kind = kindOf(change, stages);
    const list = kind === null ? undefined : kept.get(kind);
    if (kind !== null && list !== undefined && list.length < SHOWN[kind]) list.push(change);
  }
  return KINDS.flatMap((kind) => (kept.get(kind) ?? []).map((change) => ({ kind, change })));
}

function kindOf(change: PlannedChange, stages: StageBook): Kind | null {
  if (change.owned) return change.field === 'status' ? 'status' : null;
  if (change.field !== 'stage')
    return (KINDS as readonly string[]).includes(change.field) ? (change.field as Kind) : null;
  const before = resultOf(stages.get(`${change.crm}:${change.before}`));
  const after = resultOf(stages.get(`${change.crm}:${change.after}`));
  return before === after || before === null ? 'stage' : 'contradiction';
}

function resultOf(stage: StageInfo | undefined): 'open' | 'won' | 'lost' | null {
  if (stage === undefined || stage.closed === null) return null;
  if (!stage.closed) return 'open';
  return stage.won === true ? 'won' : 'lost';
}

/** A value as the teams see it: a stage by its label. */
export function shownValue(change: PlannedChange, value: string | null, stages: StageBook): string | null {
  if (change.owned || change.field !== 'stage' || value === null) return value;
  return stages.get(`${change.crm}:${value}`)?.label ?? value;
}
