import type { SCHEDULE_EN } from './schedule-en.ts';

/** Phrases sur les exécutions nocturnes et celles d’événements. */
export const SCHEDULE_FR: Readonly<Record<keyof typeof SCHEDULE_EN, string>> = {
  'command.schedule': 'échéances des exécutions nocturnes : lister, pause, resume, ou now pour lancer',
  'schedule.off': 'aucune exécution nocturne : la configuration dit schedule: false',
  'schedule.next': 'prochaine {at}',
  'schedule.paused': 'suspendue par {by} depuis {at} ; oppsync schedule resume la rétablit',
  'schedule.overdue': 'en retard : la dernière réussie s’est terminée {at} ; oppsync runs dit pourquoi',
  'schedule.never_good': 'en retard : aucune n’a encore réussi ; oppsync runs dit pourquoi',
  'schedule.asked': 'demandée par {by} à {at} : un planificateur la lance dans quelques secondes',
  'status.events': 'événements',
  'status.events_waiting': '{n} en attente, le premier depuis {since}',
  'status.events_failing':
    'les exécutions d’événements ont échoué {failures} fois de suite depuis {since}, prochain essai {next} : {message} → {remedy}',
  'schedule.unwatched':
    'aucun planificateur ne tourne : lancez-en un par oppsync serve, ou faites oppsync sync --full',
};
