/** What accounts have to hold, computed from what the simulated CRMs hold and from nothing of oppsync. */
import type { CrmControl, TestSandbox } from './sandbox.ts';

/** Open amount, won amount, win rate, median cycle; null = blank. */
export type Held = readonly (string | null)[];

interface Sale {
  readonly account: string;
  readonly state: 'open' | 'won' | 'lost';
  readonly cents: bigint | null;
  readonly currency: string;
  readonly days: number;
}

export const SALESFORCE_FIELDS = [
  'Oppsync_Open_Amount__c',
  'Oppsync_Won_Amount__c',
  'Oppsync_Win_Rate__c',
  'Oppsync_Median_Cycle_Days__c',
] as const;
export const HUBSPOT_FIELDS = [
  'oppsync_open_amount',
  'oppsync_won_amount',
  'oppsync_win_rate',
  'oppsync_median_cycle_days',
] as const;

/** What every account and company holds now, as plain numbers. */
export async function heldRollups(sandbox: TestSandbox): Promise<Map<string, Held>> {
  const read = async (crm: CrmControl, type: string, fields: readonly string[]) =>
    [...(await crm.records(type))].map(([id, values]): [string, Held] => [
      `${type} ${id}`,
      fields.map((field) => plain(values[field])),
    ]);
  return new Map([
    ...(await read(sandbox.salesforce, 'Account', SALESFORCE_FIELDS)),
    ...(await read(sandbox.hubspot, 'company', HUBSPOT_FIELDS)),
  ]);
}

/** What they should hold. */
export async function expectedRollups(sandbox: TestSandbox): Promise<Map<string, Held>> {
  const accounts = [...(await sandbox.salesforce.records('Account')).keys()];
  const companies = [...(await sandbox.hubspot.records('company')).keys()];
  const sales = [
    ...[...(await sandbox.salesforce.records('Opportunity')).values()].map(ofSalesforce),
    ...[...(await sandbox.hubspot.records('deal')).values()].map(ofHubspot),
  ];
  return new Map(
    [...accounts.map((id) => `Account ${id}`), ...companies.map((id) => `company ${id}`)].map((account) => [
      account,
      rolled(sales.filter((sale) => sale.account === account)),
    ]),
  );
}

type Fields = Readonly<Record<string, unknown>>;

function ofSalesforce(fields: Fields): Sale {
  return {
    account: `Account ${fields['AccountId']}`,
    state: fields['IsClosed'] !== true ? 'open' : fields['IsWon'] === true ? 'won' : 'lost',
    cents: centsOf(fields['Amount']),
    currency: String(fields['CurrencyIsoCode'] ?? 'own'),
    days: daysBetween(fields['CreatedDate'], fields['CloseDate']),
  };
}

function ofHubspot(fields: Fields): Sale {
  const closed = String(fields['hs_is_closed']) === 'true';
  const won = String(fields['hs_is_closed_won']) === 'true';
  return {
    account: `company ${fields['hs_primary_associated_company']}`,
    state: !closed ? 'open' : won ? 'won' : 'lost',
    cents: centsOf(fields['amount']),
    currency: String(fields['deal_currency_code'] ?? 'own'),
    days: daysBetween(fields['createdate'], fields['closedate']),
  };
}

function rolled(sales: readonly Sale[]): Held {
  if (sales.length === 0) return [null, null, null, null];
  const of = (state: Sale['state']): readonly Sale[] => sales.filter((sale) => sale.state === state);
  const [won, lost] = [of('won'), of('lost')];
  const valued = [...of('open'), ...won].filter(({ cents }) => cents !== null);
  const mixed = new Set(valued.map(({ currency }) => currency)).size > 1;
  const sum = (list: readonly Sale[]): string => {
    const cents = list.reduce((total, sale) => total + (sale.cents ?? 0n), 0n);
    return plain(`${cents < 0n ? '-' : ''}${digits(cents)}`) ?? '0';
  };
  const decided = won.length + lost.length;
  const days = won
    .map((sale) => sale.days)
    .filter((n) => n >= 0)
    .sort((a, b) => a - b);
  const half = days.length >> 1;
  const median =
    days.length === 0
      ? null
      : days.length % 2 === 1
        ? days[half]
        : ((days[half - 1] ?? 0) + (days[half] ?? 0)) / 2;
  return [
    mixed ? null : sum(of('open')),
    mixed ? null : sum(won),
    decided === 0 ? null : plain(String(Math.round((won.length / decided) * 10_000) / 10_000)),
    median == null ? null : plain(String(median)),
  ];
}

function digits(cents: bigint): string {
  const text = String(cents < 0n ? -cents : cents).padStart(3, '0');
  return `${text.slice(0, -2)}.${text.slice(-2)}`;
}

function centsOf(value: unknown): bigint | null {
  if (value === null || value === undefined || value === '') return null;
  const [whole = '0', part = ''] = String(value).replace('-', '').split('.');
  const cents = BigInt(whole) * 100n + BigInt(part.padEnd(2, '0').slice(0, 2));
  return String(value).startsWith('-') ? -cents : cents;
}

function daysBetween(from: unknown, to: unknown): number {
  const day = (value: unknown): number => Date.parse(`${String(value).slice(0, 10)}T00:00:00Z`) / 86_400_000;
  return day(to) - day(from);
}

/** `10.00` and 10 are one number. */
function plain(value: unknown): string | null {
  return value === null || value === undefined || value === '' ? null : String(Number(value));
}
