import type { DatasetLine } from '../simulator.ts';
import type { Company } from './companies.ts';
import type { Deal, Side } from './deal.ts';
import type { Owner } from './owners.ts';
import { DELETED_STAGE, type HubspotPipeline, isClosed, PIPELINES, type Standing } from './stages.ts';

export function pipelineLines(): DatasetLine[] {
  return PIPELINES.map((pipeline, displayOrder) =>
    line('pipeline', { id: pipeline.id, label: pipeline.label, displayOrder, stages: stagesOf(pipeline) }),
  );
}

function stagesOf(pipeline: HubspotPipeline): readonly unknown[] {
  return Object.entries(pipeline.stages).map(([standing, { id, label, probability }], displayOrder) => ({
    id,
    label,
    displayOrder,
    metadata: { isClosed: String(isClosed(standing as Standing)), probability },
  }));
}

export function ownerLine(owner: Owner): DatasetLine {
  return line('owner', {
    id: owner.hubspotId,
    email: owner.email,
    firstName: owner.firstName,
    lastName: owner.lastName,
    archived: !owner.active,
  });
}

export function companyLine(company: Company): DatasetLine {
  return line('company', {
    hs_object_id: company.hubspotId,
    name: company.name,
    domain: company.domain,
    city: company.city,
    country: company.country.name,
  });
}

export function dealLine(deal: Deal, side: Side): DatasetLine {
  const fields = {
    hs_object_id: deal.hubspotId,
    dealname: side.name,
    ...placeOf(deal, side),
    amount: side.amount,
    deal_currency_code: deal.currency,
    closedate: side.closeDate,
    hubspot_owner_id: side.owner.hubspotId,
    hs_next_step: side.nextStep,
    dealtype: deal.pipeline.id === 'default' ? 'newbusiness' : 'existingbusiness',
    closed_lost_reason: side.standing === 'lost' ? deal.lostReason : null,
    notes_last_contacted: deal.contactAt === null ? null : instant(deal.contactAt),
    hs_sales_email_last_replied:
      deal.contactAt === null || deal.index % 2 === 0 ? null : instant(deal.contactAt),
    hs_salesforceopportunityid: deal.linked ? deal.salesforceId : null,
    createdate: instant(deal.createdAt),
    hs_lastmodifieddate: instant(side.modifiedAt),
  };
  return { ...line('deal', withoutBlanks(fields)), associations: { companies: [deal.company.hubspotId] } };
}

function placeOf(deal: Deal, side: Side): { pipeline: string | null; dealstage: string | null } {
  if (side.stageTrap === 'noStage') return { pipeline: null, dealstage: null };
  const dealstage =
    side.stageTrap === 'deletedStage' ? DELETED_STAGE.hubspot : deal.pipeline.stages[side.standing].id;
  return { pipeline: deal.pipeline.id, dealstage };
}

/** HubSpot has no stored blank: what is blank is not there. */
function withoutBlanks(fields: Readonly<Record<string, string | null>>): Record<string, string> {
  const filled: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== null) filled[name] = value;
  return filled;
}

function instant(at: number): string {
  return new Date(at).toISOString();
}

function line(type: string, fields: Readonly<Record<string, unknown>>): DatasetLine {
  return { crm: 'hubspot', type, fields };
}
