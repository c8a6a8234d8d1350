import type { Org } from '../org.ts';
import type { Value } from '../schema/field.ts';
import { FORECAST_CATEGORIES } from '../schema/opportunity.ts';
import { dayText } from '../stamps.ts';
import type { Draft } from './draft.ts';
import { stageByApiName } from './stages.ts';

/** What an import keeps as given: the past is not recomputed from today's stage. */
export interface ComputeOptions {
  readonly imported: boolean;
  /** Stamp of the transaction. */
  readonly stamp: string;
}

/** Fields of an Opportunity that follow from others (salesforce.md §2.4; design section 7 on the close date). */
export function computeOpportunity(org: Org, draft: Draft, options: ComputeOptions): void {
  if (draft.get('HasOpportunityLineItem') === true && draft.old !== null && draft.sent.has('Amount')) {
    draft.set('Amount', draft.was('Amount'));
  }
  if (draft.old === null || draft.changed('StageName')) applyStage(org, draft, options);
  if (draft.changed('ForecastCategoryName')) {
    const label = draft.get('ForecastCategoryName');
    draft.set('ForecastCategory', FORECAST_CATEGORIES.find((pair) => pair[1] === label)?.[0] ?? null);
  }
  if (!options.imported) countPush(draft);
  draft.set('ExpectedRevenue', expectedRevenue(draft.get('Amount'), draft.get('Probability')));
  computeFiscal(draft);
}

function applyStage(org: Org, draft: Draft, { imported, stamp }: ComputeOptions): void {
  const stages = org.table('OpportunityStage');
  const stage = stageByApiName(org, draft.get('StageName'));
  if (draft.old !== null) draft.set('LastStageChangeDate', stamp);
  if (stage === undefined) {
    if (imported) return;
    draft.set('IsClosed', false);
    draft.set('IsWon', false);
    if (!draft.sent.has('Probability')) draft.set('Probability', 0);
    return;
  }
  draft.set('IsClosed', stages.read(stage, 'IsClosed'));
  draft.set('IsWon', stages.read(stage, 'IsWon'));
  if (!draft.sent.has('Probability')) draft.set('Probability', stages.read(stage, 'DefaultProbability'));
  if (!draft.sent.has('ForecastCategoryName')) {
    draft.set('ForecastCategoryName', stages.read(stage, 'ForecastCategoryName'));
  }
  if (!imported && draft.get('IsWon') === true && draft.was('IsWon') !== true) pullCloseDate(org, draft);
}

/** A deal won before its close date was closed today. */
function pullCloseDate(org: Org, draft: Draft): void {
  const today = dayText(org.now());
  const closeDate = draft.get('CloseDate');
  if (typeof closeDate === 'string' && closeDate > today && !draft.sent.has('CloseDate'))
    draft.set('CloseDate', today);
}

/** Counts close dates moved into a later month. */
function countPush(draft: Draft): void {
  const before = draft.was('CloseDate');
  const after = draft.get('CloseDate');
  if (typeof before !== 'string' || typeof after !== 'string') return;
  if (after.slice(0, 7) > before.slice(0, 7)) draft.set('PushCount', Number(draft.get('PushCount') ?? 0) + 1);
}

function expectedRevenue(amount: Value, probability: Value): number | null {
  if (typeof amount !== 'number') return null;
  return Math.round(amount * Number(probability ?? 0)) / 100;
}

function computeFiscal(draft: Draft): void {
  const closeDate = draft.get('CloseDate');
  if (typeof closeDate !== 'string') return;
  const year = Number(closeDate.slice(0, 4));
  const quarter = Math.ceil(Number(closeDate.slice(5, 7)) / 3);
  draft.set('FiscalYear', year);
  draft.set('FiscalQuarter', quarter);
  draft.set('Fiscal', `${year} ${quarter}`);
}
