/** The shipped profiles side by side on the same records. */
import type { ProfileComparison } from './app.ts';
import { OppsyncError } from './core/errors.ts';
import { withFindings } from './core/findings.ts';
import type { EpochMs } from './core/ids.ts';
import { type SideEvidence, shareEvidence } from './core/pair-evidence.ts';
import type { Profile } from './core/profile.ts';
import { type Locale, sentence } from './core/sentence.ts';
import type { SyncSettings } from './core/settings.ts';
import type { Verdict } from './core/verdict.ts';
import type { Classifier } from './engine/deps.ts';
import { classifierOf, type Rules } from './profiles.ts';
import type { EvidenceRow } from './store/evidence-pages.ts';

type Side = Pick<EvidenceRow, 'crm' | 'evidence' | 'findings'>;

interface Judged {
  readonly row: EvidenceRow;
  readonly verdicts: readonly Verdict[];
  /** How many different ends the profiles see, then how much is proven: the higher, the more there is to explain. */
  readonly interest: number;
}

/**
 * Counts verdicts per profile, and picks the record on which they differ most. `rules` gives the dictionary; stage names are
 * read in whatever language knows them, as the flags decide nearly always.
 */
export async function compareProfiles(
  pages: AsyncIterable<readonly EvidenceRow[]>,
  given: readonly Profile[],
  rules: Rules,
  settings: Pick<SyncSettings, 'decisions' | 'languages'>,
  now: EpochMs,
  locale: Locale,
): Promise<ProfileComparison> {
  // From the one that asks for least to the one that asks for most.
  const profiles = given.toSorted((a, b) => requiredOf(a) - requiredOf(b) || (a.name < b.name ? -1 : 1));
  const judges = profiles.map((profile) => classifierOf({ ...rules, profile }, settings, locale));
  const counts = profiles.map(() => ({ active: 0, won: 0, lost: 0, cancelled: 0, unknown: 0 }));
  let example: Judged | null = null;
  for await (const page of pages) {
    for (const given of page) {
      const row = { ...given, evidence: evidenceOf(given, now) };
      const verdicts = judges.map((judge) => verdictOf(judge, row, now));
      for (const [at, verdict] of verdicts.entries()) {
        const own = counts[at];
        if (own !== undefined) own[endOf(verdict)] += 1;
      }
      const interest = interestOf(row, verdicts);
      if (interest > (example?.interest ?? 0)) example = { row, verdicts, interest };
    }
  }
  return {
    profiles: profiles.map(({ name, describe }, at) => ({
      name,
      describe: describe[locale],
      counts: counts[at] ?? { active: 0, won: 0, lost: 0, cancelled: 0, unknown: 0 },
    })),
    example: example === null ? null : exampleOf(example, profiles, locale),
  };
}

/** What the record's pair proves counts for it, as it does in a run. */
function evidenceOf(row: EvidenceRow, now: EpochMs): EvidenceRow['evidence'] {
  const own = complete(row, now);
  return row.counterpart === null
    ? own.evidence
    : shareEvidence(own, complete(row.counterpart, now), now, false)[0];
}

function complete({ crm, evidence, findings }: Side, now: EpochMs): SideEvidence {
  return { crm, evidence: withFindings(evidence, crm, findings ?? [], now) };
}

function requiredOf({ criteria }: Profile): number {
  return criteria.filter(({ required }) => required).length;
}

function verdictOf(judge: Classifier, row: EvidenceRow, now: EpochMs): Verdict {
  try {
    return judge.classify(row.crm, row.evidence, now);
  } catch (error) {
    if (!(error instanceof OppsyncError) || error.recovery !== 'skip') throw error;
    return judge.classify(row.crm, {}, now);
  }
}

function endOf(verdict: Verdict): 'active' | 'won' | 'lost' | 'cancelled' | 'unknown' {
  return verdict.outcome ?? (verdict.status === 'active' ? 'active' : 'unknown');
}

function interestOf({ evidence }: EvidenceRow, verdicts: readonly Verdict[]): number {
  const ends = new Set(verdicts.map(endOf)).size;
  if (ends < 2) return 0;
  const proven = verdicts[0]?.completeness;
  const said = proven === undefined ? 0 : Object.values(proven).filter((seen) => seen !== null).length;
  return ends * 10 + said * 2 + (evidence.custom?.['contractSigned'] === true ? 1 : 0);
}

function exampleOf(
  { row, verdicts }: Judged,
  profiles: readonly Profile[],
  locale: Locale,
): NonNullable<ProfileComparison['example']> {
  const name = row.fields['name'] ?? row.id;
  const about = {
    name,
    amount: row.fields['amount'] ?? null,
    currency: row.fields['currency'] ?? null,
    stageLabel: row.evidence.stageLabel ?? null,
  };
  return {
    ref: { crm: row.crm, id: row.id },
    name,
    verdicts: verdicts.map((verdict, at) => ({
      profile: profiles[at]?.name ?? '',
      verdict,
      sentence: sentence(verdict, about, locale),
    })),
  };
}
