import type { DatasetLine } from '../simulator.ts';
import type { Company } from './companies.ts';
import type { Deal, Side } from './deal.ts';
import { dateOf } from './draw-deal.ts';
import type { Owner } from './owners.ts';
import { salesforceId } from './record-ids.ts';
import { DELETED_STAGE, SALESFORCE_STAGES } from './stages.ts';

const FORECAST_LABELS = {
  Omitted: 'Omitted',
  Pipeline: 'Pipeline',
  BestCase: 'Best Case',
  Forecast: 'Commit',
  Closed: 'Closed',
} as const;
const LEAD_SOURCES = ['Web', 'Phone Inquiry', 'Partner Referral', 'Other'] as const;

export function salesforceStageLines(): DatasetLine[] {
  return Object.entries(SALESFORCE_STAGES).map(([standing, stage], index) =>
    line('OpportunityStage', {
      Id: salesforceId('01J', index),
      ApiName: stage.apiName,
      MasterLabel: stage.label,
      IsActive: true,
      SortOrder: index + 1,
      IsClosed: stage.probability === 100 || stage.probability === 0,
      IsWon: standing === 'won',
      DefaultProbability: stage.probability,
      ForecastCategory: stage.forecast,
      ForecastCategoryName: FORECAST_LABELS[stage.forecast],
    }),
  );
}

export function userLine(owner: Owner): DatasetLine {
  return line('User', {
    Id: owner.salesforceId,
    Username: `${owner.email}.crm`,
    FirstName: owner.firstName,
    LastName: owner.lastName,
    Name: `${owner.firstName} ${owner.lastName}`,
    Email: owner.email,
    IsActive: owner.active,
  });
}

export function accountLine(company: Company): DatasetLine {
  return line('Account', {
    Id: company.salesforceId,
    Name: company.name,
    BillingCity: company.city,
    BillingCountry: company.country.name,
    Website: `https://www.${company.domain}`,
    CurrencyIsoCode: company.country.currency,
  });
}

export function opportunityLine(deal: Deal, side: Side): DatasetLine {
  const modified = stamp(side.modifiedAt);
  return line('Opportunity', {
    Id: deal.salesforceId,
    Name: side.name,
    AccountId: deal.company.salesforceId,
    OwnerId: side.owner.salesforceId,
    StageName:
      side.stageTrap === 'deletedStage' ? DELETED_STAGE.salesforce : SALESFORCE_STAGES[side.standing].apiName,
    Amount: side.amount === null ? null : Number(side.amount),
    CurrencyIsoCode: deal.currency,
    CloseDate: side.closeDate,
    NextStep: side.nextStep,
    ContractId: contractId(deal, side),
    Type: deal.pipeline.id === 'default' ? 'New Business' : 'Existing Business',
    LeadSource: LEAD_SOURCES[deal.index % LEAD_SOURCES.length],
    CreatedDate: stamp(deal.createdAt),
    LastModifiedDate: modified,
    SystemModstamp: modified,
  });
}

/** Of three deals won in Salesforce one has a signed contract, one a draft, and one nobody wrote a contract for. */
export function contractLine(deal: Deal, side: Side): DatasetLine | null {
  const id = contractId(deal, side);
  if (id === null) return null;
  const isSigned = deal.index % 3 === 0;
  return line('Contract', {
    Id: id,
    AccountId: deal.company.salesforceId,
    Status: isSigned ? 'Activated' : 'Draft',
    StartDate: side.closeDate,
    ContractTerm: 12,
    ...(isSigned ? { CustomerSignedDate: side.closeDate } : {}),
    CreatedDate: stamp(side.modifiedAt),
  });
}

function contractId(deal: Deal, side: Side): string | null {
  const isWritten = side.standing === 'won' && side.stageTrap === null && deal.index % 3 !== 2;
  return isWritten ? salesforceId('800', deal.index) : null;
}

/** The conversation behind `contactAt`, as a completed call or as a meeting. */
export function activityLine(deal: Deal, side: Side, contactAt: number): DatasetLine {
  const { nextSteps } = deal.company.country;
  const shared = {
    WhatId: deal.salesforceId,
    OwnerId: side.owner.salesforceId,
    Subject: nextSteps[deal.index % nextSteps.length],
  };
  if (deal.index % 3 === 0) {
    return line('Event', {
      ...{ Id: salesforceId('00U', deal.index), ...shared, CreatedDate: stamp(contactAt) },
      StartDateTime: stamp(contactAt),
      EndDateTime: stamp(contactAt),
    });
  }
  return line('Task', {
    Id: salesforceId('00T', deal.index),
    ...shared,
    Status: 'Completed',
    Priority: 'Normal',
    TaskSubtype: 'Call',
    ActivityDate: dateOf(contactAt),
    CreatedDate: stamp(contactAt),
  });
}

/** Salesforce keeps whole seconds. */
function stamp(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}.000+0000`;
}

function line(type: string, fields: Readonly<Record<string, unknown>>): DatasetLine {
  return { crm: 'salesforce', type, fields };
}
