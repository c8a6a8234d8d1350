/** Portfolios that were not made for measuring pairing: names in many scripts, and a public data set when it is there. */
import { existsSync, readFileSync } from 'node:fs';
import { portfolioTruth } from '../../src/sandbox/generator/portfolio.ts';
import type { Perturbed, TrueDeal } from './perturb.ts';

const DAY = 86_400_000;

/** The sandbox's portfolio as true deals, to be entered twice. */
export function manyScripts(records: number, seed: string | number): TrueDeal[] {
  return [...portfolioTruth({ records, seed, now: Date.UTC(2026, 10, 1) })].map((deal) => {
    const side = deal.salesforce ?? deal.hubspot;
    const [company = '', ...subject] = (side?.name ?? '').split(' – ');
    return {
      key: `d${deal.index}`,
      company,
      subject: subject.join(' – '),
      amount: side?.amount === null || side === null ? null : Number(side.amount),
      currency: deal.currency,
      closeDay: side === null ? null : Math.floor(Date.parse(side.closeDate) / DAY),
      createdDay: Math.floor(deal.createdAt / DAY),
      owner: side?.owner.email ?? '',
      standing: side?.standing === 'won' ? 'won' : side?.standing === 'lost' ? 'lost' : 'open',
    };
  });
}

/** The sandbox's two CRMs as they are, without the links between them. */
export function asInSandbox(records: number, seed: string | number): Perturbed {
  const left: Perturbed['left'][number][] = [];
  const right: Perturbed['left'][number][] = [];
  for (const deal of portfolioTruth({ records, seed, now: Date.UTC(2026, 10, 1) })) {
    for (const [side, list, id] of [
      [deal.salesforce, left, deal.salesforceId],
      [deal.hubspot, right, deal.hubspotId],
    ] as const) {
      if (side === null) continue;
      list.push({
        deal: `d${deal.index}`,
        record: {
          ...{ id, name: side.name, amount: side.amount, currency: deal.currency, closeDate: side.closeDate },
          account: list === left ? deal.company.name : null,
          createdAt: deal.createdAt,
          owner: side.owner.email,
          standing: side.standing === 'won' ? 'won' : side.standing === 'lost' ? 'lost' : 'open',
        },
      });
    }
  }
  return { left, right };
}

const PIPELINE = new URL(
  '../../../shared/fixtures/datasets/maven-crm-sales/sales_pipeline.csv',
  import.meta.url,
);

/** 8,800 deals of 85 companies with 7 products: names repeat dozens of times. Null where the data set is absent. */
export function fewNames(): TrueDeal[] | null {
  if (!existsSync(PIPELINE)) return null;
  const [, ...lines] = readFileSync(PIPELINE, 'utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '');
  return lines.map((line) => {
    const [
      key = '',
      agent = '',
      product = '',
      account = '',
      stage = '',
      engaged = '',
      closed = '',
      value = '',
    ] = line.split(',');
    const day = (date: string): number | null => (date === '' ? null : Math.floor(Date.parse(date) / DAY));
    return {
      key,
      company: account,
      subject: product,
      amount: value === '' ? null : Number(value),
      currency: 'USD',
      closeDay: day(closed),
      createdDay: day(engaged) ?? 17_000,
      owner: `${agent.toLowerCase().replace(' ', '.')}@seller.example`,
      standing: stage === 'Won' ? 'won' : stage === 'Lost' ? 'lost' : 'open',
    };
  });
}
