/** HubSpot records from dataset lines, mapped as if the portal had answered. */
import type { OwnerInfo, StageInfo } from '../../core/ports.ts';
import type { OfflineLine, OfflineOptions, OfflineReader, OfflineRecord } from '../offline-line.ts';
import { asDeal, asText, type NativeDeal } from './answer.ts';
import { ownerOf, stagesOf } from './describe.ts';
import { type HubspotFacts, plannedFields } from './fields.ts';
import { toSnapshot } from './map.ts';
import { shapeOf } from './shape.ts';

export function createHubspotReader(): OfflineReader {
  const deals: OfflineLine[] = [];
  const pipelines: OfflineLine['fields'][] = [];
  const owners: OwnerInfo[] = [];
  const companies = new Map<string, string>();

  function take(line: OfflineLine): void {
    const { fields } = line;
    switch (line.type) {
      case 'deal':
        deals.push(line);
        break;
      case 'pipeline':
        pipelines.push(fields);
        break;
      case 'owner': {
        const owner = ownerOf(fields, fields['archived'] !== true);
        if (owner !== null) owners.push(owner);
        break;
      }
      case 'company': {
        const name = asText(fields['name']);
        if (name !== null) companies.set(asText(fields['hs_object_id'] ?? fields['id']) ?? '', name);
        break;
      }
    }
  }

  return {
    take,
    read(options) {
      const stages = pipelines.length > 0 ? stagesOf({ results: pipelines }) : namedStages(deals);
      const facts = factsOf(options, stages, owners);
      const shape = shapeOf(facts);
      const records = deals.map((line): OfflineRecord => {
        const snapshot = toSnapshot(dealOf(line), shape);
        const company = line.associations?.companies?.[0];
        return { snapshot, account: company === undefined ? null : (companies.get(company) ?? null) };
      });
      return { facts, records };
    },
  };
}

function dealOf({ fields, deleted }: OfflineLine): NativeDeal {
  const id = asText(fields['hs_object_id'] ?? fields['id']) ?? '';
  const deal = asDeal({ id, properties: fields, archived: deleted === true });
  return deal ?? { id, properties: {}, updatedAt: null, archived: false, trace: null };
}

/** Without any pipeline line a stage is known by what the deal calls it, and says nothing but that. */
function namedStages(deals: readonly OfflineLine[]): readonly StageInfo[] {
  const keys = new Map<string, StageInfo>();
  for (const { fields } of deals) {
    const stage = asText(fields['dealstage']) ?? '';
    if (stage === '') continue;
    const pipeline = asText(fields['pipeline']) ?? '';
    keys.set(`${pipeline}/${stage}`, {
      key: `${pipeline}/${stage}`,
      label: stage,
      pipeline: pipeline === '' ? null : pipeline,
      pipelineLabel: null,
      order: 0,
      ...{ closed: null, won: null, probability: null, active: true },
    });
  }
  return [...keys.values()];
}

function factsOf(
  options: OfflineOptions,
  stages: readonly StageInfo[],
  owners: readonly OwnerInfo[],
): HubspotFacts {
  const evidence = Object.entries(options.evidence?.['hubspot'] ?? {});
  return {
    crm: 'hubspot',
    accountId: '',
    timeZone: options.timeZone,
    currency: options.currency,
    currencies: null,
    stages,
    fields: plannedFields({ customFields: {} }).map(({ field, native, kind }) => ({
      ...{ field, native, kind },
      ...{ readable: true, writable: false, choices: null, maxLength: null, nativeType: 'string' },
    })),
    owners,
    clockOffsetMs: 0,
    problems: [],
    uiDomain: 'app.hubspot.com',
    evidence: evidence.map(([name, native]) => ({ name, native, type: null })),
  };
}
