import type { DatasetLine } from '../simulator.ts';
export interface PortfolioOptions {
  readonly records: number;
  readonly seed: string | number;
  readonly now: number;
}
export const portfolioSwitches = { salesforce: {}, hubspot: {} };
export function* generatePortfolio(_options: PortfolioOptions): Iterable<DatasetLine> {}
