/** Sentences about nightly runs and runs of events. */
export const SCHEDULE_EN = {
  'command.schedule': 'when nightly runs are due: list, pause, resume, or run now',
  'schedule.off': 'no nightly run: the configuration says schedule: false',
  'schedule.next': 'next {at}',
  'schedule.paused': 'paused by {by} since {at}; oppsync schedule resume goes on',
  'schedule.overdue': 'overdue: the last good run ended {at}; oppsync runs tells why',
  'schedule.never_good': 'overdue: there has been no good run yet; oppsync runs tells why',
  'schedule.asked': 'asked for by {by} at {at}: a scheduler starts it within seconds',
  'schedule.asked_unwatched': 'asked for by {by} at {at}: it starts as soon as a scheduler runs',
  'schedule.trouble': 'the run that is due cannot be started since {at}: {message} → {remedy}',
  'schedule.failed': 'the one of {at} failed: {message} → {remedy}',
  'schedule.failed_why': 'the one of {at} failed: {message}',
  'schedule.rests':
    'the one of {at} rests, and oppsync serve goes on with it by itself: {message} → {remedy}',
  'schedule.parked': 'the one of {at} was stopped by a brake: its plan waits for a person',
  'schedule.interrupted': 'the one of {at} was interrupted: the next one starts anew',
  'status.events': 'events',
  'status.plan_waits': '{digest}, {changes}; oppsync apply {digest} carries it out',
  'status.held_by': 'held: {message} → {remedy}',
  'status.events_unapproved': 'they wait until the first plan is approved: oppsync apply and its digest',
  'status.events_parked': 'they wait until the open plan is approved, or replaced by oppsync sync --full',
  'status.events_full': 'so many wait that the CRMs are asked to send further ones again later',
  'status.events_stuck':
    'nobody takes them: start oppsync serve with the roles scheduler and workers, or run oppsync sync',
  'status.events_waiting': '{n} waiting, the first since {since}',
  'status.events_failing':
    'runs of events failed {failures} times in a row since {since}, next try {next}: {message} → {remedy}',
  'status.events_refused':
    'webhooks are refused because they cannot be proved; what changed was read instead, the last time {at} → put the secret and http.publicUrl right: the log says more at "webhook refused"',
  'schedule.unwatched':
    'no scheduler is running: start one with oppsync serve, or run oppsync sync --full by hand',
} as const;
