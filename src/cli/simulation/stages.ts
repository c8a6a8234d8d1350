import type { StageInfo } from '../../core/account-facts.ts';
import type { DatasetLine } from '../../sandbox/simulator.ts';

/** The stages of a simulated Salesforce, in display order, from the lines of its state. */
export function salesforceStages(lines: Iterable<DatasetLine>): readonly StageInfo[] {
  const stages: StageInfo[] = [];
  for (const { type, fields } of lines) {
    if (type !== 'OpportunityStage') continue;
    stages.push({
      key: text(fields['ApiName']),
      label: text(fields['MasterLabel']),
      pipeline: null,
      pipelineLabel: null,
      order: Number(fields['SortOrder'] ?? stages.length),
      closed: fields['IsClosed'] === true,
      won: fields['IsWon'] === true,
      probability: Number(fields['DefaultProbability'] ?? 0) / 100,
      active: fields['IsActive'] !== false,
    });
  }
  return stages.sort((a, b) => a.order - b.order);
}

/** The stages of a simulated HubSpot, pipeline by pipeline, from the lines of its state. */
export function hubspotStages(lines: Iterable<DatasetLine>): readonly StageInfo[] {
  const stages: StageInfo[] = [];
  for (const { type, fields } of lines) {
    if (type !== 'pipeline') continue;
    const pipeline = text(fields['id']);
    for (const stage of list(fields['stages'])) {
      const metadata = group(stage['metadata']);
      const closed = text(metadata['isClosed']) === 'true';
      const probability = Number(metadata['probability'] ?? 0);
      stages.push({
        key: `${pipeline}/${text(stage['id'])}`,
        label: text(stage['label']),
        pipeline,
        pipelineLabel: text(fields['label']),
        order: Number(stage['displayOrder'] ?? stages.length),
        closed,
        won: closed && probability === 1,
        probability,
        active: stage['archived'] !== true && fields['archived'] !== true,
      });
    }
  }
  return stages;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : String(value);
}

function list(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(group) : [];
}

function group(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
