/** What commands say of roll-ups in accounts, in English. */
export const ROLLUPS_EN = {
  'phase.rollup': 'roll up',
  'plan.rollups': 'and the roll-ups of {n} accounts in {crm}',
  'reason.rolled_up': 'what the opportunities of an account amount to',
  'report.rollups': 'accounts rolled up',
  'report.rollups_written': 'written in {crm}',
  'report.rollups_in_sync': 'up to date in {crm}',
  'report.rollups_failed': 'refused by {crm}',
  'report.rollups_waiting': 'to be written in {crm}',
  'report.rollups_withheld': 'without amounts in {crm}',
  'report.rollups_problems': 'Roll-ups in accounts',
  'report.rollups_about': '{n} accounts[, for example {example}]',
} as const;
