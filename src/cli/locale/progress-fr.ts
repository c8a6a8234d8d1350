import type { PROGRESS_EN } from './progress-en.ts';

/** Phrases sur l’avancement d’une exécution. */
export const PROGRESS_FR: Readonly<Record<keyof typeof PROGRESS_EN, string>> = {
  'runstate.resting': 'en attente',
  'status.rests': 'attend jusqu’au {until} : les appels du jour à {crm} sont épuisés',
  'progress.rate': '{n}/s',
  'progress.left': 'encore {time}',
  'progress.calls': 'appels : {calls}',
  'progress.calls_sum': '{n} appels',
  'phase.pull': 'lecture',
  'phase.reconcile': 'rapprochement',
  'phase.pair': 'appariement',
  'phase.seal': 'plan',
  'phase.push': 'écriture',
  'phase.check': 'contrôle',
  'phase.finish': 'bilan',
};
