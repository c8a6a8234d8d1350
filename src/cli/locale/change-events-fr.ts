import type { CHANGE_EVENTS_EN } from './change-events-en.ts';

/** Phrases sur les événements de changement. */
export const CHANGE_EVENTS_FR: Readonly<Record<keyof typeof CHANGE_EVENTS_EN, string>> = {
  'change_events.title': 'changements suivis',
  'change_events.following': 'suivis ; dernier signe de {crm} le {at}',
  'change_events.quiet': 'suivis ; {crm} n’a encore rien annoncé',
  'change_events.event': 'dernier changement le {at}, annoncé {lag} après',
  'change_events.starting': 'pas encore suivis : oppsync serve avec le rôle scheduler s’en charge',
  'change_events.waiting': 'interrompus : {trouble}',
  'change_events.cut': 'interrompus, nouvel essai en cours',
  'change_events.silent':
    'personne ne les suit : dernier signe de {crm} le {at} ; oppsync serve avec le rôle scheduler s’en charge',
  'change_events.missing': 'certains ont manqué avant le {at} : ce qui a changé récemment est relu',
};
