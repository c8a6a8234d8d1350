import type { StageRow } from '../../core/settings.ts';

/** What comparing the two simulated CRMs themselves found. */
export interface Agreement {
  /** Records that carry the same pair key on both sides. */
  readonly pairs: number;
  readonly agreeing: number;
  /** Pairs that differ, with the fields that do. */
  readonly differing: readonly {
    readonly salesforce: string;
    readonly hubspot: string;
    readonly fields: readonly string[];
  }[];
}

interface Side {
  readonly id: string;
  readonly stage: string;
  readonly amount: string;
  readonly closeDate: string;
}

/**
 * Compares the final state of both CRMs, read from the sandbox's own control prefix and not through oppsync's
 * connectors or database: stage through the stage map, amount as a number, close date as a calendar date.
 */
export async function checkAgreement(
  urls: { readonly salesforce: string; readonly hubspot: string },
  stages: readonly StageRow[],
  signal: AbortSignal,
): Promise<Agreement> {
  const opportunities = new Map<string, Side>();
  for await (const { type, fields, deleted } of stateLines(urls.salesforce, signal)) {
    const key = fields['Oppsync_Pair_Key__c'];
    if (type !== 'Opportunity' || deleted === true || typeof key !== 'string' || key === '') continue;
    opportunities.set(key, {
      id: String(fields['Id']),
      stage: String(fields['StageName'] ?? ''),
      amount: amountText(fields['Amount']),
      closeDate: String(fields['CloseDate'] ?? '').slice(0, 10),
    });
  }
  let pairs = 0;
  const differing: Agreement['differing'][number][] = [];
  for await (const { type, fields, deleted } of stateLines(urls.hubspot, signal)) {
    const key = fields['oppsync_pair_key'];
    if (type !== 'deal' || deleted === true || typeof key !== 'string') continue;
    const opportunity = opportunities.get(key);
    if (opportunity === undefined) continue;
    pairs += 1;
    const deal: Side = {
      id: String(fields['hs_object_id']),
      stage: `${String(fields['pipeline'] ?? '')}/${String(fields['dealstage'] ?? '')}`,
      amount: amountText(fields['amount']),
      closeDate: String(fields['closedate'] ?? '').slice(0, 10),
    };
    const fieldsApart = apart(opportunity, deal, stages);
    if (fieldsApart.length > 0)
      differing.push({ salesforce: opportunity.id, hubspot: deal.id, fields: fieldsApart });
  }
  return { pairs, agreeing: pairs - differing.length, differing };
}

function apart(a: Side, b: Side, stages: readonly StageRow[]): readonly string[] {
  const sameStage = stages.some(
    (row) => row['salesforce']?.includes(a.stage) === true && row['hubspot']?.includes(b.stage) === true,
  );
  return [
    ...(sameStage ? [] : ['stage']),
    ...(a.amount === b.amount ? [] : ['amount']),
    ...(a.closeDate === b.closeDate ? [] : ['closeDate']),
  ];
}

/** The same text for the same number: no trailing zeros. */
function amountText(value: unknown): string {
  if (value === null || value === undefined || value === '') return '';
  const text = String(value);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

interface StateLine {
  readonly type: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly deleted?: boolean;
}

async function* stateLines(url: string, signal: AbortSignal): AsyncGenerator<StateLine> {
  const response = await fetch(`${url}/_sandbox/state`, { signal });
  if (!response.ok || response.body === null)
    throw new Error(`the sandbox answered ${response.status} for its state`);
  let rest = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield JSON.parse(line) as StateLine;
  }
  if (rest.trim() !== '') yield JSON.parse(rest) as StateLine;
}
