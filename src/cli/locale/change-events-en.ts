/** Sentences about change events. */
export const CHANGE_EVENTS_EN = {
  'change_events.title': 'change events',
  'change_events.following': 'followed; {crm} last heard {at}',
  'change_events.quiet': 'followed; {crm} has told nothing yet',
  'change_events.event': 'last change {at}, told {lag} after it happened',
  'change_events.starting': 'not followed yet: oppsync serve with the role scheduler does',
  'change_events.waiting': 'interrupted: {trouble}',
  'change_events.cut': 'interrupted, tried again',
  'change_events.silent':
    'nobody follows them: {crm} last heard {at}; oppsync serve with the role scheduler does',
  'change_events.missing': 'some were missed before {at}: what changed lately is read again',
} as const;
