/** Sentences about nightly runs and runs of events. */
export const SCHEDULE_EN = {
  'command.schedule': 'when nightly runs are due: list, pause, resume, or run now',
  'schedule.off': 'no nightly run: the configuration says schedule: false',
  'schedule.next': 'next {at}',
  'schedule.paused': 'paused by {by} since {at}; oppsync schedule resume goes on',
  'schedule.overdue': 'overdue: the last good run ended {at}; oppsync runs tells why',
  'schedule.never_good': 'overdue: there has been no good run yet; oppsync runs tells why',
  'schedule.asked': 'asked for by {by} at {at}: a scheduler starts it within seconds',
  'status.events': 'events',
  'status.events_waiting': '{n} waiting, the first since {since}',
  'status.events_failing':
    'runs of events failed {failures} times in a row since {since}, next try {next}: {message} → {remedy}',
  'schedule.unwatched':
    'no scheduler is running: start one with oppsync serve, or run oppsync sync --full by hand',
} as const;
