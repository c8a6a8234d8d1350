/** What a simulated CRM is: its stages, its fields, its clock. */

import type { AccountFacts, StageInfo } from '../../src/core/account-facts.ts';
import { OWNED_FIELDS, STANDARD_FIELDS } from '../../src/core/opportunity.ts';

export const STAGES = ['New', 'Qualified', 'Meeting', 'Proposal', 'Review', 'Contract', 'Won', 'Lost'];

export function stageKey(crm: string, index: number): string {
  return `${crm[0] ?? ''}${index}`;
}

export function stagesOf(crm: string): StageInfo[] {
  return STAGES.map((label, order) => ({
    key: stageKey(crm, order),
    label,
    pipeline: null,
    pipelineLabel: null,
    order,
    closed: order >= 6,
    won: order >= 6 ? order === 6 : null,
    probability: null,
    active: true,
  }));
}

export function factsOf(crm: string, stages: readonly StageInfo[], clockOffsetMs: number): AccountFacts {
  const fields = [
    ...Object.entries(STANDARD_FIELDS).map(([field, kind]) => ({ field, kind })),
    ...OWNED_FIELDS.map((field) => ({ field, kind: 'text' as const })),
  ];
  return {
    crm,
    accountId: `${crm}-1`,
    timeZone: 'UTC',
    currency: 'USD',
    currencies: null,
    stages,
    fields: fields.map(({ field, kind }) => ({
      field,
      kind,
      native: field,
      readable: true,
      writable: true,
      choices: null,
      maxLength: null,
      ...(field === 'pairKey' ? { unique: true } : {}),
    })),
    owners: [],
    clockOffsetMs,
    problems: [],
  };
}
