/** Sentences about how far a run is. */
export const PROGRESS_EN = {
  'runstate.resting': 'resting',
  'status.rests': 'rests until {until}: the {crm} calls of the day are used up',
  'progress.rate': '{n}/s',
  'progress.left': '{time} left',
  'progress.calls': '{calls} calls',
  'progress.calls_sum': '{n} calls',
  'phase.pull': 'pull',
  'phase.reconcile': 'reconcile',
  'phase.pair': 'pair',
  'phase.seal': 'plan',
  'phase.push': 'push',
  'phase.check': 'check',
  'phase.finish': 'account',
} as const;
