/** From stage to stage: how many that entered one came to the next. */
import { ratio } from './measure-amount.ts';
import type { MeasureContext, MeasuredRecord, StageBook, StageFact } from './measure-record.ts';
import { stageOf } from './measure-record.ts';
import { isPathKnown, stagePath } from './measure-stage-time.ts';

/** One open stage of a pipeline, with what came after it. */
export interface ConversionStep {
  readonly crm: string;
  readonly pipeline: string | null;
  readonly stage: string;
  readonly label: string;
  /** Any order: opportunities that ever stood in the stage. */
  readonly entered: number;
  /** Of those, the ones that later stood in a later stage or were won, stages left out or not. */
  readonly advanced: number;
  readonly conversion_any_order: number | null;
  /** Strict: opportunities that went through every stage up to this one, one after the other, none left out. */
  readonly in_order: number;
  readonly next_in_order: number;
  readonly conversion_strict: number | null;
}

export interface ConversionMeasures {
  readonly steps: readonly ConversionStep[];
  /** Left out, because the stages they went through were not seen. */
  readonly unobserved_count: number;
}

/**
 * Stage conversion, both rules side by side, because they answer different questions and skipped stages make them differ:
 * - any order: advanced ÷ entered; a stage left out counts as passed by nobody.
 * - strict: next_in_order ÷ in_order; who skips a stage leaves the funnel there. The last open stage leads to won.
 * Null where nobody entered. Stages closed as lost are not steps. Source: HubSpot's two funnel report types ("all stages in
 * order", "any stage").
 */
export function measureConversion(
  records: readonly MeasuredRecord[],
  context: Pick<MeasureContext, 'stages'>,
): ConversionMeasures {
  const funnels = openStages(context.stages).map((funnel) => ({
    ...funnel,
    counts: funnel.stages.map(() => ({ entered: 0, advanced: 0, in_order: 0, next_in_order: 0 })),
    seen: false,
  }));
  let unobserved = 0;
  for (const record of records) {
    if (!isPathKnown(record)) {
      unobserved += 1;
      continue;
    }
    const path = stagesOf(record, context);
    for (const funnel of funnels) {
      if (funnel.crm !== record.crm || !path.some((stage) => stage.pipeline === funnel.pipeline)) continue;
      funnel.seen = true;
      count(funnel, record, path);
    }
  }
  const steps = funnels
    .filter(({ seen }) => seen)
    .flatMap(({ crm, pipeline, stages, counts }) =>
      stages.map((stage, index): ConversionStep => {
        const { entered, advanced, in_order, next_in_order } = counts[index] ?? NOBODY;
        return {
          crm,
          pipeline,
          stage: stage.key,
          label: stage.label,
          entered,
          advanced,
          conversion_any_order: ratio(advanced, entered),
          in_order,
          next_in_order,
          conversion_strict: ratio(next_in_order, in_order),
        };
      }),
    );
  return { steps, unobserved_count: unobserved };
}

function stagesOf(record: MeasuredRecord, { stages }: Pick<MeasureContext, 'stages'>): readonly StageFact[] {
  if (record.history.length === 0) {
    const only = stageOf(stages, record.crm, record.stage);
    return only === null ? [] : [only];
  }
  return stagePath(record)
    .map((key) => stageOf(stages, record.crm, key))
    .filter((stage) => stage !== null);
}

type Counts = Record<'entered' | 'advanced' | 'in_order' | 'next_in_order', number>;

const NOBODY: Counts = { entered: 0, advanced: 0, in_order: 0, next_in_order: 0 };

/** Adds one opportunity to every stage of the funnel it counts in. */
function count(
  { stages, counts }: { readonly stages: readonly StageFact[]; readonly counts: readonly Counts[] },
  record: MeasuredRecord,
  path: readonly StageFact[],
): void {
  const inOrder = passed(path, stages);
  stages.forEach((stage, index) => {
    const step = counts[index];
    if (step === undefined) return;
    if (path.some(({ key }) => key === stage.key)) {
      step.entered += 1;
      if (hasAdvanced(record, path, stage)) step.advanced += 1;
    }
    if (inOrder <= index) return;
    step.in_order += 1;
    if (index + 1 < stages.length ? inOrder > index + 1 : isWon(record)) step.next_in_order += 1;
  });
}

function isWon(record: MeasuredRecord): boolean {
  return record.status === 'closed' && record.outcome === 'won';
}

function hasAdvanced(record: MeasuredRecord, path: readonly StageFact[], stage: StageFact): boolean {
  if (isWon(record)) return true;
  const first = path.findIndex(({ key }) => key === stage.key);
  return path
    .slice(first + 1)
    .some((later) => later.pipeline === stage.pipeline && later.closed !== true && later.order > stage.order);
}

/** How many of the stages, from the first on, were stood in one after the other. Steps back and again forward change nothing. */
function passed(path: readonly StageFact[], stages: readonly StageFact[]): number {
  let next = 0;
  for (const { key } of path) {
    const position = stages.findIndex((stage) => stage.key === key);
    if (position > next) return next;
    if (position === next) next += 1;
  }
  return next;
}

function openStages(book: StageBook): readonly {
  readonly crm: string;
  readonly pipeline: string | null;
  readonly stages: readonly StageFact[];
}[] {
  const found: { crm: string; pipeline: string | null; stages: StageFact[] }[] = [];
  for (const [crm, stages] of book) {
    for (const stage of stages.values()) {
      if (stage.closed === true) continue;
      let group = found.find((entry) => entry.crm === crm && entry.pipeline === stage.pipeline);
      if (group === undefined) {
        group = { crm, pipeline: stage.pipeline, stages: [] };
        found.push(group);
      }
      group.stages.push(stage);
    }
  }
  for (const { stages } of found) stages.sort((a, b) => a.order - b.order);
  return found;
}
