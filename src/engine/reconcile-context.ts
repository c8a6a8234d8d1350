import type { AccountFacts } from '../core/account-facts.ts';
import type { GroupMember, ReconcileContext } from '../core/group.ts';
import type { Crm } from '../core/ids.ts';
import { OWNED_FIELDS } from '../core/opportunity.ts';
import type { StageRow, SyncSettings } from '../core/settings.ts';
import { certainStageRows, indexStages } from '../core/stage-map.ts';
import type { RunRow } from '../core/store-rows.ts';
import type { Verdict } from '../core/verdict.ts';
import type { SyncRuntime } from './deps.ts';

/** Everything a decision of this run depends on: the settings, and what both accounts were when the run began. */
export function reconcileContext(
  runtime: SyncRuntime,
  run: Pick<RunRow, 'run' | 'facts' | 'startedAt'>,
): ReconcileContext {
  const { settings, classifier, connectors } = runtime;
  const facts = (crm: Crm): AccountFacts => {
    const found = run.facts[crm];
    if (found === undefined) throw new Error(`run ${run.run} has no facts about ${crm}`);
    return found;
  };
  const readable = new Set<string>();
  const writable = new Set<string>();
  for (const crm of settings.sides) {
    for (const fact of facts(crm).fields) {
      if (fact.readable) readable.add(`${crm}:${fact.field}`);
      if (fact.writable) writable.add(`${crm}:${fact.field}`);
    }
  }
  // One moment for the whole run, so that equal evidence gives equal verdicts in every batch of it.
  const now = run.startedAt;
  const verdicts = new WeakMap<GroupMember, Verdict>();
  const languages = new Map(
    settings.sides.map((crm) => [crm, classifier.languagesOf(crm, facts(crm).stages)]),
  );
  return {
    settings,
    now,
    stageRows: stageRowsOf(settings, facts),
    stages: indexStages(settings.sides.map((crm) => ({ crm, stages: facts(crm).stages }))),
    clockOffsets: Object.fromEntries(settings.sides.map((crm) => [crm, facts(crm).clockOffsetMs])),
    closeDates: Object.fromEntries(
      settings.sides.map((crm) => [
        crm,
        {
          rewrites: connectors[crm]?.capabilities.rewritesCloseDate ?? false,
          timeZone: facts(crm).timeZone,
        },
      ]),
    ),
    ...recordTypesOf(settings, facts),
    pipelineRules: new Map(settings.sides.map((crm) => [crm, facts(crm).pipelineRules ?? {}])),
    isReadable: (crm, field) => readable.has(`${crm}:${field}`),
    isWritable: (crm, field) => writable.has(`${crm}:${field}`),
    hasOwned: (crm, field) => writable.has(`${crm}:${field}`),
    refusals: (crm, fields) => connectors[crm]?.refusals({ fields, owned: {} }, facts(crm)) ?? [],
    reasonText: (verdict) => classifier.reasonText(verdict),
    classify: (member) => {
      const known = verdicts.get(member);
      if (known !== undefined) return known;
      const { crm, evidence } = member;
      const language = languages.get(crm)?.get(evidence.stageKey ?? '') ?? null;
      const verdict = classifier.classify(crm, evidence, now, language);
      verdicts.set(member, verdict);
      return verdict;
    },
  };
}

function recordTypesOf(
  { sides }: SyncSettings,
  facts: (crm: Crm) => AccountFacts,
): Pick<ReconcileContext, 'recordTypes' | 'newRecordTypes'> {
  const found = sides.filter((crm) => (facts(crm).recordTypes ?? []).length > 0);
  if (found.length === 0) return {};
  return {
    recordTypes: new Map(
      found.map((crm) => [crm, new Map(facts(crm).recordTypes?.map((type) => [type.id, type]))]),
    ),
    newRecordTypes: Object.fromEntries(
      found.flatMap((crm) => {
        const { newRecordType } = facts(crm);
        return newRecordType === undefined ? [] : [[crm, newRecordType]];
      }),
    ),
  };
}

/** The configured stage map, or without one what can be said for certain: equal labels, the only won, the only lost. */
export function stageRowsOf(
  settings: SyncSettings,
  facts: (crm: Crm) => Pick<AccountFacts, 'stages'>,
): readonly StageRow[] {
  if (settings.stages !== null) return settings.stages;
  const [a, b] = settings.sides;
  return certainStageRows({ crm: a, stages: facts(a).stages }, { crm: b, stages: facts(b).stages });
}

/** Owned fields that a CRM lacks: the status cannot be pushed there until they are made. */
export function missingOwned(facts: AccountFacts): string[] {
  return OWNED_FIELDS.filter((field) => !facts.fields.some((fact) => fact.field === field && fact.writable));
}
