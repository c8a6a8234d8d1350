import type { Org } from './org.ts';
import { Draft } from './save/draft.ts';
import type { Value } from './schema/field.ts';
import { FORECAST_CATEGORIES } from './schema/opportunity.ts';
import { STANDARD_STAGES } from './schema/standard-stages.ts';
import type { Row } from './table.ts';

/** Stamp of what the org was born with. */
const BIRTH = '2020-01-01T00:00:00.000+0000';

/** Adds a system row as it is: no validation, no log. */
export function seedRow(
  org: Org,
  object: string,
  fields: Readonly<Record<string, Value>>,
  id: string = org.newId(org.table(object)),
): Row {
  const table = org.table(object);
  const draft = new Draft(table, id, null);
  const common = { Id: draft.id, CreatedDate: BIRTH, LastModifiedDate: BIRTH, SystemModstamp: BIRTH };
  const people = { CreatedById: org.adminId, LastModifiedById: org.adminId };
  for (const [name, value] of Object.entries({ ...common, ...people, ...fields })) draft.set(name, value);
  const row: Row = { id: draft.id, table, values: draft.values, before: null, visibleAt: 0, deletedAt: null };
  table.insert(row);
  return row;
}

/** The rows every org has: itself, two profiles, an administrator and the user that API apps run as. */
export function seedOrg(org: Org): void {
  org.adminId = org.newId(org.table('User'));
  org.integrationId = org.newId(org.table('User'));
  org.organizationId = seedRow(org, 'Organization', {
    Name: 'Sandbox Company',
    TimeZoneSidKey: 'GMT',
    LanguageLocaleKey: 'en_US',
    DefaultLocaleSidKey: 'en_US',
    InstanceName: 'CS42',
    IsSandbox: true,
    OrganizationType: 'Enterprise Edition',
    FiscalYearStartMonth: 1,
    DefaultCurrencyIsoCode: 'USD',
  }).id;
  const admins = seedRow(org, 'Profile', { Name: 'System Administrator', UserType: 'Standard' });
  const apis = seedRow(org, 'Profile', {
    Name: 'Minimum Access - API Only Integrations',
    UserType: 'Standard',
  });
  seedUser(org, org.adminId, 'Admin', admins.id);
  seedUser(org, org.integrationId, 'Integration', apis.id);
  seedCurrency(org, 'USD', true);
}

function seedUser(org: Org, id: string, first: string, profileId: string): void {
  const alias = first.toLowerCase().slice(0, 8);
  const email = `${first.toLowerCase()}@sandbox.example`;
  const name = { FirstName: first, LastName: 'User', Name: `${first} User`, Alias: alias };
  const locale = { TimeZoneSidKey: 'GMT', LocaleSidKey: 'en_US', LanguageLocaleKey: 'en_US' };
  seedRow(org, 'User', { ...name, ...locale, Username: email, Email: email, ProfileId: profileId }, id);
}

/** Makes a currency known. */
export function seedCurrency(org: Org, code: string, corporate = false): void {
  const currencies = org.table('CurrencyType');
  for (const row of currencies.rows.values()) if (currencies.read(row, 'IsoCode') === code) return;
  seedRow(org, 'CurrencyType', {
    IsoCode: code,
    ConversionRate: 1,
    DecimalPlaces: 2,
    IsActive: true,
    IsCorporate: corporate,
  });
}

/** The standard sales process, for an org whose dataset names no stage. */
export function seedStages(org: Org): void {
  STANDARD_STAGES.forEach(([name, probability, category, closed, won], i) => {
    seedRow(org, 'OpportunityStage', {
      MasterLabel: name,
      ApiName: name,
      SortOrder: i + 1,
      IsClosed: closed,
      IsWon: won,
      ForecastCategory: category,
      ForecastCategoryName: FORECAST_CATEGORIES.find((pair) => pair[0] === category)?.[1] ?? null,
      DefaultProbability: probability,
      Description: null,
    });
  });
}

/** Gives records written before several currencies were switched on the corporate one. */
export function fillCurrencies(org: Org): void {
  seedCurrency(org, 'USD', true);
  for (const table of org.tables) {
    const column = table.columns.find(({ field }) => field.multiCurrency);
    if (column === undefined) continue;
    for (const row of table.rows.values()) {
      if ((row.values[column.index] ?? null) === null)
        table.replace(row, row.values.with(column.index, 'USD'));
    }
  }
}
