/**
 * 8,800 sales for both sandbox CRMs, linked one to one, a fifth of their stages in disagreement: a public portfolio of
 * computer hardware sales where it lies beside the repository, drawn numbers of the same shape otherwise.
 */
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRandom } from '../../src/sandbox/random.ts';
import { toId18 } from '../../src/sandbox/salesforce/ids.ts';
import type { DatasetLine } from '../../src/sandbox/simulator.ts';

const FIXTURE = fileURLToPath(new URL('../../../shared/fixtures/datasets/maven-crm-sales', import.meta.url));
const STAGES = ['Prospecting', 'Engaging', 'Won', 'Lost'] as const;
/** Share of each stage in the public portfolio. */
const SHARES = [0.057, 0.238, 0.763, 1] as const;
const PROBABILITY = { Prospecting: 10, Engaging: 50, Won: 100, Lost: 0 } as const;
const FORECAST = { Prospecting: 'Pipeline', Engaging: 'BestCase', Won: 'Closed', Lost: 'Omitted' } as const;
/** Salesforce wants a close date; an open sale without one is expected at the end of the recorded time. */
const NO_CLOSE_DATE = '2018-03-31';
const DISAGREEING = 0.2;

type Stage = (typeof STAGES)[number];

interface Sale {
  readonly key: string;
  readonly agent: string;
  readonly product: string;
  /** Empty for a sale without an account. */
  readonly account: string;
  readonly stage: Stage;
  readonly closeDate: string;
  /** Null where nothing was recorded. */
  readonly amount: string | null;
}

export interface SalesDataset {
  readonly file: string;
  /** Sales, and so records on each side. */
  readonly sales: number;
  /** Sales whose stages differ between the two CRMs. */
  readonly disagreeing: number;
  readonly source: 'fixture' | 'drawn';
}

/**
 * Writes the dataset into a folder; with `draw` that many drawn sales, with `onlyOpen` none of them closed. The same seed gives
 * the same file.
 */
export async function writeSalesDataset(
  folder: string,
  seed: number,
  draw?: number,
  onlyOpen = false,
): Promise<SalesDataset> {
  const source = draw === undefined && existsSync(FIXTURE) ? 'fixture' : 'drawn';
  if (source === 'drawn' && draw === undefined)
    console.log(`no ${FIXTURE}: a drawn portfolio of the same size is used instead`);
  const all = source === 'fixture' ? readSales() : drawSales(draw ?? 8_800, seed);
  const sales = onlyOpen ? all.map(opened) : all;
  const stages = onlyOpen ? STAGES.slice(0, 2) : STAGES;
  const random = createRandom(seed).fork('disagreement');
  const accounts = numbered(sales.map((sale) => sale.account).filter((name) => name !== ''));
  const agents = numbered(sales.map((sale) => sale.agent));
  const lines: DatasetLine[] = [...stageLines(), ...accountLines(accounts), ...agentLines(agents)];
  let disagreeing = 0;
  for (const [index, sale] of sales.entries()) {
    let other = sale.stage;
    if (random.next() < DISAGREEING) {
      other = random.pick(stages.filter((stage) => stage !== sale.stage));
      disagreeing += 1;
    }
    lines.push(...saleLines(sale, index, other, accounts, agents));
  }
  const file = join(folder, 'sales.ndjson');
  await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return { file, sales: sales.length, disagreeing, source };
}

/** Whether a Salesforce stage and a HubSpot `pipeline/stage` of the dataset mean the same. */
export function sameSalesStage(salesforce: string, hubspot: string): boolean {
  return hubspot === `default/${salesforce.toLowerCase()}`;
}

/** The ids of the nth sale, counting from 0. */
export function idsOfSale(index: number): { readonly salesforce: string; readonly hubspot: string } {
  return { salesforce: salesforceId('006', index + 1), hubspot: hubspotId(DEAL, index + 1) };
}

function readSales(): Sale[] {
  return readFileSync(join(FIXTURE, 'sales_pipeline.csv'), 'utf8')
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => {
      const [key = '', agent = '', product = '', account = '', stage = '', , closeDate, value] =
        line.split(',');
      const known = STAGES.find((one) => one === stage);
      if (known === undefined) throw new Error(`sale ${key} stands at an unknown stage: ${stage}`);
      return {
        ...{ key, agent, account, stage: known },
        // The catalogue spells it with a space.
        product: product === 'GTXPro' ? 'GTX Pro' : product,
        closeDate: closeDate === undefined || closeDate === '' ? NO_CLOSE_DATE : closeDate,
        amount: value === undefined || value === '' ? null : value,
      };
    });
}

function drawSales(count: number, seed: number): Sale[] {
  const random = createRandom(seed).fork('sales');
  return Array.from({ length: count }, (_, index) => {
    const share = random.next();
    const stage = STAGES[SHARES.findIndex((limit) => share < limit)] ?? 'Lost';
    const closed = stage === 'Won' || stage === 'Lost';
    const day = new Date(Date.UTC(2017, 2, 1) + random.int(0, 305) * 86_400_000).toISOString().slice(0, 10);
    return {
      key: `D${String(index).padStart(7, '0')}`,
      agent: `Agent ${random.int(1, 35)}`,
      product: `Product ${random.int(1, 7)}`,
      account: random.next() < 0.16 ? '' : `Account ${random.int(1, 85)}`,
      stage,
      closeDate: closed ? day : NO_CLOSE_DATE,
      amount: stage === 'Won' ? String(random.int(38, 30_288)) : stage === 'Lost' ? '0' : null,
    };
  });
}

function opened(sale: Sale): Sale {
  const isClosed = sale.stage === 'Won' || sale.stage === 'Lost';
  return isClosed ? { ...sale, stage: 'Engaging', closeDate: NO_CLOSE_DATE } : sale;
}

function numbered(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map([...new Set(names)].map((name, index) => [name, index + 1]));
}

const salesforceId = (prefix: string, n: number): string =>
  toId18(`${prefix}Es${String(n).padStart(10, '0')}`);
const hubspotId = (base: number, n: number): string => String(base + n);
const DEAL = 7_000_000;
const COMPANY = 8_000_000;
const OWNER = 9_000_000;

function stageLines(): DatasetLine[] {
  const salesforce = STAGES.map((stage, index) =>
    line('salesforce', 'OpportunityStage', {
      ...{ ApiName: stage, MasterLabel: stage, IsActive: true, SortOrder: index + 1 },
      ...{ IsClosed: index >= 2, IsWon: stage === 'Won', DefaultProbability: PROBABILITY[stage] },
      ForecastCategory: FORECAST[stage],
    }),
  );
  const stages = STAGES.map((stage, displayOrder) => ({
    ...{ id: stage.toLowerCase(), label: stage, displayOrder },
    metadata: { isClosed: String(displayOrder >= 2), probability: String(PROBABILITY[stage] / 100) },
  }));
  return [
    ...salesforce,
    line('hubspot', 'pipeline', { id: 'default', label: 'Sales', displayOrder: 0, stages }),
  ];
}

function accountLines(accounts: ReadonlyMap<string, number>): DatasetLine[] {
  return [...accounts].flatMap(([name, n]) => [
    line('salesforce', 'Account', { Id: salesforceId('001', n), Name: name }),
    line('hubspot', 'company', { hs_object_id: hubspotId(COMPANY, n), name }),
  ]);
}

function agentLines(agents: ReadonlyMap<string, number>): DatasetLine[] {
  return [...agents].flatMap(([name, n]) => {
    const [first = '', ...rest] = name.split(' ');
    const last = rest.join(' ');
    const email = `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '.')}@sales.example`;
    return [
      line('salesforce', 'User', {
        ...{ Id: salesforceId('005', n), Username: email, Email: email, IsActive: true },
        ...{ FirstName: first, LastName: last, Name: name },
      }),
      line('hubspot', 'owner', { id: hubspotId(OWNER, n), email, firstName: first, lastName: last }),
    ];
  });
}

function saleLines(
  sale: Sale,
  index: number,
  stageInHubspot: Stage,
  accounts: ReadonlyMap<string, number>,
  agents: ReadonlyMap<string, number>,
): DatasetLine[] {
  const id = salesforceId('006', index + 1);
  const name = `${sale.account === '' ? 'No account' : sale.account} - ${sale.product} (${sale.key})`;
  const account = accounts.get(sale.account);
  const agent = agents.get(sale.agent) ?? 1;
  const opportunity = line('salesforce', 'Opportunity', {
    ...{ Id: id, Name: name, StageName: sale.stage, CloseDate: sale.closeDate },
    ...(account === undefined ? {} : { AccountId: salesforceId('001', account) }),
    OwnerId: salesforceId('005', agent),
    Amount: sale.amount === null ? null : Number(sale.amount),
  });
  const deal = line('hubspot', 'deal', {
    hs_object_id: hubspotId(DEAL, index + 1),
    dealname: name,
    pipeline: 'default',
    dealstage: stageInHubspot.toLowerCase(),
    closedate: sale.closeDate,
    hubspot_owner_id: hubspotId(OWNER, agent),
    hs_salesforceopportunityid: id,
    ...(sale.amount === null ? {} : { amount: sale.amount }),
  });
  const companies = account === undefined ? [] : [hubspotId(COMPANY, account)];
  return [opportunity, { ...deal, associations: { companies } }];
}

function line(crm: string, type: string, fields: DatasetLine['fields']): DatasetLine {
  return { crm, type, fields };
}
