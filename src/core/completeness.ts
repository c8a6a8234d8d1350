/** Whether a won opportunity is complete by the profile's criteria: yes, no, or not evidenced. */
import type { Criterion, Profile } from './profile.ts';
import { type Facts, testCondition } from './rules.ts';
import type { Because, Verdict } from './verdict.ts';

export interface CompletenessCheck {
  readonly completeness: Verdict['completeness'];
  /** `false`: a required proof is observed to be absent. `missing`: one is neither there nor denied. */
  readonly required: 'met' | 'false' | 'missing';
  /** One step per required criterion and per other one that is evidenced. */
  readonly because: readonly Because[];
}

export const NOT_EVIDENCED: Verdict['completeness'] = Object.freeze({
  accepted: null,
  contract: null,
  finance: null,
});

/** Tests every criterion. Throws OppsyncError `skip` when one fails to run. */
export function checkCompleteness(profile: Profile, facts: Facts): CompletenessCheck {
  const seen: { accepted: boolean | null; contract: boolean | null; finance: boolean | null } = {
    ...NOT_EVIDENCED,
  };
  const because: Because[] = [];
  let required: CompletenessCheck['required'] = 'met';
  for (const criterion of profile.criteria) {
    const met = testCondition(profile.name, criterion.name, criterion.when, facts);
    if (criterion.name === 'accepted' || criterion.name === 'contract' || criterion.name === 'finance') {
      seen[criterion.name] = met;
    }
    if (criterion.required && met === false) required = 'false';
    if (criterion.required && met === null && required === 'met') required = 'missing';
    if (criterion.required || met !== null) because.push(step(profile, criterion, met, facts));
  }
  return { completeness: seen, required, because };
}

function step(profile: Profile, criterion: Criterion, met: boolean | null, facts: Facts): Because {
  const evidence = criterion.when.reads.map((name) => `${name}=${facts[name] ?? 'missing'}`).join(', ');
  const answer = met === null ? 'not evidenced' : met ? 'yes' : 'no';
  return { evidence, rule: `${profile.name}/${criterion.name}`, decided: `${criterion.name}: ${answer}` };
}
