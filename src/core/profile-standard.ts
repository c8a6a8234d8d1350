/** The profile that needs no file: trust what the CRM says. config/rules/standard.yaml holds the same, for reading. */

import type { Profile } from './profile.ts';
import { compileProfile, type ProfileSource } from './profile-compile.ts';

export const STANDARD_SOURCE: ProfileSource = {
  name: 'standard',
  describe: {
    en: 'Trust the CRM: what it calls won is closed. Proof of completeness is reported, not required.',
    fr: 'Faire confiance au CRM : ce qu’il dit gagné est fermé. Les preuves sont indiquées, pas exigées.',
  },
  engagement: { engagedDays: 14, quietDays: 30 },
  whenMissing: 'trust-crm',
  criteria: {
    accepted: {
      required: false,
      when: 'accepted',
      describe: { en: 'the customer has accepted', fr: 'le client a accepté' },
    },
    contract: {
      required: false,
      when: 'contractSigned',
      describe: { en: 'the contract is signed', fr: 'le contrat est signé' },
    },
    finance: {
      required: false,
      when: 'paid',
      describe: { en: 'the payment is in', fr: 'le paiement est reçu' },
    },
  },
  rules: [
    {
      id: 'cancelled-by-name',
      when: 'outcome == "lost" && labelClass == "cancelled"',
      effect: { outcome: 'cancelled' },
      describe: {
        en: 'A lost opportunity whose stage is named cancelled or withdrawn was cancelled.',
        fr: 'Une opportunité perdue dont l’étape s’appelle annulée ou retirée a été annulée.',
      },
    },
    {
      id: 'paused-by-name',
      when: 'status == "active" && labelClass == "paused"',
      effect: { phase: 'paused' },
      describe: {
        en: 'An open opportunity whose stage is named on hold or postponed is paused.',
        fr: 'Une opportunité ouverte dont l’étape s’appelle en attente ou reportée est en pause.',
      },
    },
  ],
};

/** Ready to use. */
export const STANDARD_PROFILE: Profile = compiled(STANDARD_SOURCE);

function compiled(source: ProfileSource): Profile {
  const result = compileProfile(source, null);
  if (result.ok) return result.profile;
  throw new Error(result.faults.map((fault) => fault.message).join('; '));
}
