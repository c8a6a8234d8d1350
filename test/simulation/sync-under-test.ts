/** The sync that is simulated: its fields, its policies, its rules. */
import { STANDARD_PROFILE } from '../../src/core/classify.ts';
import type { SyncSettings } from '../../src/core/settings.ts';
import { createClassifier } from '../../src/engine/classifier.ts';
import type { Schedule } from './schedule.ts';

export const CLASSIFIER = createClassifier({ profile: STANDARD_PROFILE, locale: 'en' });

export function settingsOf({ world }: Schedule): SyncSettings {
  const policy = { policy: world.policy, blank: world.blank } as const;
  return {
    name: 'main',
    sides: world.mirrored ? ['right', 'left'] : ['left', 'right'],
    fields: {
      name: { kind: 'text', ...policy },
      stage: { kind: 'stage', ...policy },
      amount: { kind: 'decimal', ...policy },
      closeDate: { kind: 'date', ...policy },
      nextStep: { kind: 'text', ...policy },
    },
    initial: world.initial,
    statusAuthority: 'most_advanced',
    stages: null,
    profile: 'standard',
    excludePipelines: {},
    tieMarginMs: 1000,
    ...(world.create === undefined ? {} : { create: world.create }),
  };
}
