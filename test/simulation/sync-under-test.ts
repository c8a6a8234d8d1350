/** The sync that is simulated: its fields, its policies, its rules. */
import { STANDARD_PROFILE } from '../../src/core/classify.ts';
import type { SyncSettings } from '../../src/core/settings.ts';
import { createClassifier } from '../../src/engine/classifier.ts';
import type { Schedule, Side } from './schedule.ts';

export const CLASSIFIER = createClassifier({ profile: STANDARD_PROFILE, locale: 'en' });

/** @param names what the CRMs of both sides are called */
export function settingsOf({ world }: Schedule, names: Readonly<Record<Side, string>>): SyncSettings {
  const named = (choice: string): string => names[choice as Side] ?? choice;
  const policy = { policy: named(world.policy), blank: world.blank } as const;
  return {
    name: 'main',
    sides: world.mirrored ? [names.right, names.left] : [names.left, names.right],
    fields: {
      name: { kind: 'text', ...policy },
      stage: { kind: 'stage', ...policy },
      amount: { kind: 'decimal', ...policy },
      closeDate: { kind: 'date', ...policy },
      nextStep: { kind: 'text', ...policy },
    },
    initial: named(world.initial),
    statusAuthority: 'most_advanced',
    stages: null,
    profile: 'standard',
    excludePipelines: {},
    tieMarginMs: 1000,
    ...(world.create === undefined ? {} : { create: keyed(world.create, named) }),
  };
}

function keyed<T>(group: Readonly<Record<string, T>>, named: (side: string) => string): Record<string, T> {
  return Object.fromEntries(Object.entries(group).map(([side, value]) => [named(side), value]));
}
