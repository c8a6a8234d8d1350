import type { Entry } from './entry.ts';

/** The group and properties a portal already has when the sandbox starts provisioned; otherwise they must be created. */
export const PROVISIONED_GROUP = 'oppsync';

export const PROVISIONED: Readonly<Record<string, readonly Entry[]>> = {
  deals: [
    ['oppsync_status', 'string'],
    ['oppsync_outcome', 'string'],
    ['oppsync_phase', 'string'],
    ['oppsync_engagement', 'string'],
    ['oppsync_reason', 'string', { fieldType: 'textarea' }],
    ['oppsync_pair_key', 'string', { unique: true }],
    ['oppsync_completeness', 'string'],
    ['oppsync_cycle_days', 'number'],
    ['oppsync_regressions', 'number'],
    ['oppsync_pushes', 'number'],
    ['oppsync_reopened', 'number'],
    ['oppsync_last_contact', 'date'],
  ],
  companies: [
    ['oppsync_open_amount', 'number'],
    ['oppsync_won_amount', 'number'],
    ['oppsync_win_rate', 'number'],
    ['oppsync_median_cycle_days', 'number'],
  ],
};
