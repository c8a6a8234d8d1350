import type { Org } from './org.ts';
import { computeActivity } from './save/activity.ts';
import { computeFields } from './save/computed-fields.ts';
import { Draft } from './save/draft.ts';
import { stageByApiName } from './save/stages.ts';
import { FORECAST_CATEGORIES } from './schema/opportunity.ts';
import { seedCurrency, seedStages } from './seed.ts';
import { stampText, toMs } from './stamps.ts';
import type { Row } from './table.ts';

/** Objects whose derived fields need others first come last. */
const ORDER = ['OpportunityStage', 'User', 'Account', 'Contact', 'Contract', 'Opportunity'];

/** Computes what depends on other lines, fills stamps and owners, and logs each record as imported. */
export function completeImport(org: Org, rows: readonly Row[]): void {
  if (org.table('OpportunityStage').rows.size === 0) seedStages(org);
  const rank = (row: Row): number => {
    const at = ORDER.indexOf(row.table.type.name);
    return at < 0 ? ORDER.length : at;
  };
  const sorted = [...rows].sort((a, b) => rank(a) - rank(b));
  for (const row of sorted) completeRow(org, row);
  for (const row of sorted) if (row.table.type.name === 'Opportunity') completeActivity(org, row);
  for (const row of sorted) logImport(org, row);
}

function completeRow(org: Org, row: Row): void {
  const { table } = row;
  const draft = new Draft(table, row.id, null);
  table.columns.forEach((column, i) => {
    draft.values[i] = row.values[i] ?? column.field.initial;
  });
  fillStamps(org, draft);
  if (draft.get('OwnerId') === null) draft.set('OwnerId', org.adminId);
  if (table.type.name === 'OpportunityStage') completeStage(draft);
  completeCurrency(org, draft);
  keepGiven(draft);
  const wasClosed = draft.get('IsClosed');
  const wasWon = draft.get('IsWon');
  computeFields(org, draft, { imported: true, stamp: String(draft.get('SystemModstamp')) });
  if (table.type.name === 'Opportunity' && stageByApiName(org, draft.get('StageName')) === undefined) {
    // A stage that no longer exists leaves the flags the record had.
    draft.set('IsClosed', wasClosed);
    draft.set('IsWon', wasWon);
  }
  table.replace(row, draft.values);
  if (table.isDeleted(row.values)) row.deletedAt = toMs(String(table.read(row, 'SystemModstamp')));
}

/** Values a line gave count as sent, so that stage defaults do not replace them. */
function keepGiven(draft: Draft): void {
  for (const { field, index } of draft.table.columns) {
    if ((draft.values[index] ?? null) !== null && field.type !== 'boolean') draft.sent.add(field.name);
  }
}

function fillStamps(org: Org, draft: Draft): void {
  const now = stampText(org.now());
  const modified =
    draft.get('LastModifiedDate') ?? draft.get('SystemModstamp') ?? draft.get('CreatedDate') ?? now;
  if (draft.get('CreatedDate') === null) draft.set('CreatedDate', modified);
  if (draft.get('LastModifiedDate') === null) draft.set('LastModifiedDate', modified);
  if (draft.get('SystemModstamp') === null) draft.set('SystemModstamp', modified);
  if (draft.get('CreatedById') === null) draft.set('CreatedById', org.adminId);
  if (draft.get('LastModifiedById') === null) draft.set('LastModifiedById', org.adminId);
}

function completeStage(draft: Draft): void {
  if (draft.get('ApiName') === null) draft.set('ApiName', draft.get('MasterLabel'));
  if (draft.get('MasterLabel') === null) draft.set('MasterLabel', draft.get('ApiName'));
  const closed = draft.get('IsClosed') === true || draft.get('IsWon') === true;
  const won = draft.get('IsWon') === true;
  if (draft.get('DefaultProbability') === null) draft.set('DefaultProbability', won ? 100 : 0);
  if (draft.get('SortOrder') === null)
    draft.set('SortOrder', [...draft.table.rows.keys()].indexOf(draft.id) + 1);
  const category = draft.get('ForecastCategory');
  const label = draft.get('ForecastCategoryName');
  const fallback = closed ? (won ? 'Closed' : 'Omitted') : 'Pipeline';
  const pair = FORECAST_CATEGORIES.find(([name, text]) => name === category || text === label);
  const [name, text] = pair ??
    FORECAST_CATEGORIES.find(([one]) => one === fallback) ?? ['Pipeline', 'Pipeline'];
  if (category === null) draft.set('ForecastCategory', name);
  if (label === null) draft.set('ForecastCategoryName', text);
}

function completeCurrency(org: Org, draft: Draft): void {
  if (!org.switches.multiCurrency || draft.table.column('CurrencyIsoCode') === undefined) return;
  const code = draft.get('CurrencyIsoCode') ?? 'USD';
  draft.set('CurrencyIsoCode', code);
  seedCurrency(org, String(code));
}

function completeActivity(org: Org, row: Row): void {
  const { table } = row;
  const given = table.read(row, 'LastActivityDate');
  if (typeof given === 'string') org.importedActivity.set(row.id, given);
  const draft = new Draft(table, row.id, row);
  const open = draft.get('HasOpenActivity');
  const overdue = draft.get('HasOverdueTask');
  computeActivity(org, draft);
  if (open === true) draft.set('HasOpenActivity', true);
  if (overdue === true) draft.set('HasOverdueTask', true);
  if (Object.keys(draft.difference()).length > 0) table.replace(row, draft.values);
}

function logImport(org: Org, row: Row): void {
  const draft = new Draft(row.table, row.id, null);
  row.values.forEach((value, i) => {
    draft.values[i] = value;
  });
  const { IsDeleted: deleted, ...fields } = draft.difference();
  const entry = { at: org.now(), crm: 'salesforce', type: row.table.type.name, id: row.id, actor: 'import' };
  org.deps.truth.append({ ...entry, action: 'create', fields });
  if (deleted !== undefined)
    org.deps.truth.append({ ...entry, action: 'delete', fields: { IsDeleted: deleted } });
}
