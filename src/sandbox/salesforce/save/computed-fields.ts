import type { Org } from '../org.ts';
import type { Value } from '../schema/field.ts';
import { dateTimeText, toMs } from '../stamps.ts';
import type { Draft } from './draft.ts';
import { type ComputeOptions, computeOpportunity } from './opportunity-fields.ts';

/** Sets every field of the draft that the platform derives. Given values of an import win where nothing contradicts them. */
export function computeFields(org: Org, draft: Draft, options: ComputeOptions): void {
  RULES[draft.table.type.name]?.(org, draft, options);
}

type Rule = (org: Org, draft: Draft, options: ComputeOptions) => void;

const RULES: Readonly<Record<string, Rule>> = {
  Opportunity: computeOpportunity,
  Task: (org, draft, { imported, stamp }) => {
    const given = imported && draft.sent.has('IsClosed') && !draft.sent.has('Status');
    if (!given) draft.set('IsClosed', draft.get('Status') === 'Completed');
    if (draft.get('IsClosed') !== true) draft.set('CompletedDateTime', null);
    else if (draft.get('CompletedDateTime') === null && !imported) draft.set('CompletedDateTime', stamp);
    draft.set('AccountId', accountOf(org, draft.get('WhatId')));
  },
  Event: (org, draft) => {
    const start = draft.get('StartDateTime') ?? draft.get('ActivityDateTime');
    if (typeof start === 'string') {
      draft.set('StartDateTime', start);
      draft.set('ActivityDateTime', start);
      if (
        draft.get('ActivityDate') === null ||
        draft.changed('StartDateTime') ||
        draft.changed('ActivityDateTime')
      ) {
        draft.set('ActivityDate', start.slice(0, 10));
      }
      const minutes = draft.get('DurationInMinutes');
      if (draft.get('EndDateTime') === null && typeof minutes === 'number') {
        draft.set('EndDateTime', dateTimeText(toMs(start) + minutes * 60_000));
      }
    }
    draft.set('AccountId', accountOf(org, draft.get('WhatId')));
  },
  Contact: (_org, draft) => draft.set('Name', fullName(draft)),
  User: (_org, draft) => {
    const name = fullName(draft);
    if (name !== null) draft.set('Name', name);
  },
  Contract: (_org, draft, options) => activation(draft, CONTRACT_CODES, options),
  Order: (_org, draft, options) => activation(draft, { Draft: 'Draft', Activated: 'Activated' }, options),
  Quote: (org, draft) => draft.set('AccountId', accountOf(org, draft.get('OpportunityId'))),
};

const CONTRACT_CODES = { Draft: 'Draft', 'In Approval Process': 'InApproval', Activated: 'Activated' };

function activation(
  draft: Draft,
  codes: Readonly<Record<string, string>>,
  { stamp, imported }: ComputeOptions,
): void {
  const code = codes[String(draft.get('Status'))];
  if (code !== undefined) draft.set('StatusCode', code);
  const activated = draft.get('StatusCode') === 'Activated';
  if (activated && !imported && draft.get('ActivatedDate') === null) draft.set('ActivatedDate', stamp);
}

function fullName(draft: Draft): string | null {
  const parts = [draft.get('FirstName'), draft.get('LastName')].filter((part) => typeof part === 'string');
  return parts.length === 0 ? null : parts.join(' ');
}

/** The Account behind a record an activity or quote belongs to. */
function accountOf(org: Org, id: Value): Value {
  const row = typeof id === 'string' ? org.record(id) : undefined;
  if (row === undefined) return null;
  return row.table.type.name === 'Account' ? row.id : row.table.read(row, 'AccountId');
}
