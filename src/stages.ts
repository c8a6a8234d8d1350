/** The stage advisor over both CRMs: from running accounts, or from a dataset. */
import type { StageReport } from './app.ts';
import type { StageInfo } from './core/account-facts.ts';
import type { Crm } from './core/ids.ts';
import type { SyncSettings } from './core/settings.ts';
import { adviseStages } from './core/stage-advice.ts';
import { certainStageRows } from './core/stage-map.ts';
import { type OfflineOptions, type OfflineSource, readOffline } from './offline.ts';
import { classifierOf, type Rules } from './profiles.ts';

export interface StageSide {
  readonly crm: Crm;
  readonly stages: readonly StageInfo[];
  readonly counts: ReadonlyMap<string, number> | null;
}

/** Advice on every stage, side by side. `mapped`: judge the stage map of the sync too, as it will be used. */
export function stageReport(
  sides: readonly StageSide[],
  rules: Rules,
  settings: Pick<SyncSettings, 'decisions' | 'languages' | 'stages'>,
  mapped: boolean,
): StageReport {
  const classifier = classifierOf(rules, settings, 'en');
  const [a, b] = sides;
  const rows = !mapped
    ? null
    : (settings.stages ?? (a === undefined || b === undefined ? null : certainStageRows(a, b)));
  return {
    stages: sides.flatMap(({ crm, stages, counts }) =>
      adviseStages({
        ...{ crm, stages, counts, rows },
        dictionary: rules.dictionary,
        languages: classifier.languagesOf(crm, stages),
        decisions: new Map(Object.entries(settings.decisions?.[crm] ?? {})),
      }),
    ),
    sides: sides.map(({ crm, stages }) => ({ crm, stages })),
  };
}

/** Stages and their counts from a dataset; a CRM of which the file holds nothing is left out. */
export async function datasetStages(
  source: OfflineSource,
  options: Omit<OfflineOptions, 'onFacts'>,
  bad: (
    line: number,
    fault: { readonly code: string; readonly params: Readonly<Record<string, string>> },
  ) => void,
): Promise<readonly StageSide[]> {
  const counts = new Map<Crm, Map<string, number>>();
  const stages = new Map<Crm, readonly StageInfo[]>();
  const described = new Set<Crm>();
  const onFacts: NonNullable<OfflineOptions['onFacts']> = (facts, assumed) => {
    for (const { crm, stages: found } of Object.values(facts)) {
      stages.set(crm, found);
      if (!assumed.has(crm)) described.add(crm);
    }
  };
  for await (const items of readOffline(source, { ...options, onFacts })) {
    for (const item of items) {
      if (item.is === 'bad') bad(item.line, item.fault);
      if (item.is !== 'record') continue;
      const { crm, fields, deleted } = item.snapshot;
      const own = counts.get(crm) ?? new Map<string, number>();
      counts.set(crm, own);
      const stage = fields['stage'];
      if (!deleted && typeof stage === 'string') own.set(stage, (own.get(stage) ?? 0) + 1);
    }
  }
  return [...stages]
    .filter(([crm]) => counts.has(crm) || described.has(crm))
    .map(([crm, found]) => ({ crm, stages: found, counts: counts.get(crm) ?? new Map() }));
}
