import type { ROLLUPS_EN } from './rollups-en.ts';

/** What commands say of roll-ups in accounts, in French. */
export const ROLLUPS_FR: Readonly<Record<keyof typeof ROLLUPS_EN, string>> = {
  'phase.rollup': 'cumuls',
  'plan.rollups': 'et les cumuls de {n} comptes dans {crm}',
  'reason.rolled_up': 'ce que totalisent les opportunités d’un compte',
  'report.rollups': 'comptes cumulés',
  'report.rollups_written': 'écrits dans {crm}',
  'report.rollups_in_sync': 'à jour dans {crm}',
  'report.rollups_failed': 'refusés par {crm}',
  'report.rollups_waiting': 'à écrire dans {crm}',
  'report.rollups_withheld': 'sans montants dans {crm}',
  'report.rollups_problems': 'Cumuls dans les comptes',
  'report.rollups_about': '{n} comptes[, par exemple {example}]',
};
