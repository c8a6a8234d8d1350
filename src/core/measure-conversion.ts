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
  const known = records.filter(isPathKnown);
  const paths = known.map((record) => ({
    record,
    path: stagePath(record)
      .map((key) => stageOf(context.stages, record.crm, key))
      .filter((stage) => stage !== null),
  }));
  const steps: ConversionStep[] = [];
  for (const { crm, pipeline, stages } of openStages(context.stages)) {
    const mine = paths.filter(
      ({ record, path }) => record.crm === crm && path.some((stage) => stage.pipeline === pipeline),
    );
    if (mine.length === 0) continue;
    stages.forEach((stage, index) => {
      const entered = mine.filter(({ path }) => path.some(({ key }) => key === stage.key));
      const advanced = entered.filter(({ record, path }) => hasAdvanced(record, path, stage));
      const inOrder = mine.filter(({ path }) => passed(path, stages) > index);
      const next = inOrder.filter(({ record, path }) =>
        index + 1 < stages.length ? passed(path, stages) > index + 1 : isWon(record),
      );
      steps.push({
        crm,
        pipeline,
        stage: stage.key,
        label: stage.label,
        entered: entered.length,
        advanced: advanced.length,
        conversion_any_order: ratio(advanced.length, entered.length),
        in_order: inOrder.length,
        next_in_order: next.length,
        conversion_strict: ratio(next.length, inOrder.length),
      });
    });
  }
  return { steps, unobserved_count: records.length - known.length };
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
