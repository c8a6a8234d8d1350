import type { SCHEDULE_EN } from './schedule-en.ts';

/** Phrases sur les exécutions nocturnes et celles d’événements. */
export const SCHEDULE_FR: Readonly<Record<keyof typeof SCHEDULE_EN, string>> = {
  'command.schedule': 'échéances des exécutions nocturnes : lister, pause, resume, ou now pour lancer',
  'schedule.off': 'aucune exécution nocturne : la configuration dit schedule: false',
  'schedule.next': 'prochaine le {at}',
  'schedule.paused': 'suspendue par {by} depuis le {at} ; oppsync schedule resume la rétablit',
  'schedule.overdue': 'en retard : la dernière réussie s’est terminée le {at} ; oppsync runs dit pourquoi',
  'schedule.never_good': 'en retard : aucune n’a encore réussi ; oppsync runs dit pourquoi',
  'schedule.asked': 'demandée par {by} le {at} : un planificateur la lance dans quelques secondes',
  'schedule.asked_unwatched': 'demandée par {by} le {at} : elle part dès qu’un planificateur tourne',
  'schedule.trouble': 'celle qui est due ne peut être lancée depuis le {at} : {message} → {remedy}',
  'schedule.failed': 'celle du {at} a échoué : {message} → {remedy}',
  'schedule.failed_why': 'celle du {at} a échoué : {message}',
  'schedule.rests':
    'celle du {at} se repose, et oppsync serve la reprendra de lui-même : {message} → {remedy}',
  'schedule.parked': 'celle du {at} a été arrêtée par un frein : son plan attend une personne',
  'schedule.interrupted': 'celle du {at} a été interrompue : la prochaine recommence',
  'status.events': 'événements',
  'status.plan_waits': '{digest}, {changes} ; oppsync apply {digest} l’exécute',
  'status.held_by': 'retenu : {message} → {remedy}',
  'status.events_unapproved': 'ils attendent l’approbation du premier plan : oppsync apply et son empreinte',
  'status.events_parked':
    'ils attendent que le plan ouvert soit approuvé, ou remplacé par oppsync sync --full',
  'status.events_full': 'il en attend tant que les CRM sont priés d’envoyer les suivants plus tard',
  'status.events_stuck':
    'personne ne les prend : lancez oppsync serve avec les rôles scheduler et workers, ou oppsync sync',
  'status.events_waiting': '{n} en attente, le premier depuis le {since}',
  'status.events_failing':
    'les exécutions d’événements ont échoué {failures} fois de suite depuis le {since}, prochain essai le {next} : {message} → {remedy}',
  'status.events_refused':
    'des webhooks sont refusés faute de preuve ; ce qui a changé a été lu à leur place, la dernière fois le {at} → corrigez le secret et http.publicUrl : le journal en dit plus à « webhook refused »',
  'schedule.unwatched':
    'aucun planificateur ne tourne : lancez-en un par oppsync serve, ou faites oppsync sync --full',
};
