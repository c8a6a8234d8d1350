/** What each stage of a CRM is taken for, on what evidence, and what about it is odd. Pure. */

import type { StageInfo } from './account-facts.ts';
import { classify, type StageDecision } from './classify.ts';
import type { Dictionary } from './dictionary.ts';
import { foldCase } from './dictionary-normalise.ts';
import type { Crm } from './ids.ts';
import { classifyLabel } from './label.ts';
import { STANDARD_PROFILE } from './profile-standard.ts';
import type { StageRow } from './settings.ts';
import { isMapped } from './stage-map.ts';
import type { Phase } from './verdict.ts';

export type StageClass = 'open' | 'paused' | 'won' | 'lost' | 'cancelled' | 'unknown';

/**
 * - `id_contradicts`: its id reads like the other end (id `closedwon` is flagged lost). - `label_contradicts`: its name does.
 * - `won_label_on_open`: named won, not closed. - `probability_100_open`. - `closed_without_outcome`.
 * - `duplicate_label`: another stage of the pipeline has the same name. - `deleted_in_use`: records name it, the CRM does not
 * list it any more. - `inactive_in_use`. - `unmapped`: the sync's stage map has no row for it.
 */
export type StageWarning =
  | 'id_contradicts'
  | 'label_contradicts'
  | 'won_label_on_open'
  | 'probability_100_open'
  | 'closed_without_outcome'
  | 'duplicate_label'
  | 'deleted_in_use'
  | 'inactive_in_use'
  | 'unmapped';

export interface StageAdvice {
  readonly crm: Crm;
  readonly key: string;
  readonly label: string | null;
  readonly pipeline: string | null;
  readonly pipelineLabel: string | null;
  readonly closed: boolean | null;
  readonly won: boolean | null;
  readonly probability: number | null;
  readonly active: boolean;
  /** Records in it; null when nobody counted. */
  readonly count: number | null;
  readonly class: StageClass;
  readonly phase: Phase | null;
  /** What decided: `operator-decision`, `stage-metadata`, `dictionary`; null when nothing did. */
  readonly evidence: string | null;
  /** Language its name was understood in. */
  readonly language: string | null;
  readonly warnings: readonly StageWarning[];
}

export interface AdviceContext {
  readonly crm: Crm;
  readonly stages: readonly StageInfo[];
  /** Records by stage key; null = not counted. */
  readonly counts: ReadonlyMap<string, number> | null;
  readonly dictionary: Dictionary;
  /** Language by stage key. */
  readonly languages: ReadonlyMap<string, string | null>;
  readonly decisions: ReadonlyMap<string, StageDecision>;
  /** The sync's stage map; null = it has none. */
  readonly rows: readonly StageRow[] | null;
}

/** Every listed stage in its order, then those that only records still name. */
export function adviseStages(context: AdviceContext): readonly StageAdvice[] {
  const listed = new Set(context.stages.map(({ key }) => key));
  const names = new Map<string, number>();
  for (const stage of context.stages) {
    if (stage.active) names.set(nameKey(stage), (names.get(nameKey(stage)) ?? 0) + 1);
  }
  const gone = [...(context.counts?.keys() ?? [])].filter((key) => !listed.has(key)).sort();
  return [
    ...context.stages.map((stage) => advise(stage, (names.get(nameKey(stage)) ?? 0) > 1, context)),
    ...gone.map((key) => unlisted(key, context)),
  ];
}

function nameKey({ pipeline, label }: StageInfo): string {
  return `${pipeline ?? ''}\n${foldCase(label.trim())}`;
}

function advise(stage: StageInfo, sameName: boolean, context: AdviceContext): StageAdvice {
  const { key, label, pipeline, pipelineLabel, closed, won, probability, active } = stage;
  const language = context.languages.get(key) ?? null;
  const verdict = classify(
    {
      stageKey: key,
      stageLabel: label,
      stageExists: true,
      stageIsClosed: closed,
      stageIsWon: won,
      stageProbability: probability,
    },
    {
      profile: STANDARD_PROFILE,
      now: 0,
      dictionary: context.dictionary,
      decisions: context.decisions,
      language,
    },
  );
  const named = classifyLabel(label, language, context.dictionary);
  const decider = verdict.because.find(({ decided }) => decided !== null);
  const count = context.counts === null ? null : (context.counts.get(key) ?? 0);
  const found: StageClass =
    verdict.outcome ??
    (verdict.status === 'unknown' ? 'unknown' : verdict.phase === 'paused' ? 'paused' : 'open');
  const isOpen = closed === false;
  const warnings: readonly (readonly [StageWarning, boolean])[] = [
    ['id_contradicts', readsOtherwise(key, found)],
    ['won_label_on_open', isOpen && named.class === 'won'],
    ['label_contradicts', verdict.flags.includes('label_contradicts') && !(isOpen && named.class === 'won')],
    ['probability_100_open', isOpen && probability === 1],
    ['closed_without_outcome', verdict.flags.includes('closed_without_outcome')],
    ['duplicate_label', sameName && active],
    ['inactive_in_use', !active && (count ?? 0) > 0],
    ['unmapped', context.rows !== null && active && !isMapped(context.rows, { crm: context.crm, key })],
  ];
  return {
    ...{ crm: context.crm, key, label, pipeline, pipelineLabel, closed, won, probability, active, count },
    class: found,
    phase: verdict.phase,
    evidence: decider?.rule ?? null,
    language: named.language ?? (named.class === 'unknown' ? null : language),
    warnings: warnings.filter(([, holds]) => holds).map(([warning]) => warning),
  };
}

/** HubSpot's default ids say won and lost; after a relabelling they may lie. Never evidence, but worth a look. */
function readsOtherwise(key: string, found: StageClass): boolean {
  const id = key.slice(key.indexOf('/') + 1).toLowerCase();
  if (id === 'closedwon') return found !== 'won';
  if (id === 'closedlost') return found !== 'lost' && found !== 'cancelled';
  return false;
}

function unlisted(key: string, context: AdviceContext): StageAdvice {
  const decided = context.decisions.get(key);
  return {
    ...{ crm: context.crm, key, label: null, pipeline: null, pipelineLabel: null },
    ...{ closed: null, won: null, probability: null, active: false },
    count: context.counts?.get(key) ?? 0,
    class:
      decided === undefined
        ? 'unknown'
        : (decided.outcome ?? (decided.status === 'active' ? 'open' : 'unknown')),
    phase: decided?.phase ?? null,
    evidence: decided === undefined ? null : 'operator-decision',
    language: null,
    warnings: ['deleted_in_use'],
  };
}
