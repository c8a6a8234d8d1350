import { exactDouble, timesDouble } from './exact-double.ts';
import { primaryOf } from './links.ts';
import type { StageClass } from './pipeline-book.ts';
import { stageClass } from './pipeline-book.ts';
import type { Portal } from './portal.ts';
import type { Draft, HubRecord } from './record.ts';
import { formatInstant } from './values.ts';

const DAY = 86_400_000;

/** What a write tells the computation about itself. */
export interface DealWrite {
  /** The deal before the write; absent when it is being created. */
  readonly before: ((name: string) => string | undefined) | undefined;
  /** Names sent with the write, even when their value did not change. */
  readonly sent: ReadonlySet<string>;
  /** An import keeps the stamps it brought. */
  readonly imported: boolean;
  readonly now: number;
}

/** Fills in what HubSpot computes for a deal (hubspot.md §2.7 and §10 item 8). */
export function computeDeal(portal: Portal, deal: HubRecord, draft: Draft, write: DealWrite): void {
  const was = write.before === undefined ? 'open' : classIn(write.before);
  const moved = draft.get('dealstage') !== write.before?.('dealstage');
  computeFlags(portal, draft);
  const is = classIn((name) => draft.get(name));
  if (moved && !write.imported) {
    stampStages(draft, write);
    if (is !== 'open' && is !== was && !write.sent.has('closedate')) {
      draft.set('closedate', formatInstant(write.now));
    }
  }
  if (write.imported) keepStamps(draft);
  computeWonDate(draft, is, write);
  computeAmounts(portal, draft);
  computeDaysToClose(draft, is);
  draft.set('hs_primary_associated_company', primaryOf(deal, 'companies')?.id);
}

/** The name of a per-stage stamp: ids that are not plain words are spelled with underscores. */
export function stageStamp(kind: 'entered' | 'exited', stageId: string): string {
  return `hs_v2_date_${kind}_${stageId.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_')}`;
}

function classIn(get: (name: string) => string | undefined): StageClass {
  if (get('hs_is_closed') !== 'true') return 'open';
  if (get('hs_is_closed_won') === 'true') return 'won';
  return get('hs_is_closed_lost') === 'true' ? 'lost' : 'closed';
}

/** A deal in a stage nobody knows any more keeps what was computed while it was known. */
function computeFlags(portal: Portal, draft: Draft): void {
  const stageId = draft.get('dealstage');
  if (stageId === undefined) {
    draft.set('hs_is_closed', undefined);
    draft.set('hs_deal_stage_probability', undefined);
    draft.set('hs_is_closed_won', 'false');
    draft.set('hs_is_closed_lost', 'false');
    return;
  }
  const stage = portal.pipelines.stage(stageId);
  if (stage === undefined) {
    draft.set('hs_is_closed_won', draft.get('hs_is_closed_won') ?? 'false');
    draft.set('hs_is_closed_lost', draft.get('hs_is_closed_lost') ?? 'false');
    return;
  }
  const is = stageClass(stage);
  draft.set('hs_is_closed', is === 'open' ? 'false' : 'true');
  draft.set('hs_is_closed_won', is === 'won' ? 'true' : 'false');
  draft.set('hs_is_closed_lost', is === 'lost' ? 'true' : 'false');
  draft.set('hs_deal_stage_probability', printed(stage.metadata['probability']));
}

function stampStages(draft: Draft, { before, now }: DealWrite): void {
  const stamp = formatInstant(now);
  const left = before?.('dealstage');
  const entered = draft.get('dealstage');
  if (left !== undefined) draft.set(stageStamp('exited', left), stamp);
  draft.set('hs_v2_date_entered_current_stage', entered === undefined ? undefined : stamp);
  draft.set('hs_v2_time_in_current_stage', entered === undefined ? undefined : stamp);
  if (entered === undefined) return;
  draft.set(stageStamp('entered', entered), stamp);
  draft.set(stageStamp('exited', entered), undefined);
}

function keepStamps(draft: Draft): void {
  const stage = draft.get('dealstage');
  if (stage === undefined) return;
  const perStage = stageStamp('entered', stage);
  const entered =
    draft.get('hs_v2_date_entered_current_stage') ?? draft.get(perStage) ?? draft.get('createdate');
  draft.set('hs_v2_date_entered_current_stage', entered);
  draft.set('hs_v2_time_in_current_stage', draft.get('hs_v2_time_in_current_stage') ?? entered);
  draft.set(perStage, draft.get(perStage) ?? entered);
}

function computeWonDate(draft: Draft, is: StageClass, { imported, now }: DealWrite): void {
  if (is !== 'won') draft.set('hs_closed_won_date', undefined);
  else if (draft.get('hs_closed_won_date') === undefined) {
    const known = imported ? (draft.get('closedate') ?? draft.get('createdate')) : undefined;
    draft.set('hs_closed_won_date', known ?? formatInstant(now));
  }
}

function computeAmounts(portal: Portal, draft: Draft): void {
  const amount = draft.get('amount');
  const probability = draft.get('hs_deal_stage_probability');
  if (amount === undefined) {
    draft.set('amount_in_home_currency', undefined);
    draft.set('hs_projected_amount', undefined);
    return;
  }
  const { companyCurrency, currencies } = portal.switches;
  const code = draft.get('deal_currency_code');
  const foreign = code !== undefined && code !== companyCurrency;
  const rate = foreign ? Number(draft.get('hs_exchange_rate') ?? currencies.get(code) ?? 1) : 1;
  draft.set('amount_in_home_currency', rate === 1 ? amount : timesDouble(amount, rate));
  draft.set(
    'hs_projected_amount',
    probability === undefined ? undefined : timesDouble(amount, Number(probability)),
  );
}

function computeDaysToClose(draft: Draft, is: StageClass): void {
  const created = Date.parse(draft.get('createdate') ?? '');
  const closed = Date.parse(draft.get('closedate') ?? '');
  if (Number.isNaN(created)) draft.set('days_to_close', undefined);
  else if (is === 'open' || Number.isNaN(closed)) draft.set('days_to_close', '0');
  else draft.set('days_to_close', String(Math.max(0, Math.floor((closed - created) / DAY))));
}

const PRINTED = new Map<string, string>();

/** Stage probabilities are few: print each once. */
function printed(probability: string | undefined): string | undefined {
  if (probability === undefined || Number.isNaN(Number(probability))) return undefined;
  const known = PRINTED.get(probability);
  if (known !== undefined) return known;
  const text = exactDouble(Number(probability));
  PRINTED.set(probability, text);
  return text;
}
