import { createRandom } from '../random.ts';
import type { DatasetLine, Simulator } from '../simulator.ts';
import { CURRENCIES } from './amount.ts';
import { companyAt, companyCount } from './companies.ts';
import type { Deal } from './deal.ts';
import { drawDeal } from './draw-deal.ts';
import { companyLine, dealLine, ownerLine, pipelineLines } from './hubspot-lines.ts';
import { teamFor } from './owners.ts';
import { recordTypeLines, recordTypeOf } from './record-types.ts';
import {
  accountLine,
  activityLine,
  contractLine,
  opportunityLine,
  salesforceStageLines,
  userLine,
} from './salesforce-lines.ts';

export interface PortfolioOptions {
  /** Sales to generate: about as many opportunities in Salesforce and deals in HubSpot. */
  readonly records: number;
  readonly seed: string | number;
  /** The moment the portfolio is seen at, epoch ms; every date lies around it. */
  readonly now: number;
  /** Opportunities are of two record types, of which renewals do without the first stages. */
  readonly recordTypes?: boolean;
}

/** What the CRMs must have switched on before the portfolio is loaded. */
export const portfolioSwitches: Readonly<Record<Simulator['crm'], Readonly<Record<string, unknown>>>> = {
  salesforce: { multiCurrency: true },
  hubspot: { companyCurrency: 'USD', currencies: CURRENCIES },
};

/**
 * A believable portfolio of a company that sells in sixteen countries, as lines of a dataset: same options, same lines. Streams:
 * memory does not grow with the number of records.
 */
export function* generatePortfolio(options: PortfolioOptions): Generator<DatasetLine> {
  const { records, seed } = options;
  yield* salesforceStageLines();
  if (options.recordTypes === true) yield* recordTypeLines();
  yield* pipelineLines();
  for (const owner of teamFor(records, createRandom(seed)).all) {
    if (owner.inSalesforce) yield userLine(owner);
    if (owner.inHubspot) yield ownerLine(owner);
  }
  if (records === 0) return;
  for (let index = 0; index < companyCount(records); index += 1) {
    const company = companyAt(index);
    yield accountLine(company);
    yield companyLine(company);
  }
  for (const deal of portfolioTruth(options)) yield* dealLines(deal, options.recordTypes === true);
}

/** The story behind the lines, deal by deal: what a program that reads both CRMs should find out. */
export function* portfolioTruth({ records, seed, now }: PortfolioOptions): Generator<Deal> {
  const random = createRandom(seed);
  const context = { records, now, team: teamFor(records, random) };
  const portfolio = random.fork('portfolio');
  for (let index = 0; index < records; index += 1) yield drawDeal(index, context, portfolio);
}

function* dealLines(deal: Deal, typed: boolean): Generator<DatasetLine> {
  const { salesforce, hubspot, contactAt } = deal;
  if (salesforce !== null) {
    const contract = contractLine(deal, salesforce);
    if (contract !== null) yield contract;
    const line = opportunityLine(deal, salesforce);
    yield typed ? { ...line, fields: { ...line.fields, RecordTypeId: recordTypeOf(deal.pipeline) } } : line;
    if (contactAt !== null) yield activityLine(deal, salesforce, contactAt);
  }
  if (hubspot !== null) yield dealLine(deal, hubspot);
}
