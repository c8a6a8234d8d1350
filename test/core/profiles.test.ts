import assert from 'node:assert/strict';
import { readDictionaryFiles } from '../../config/dictionaries/read.ts';
import { readProfileFiles } from '../../config/rules/read.ts';
import { classify, STANDARD_PROFILE } from '../../src/core/classify.ts';
import { parseDictionaries } from '../../src/core/dictionary-parse.ts';
import type { Evidence } from '../../src/core/opportunity.ts';
import { parseProfiles } from '../../src/core/profile-yaml.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const DAY = 86_400_000;
const dictionary = parseDictionaries(readDictionaryFiles());
const profiles = parseProfiles(readProfileFiles());

/** The words of the tables below: what the CRM says, then what is proven (+) or denied (-). */
const WORDS: Readonly<Record<string, Partial<Evidence>>> = {
  won: { isClosed: true, isWon: true },
  lost: { isClosed: true, isWon: false },
  open: { isClosed: false, isWon: false },
  hold: { isClosed: false, stageLabel: 'On hold' },
  withdrawn: { isClosed: true, isWon: false, stageLabel: 'Withdrawn' },
  signing: { isClosed: false, stageLabel: 'Awaiting signature' },
  negotiation: { isClosed: false, stageLabel: 'Negotiation' },
  silent: {},
};
const PROOFS: Readonly<Record<string, string>> = {
  accepted: 'accepted',
  signed: 'contractSigned',
  paid: 'paid',
  begun: 'deliveryBegun',
  committed: 'investorCommitted',
  wired: 'fundsWired',
};

function evidenceOf(words: string): Evidence {
  const [crm = '', ...proofs] = words.split(' ');
  const custom: Record<string, boolean> = {};
  for (const proof of proofs) custom[PROOFS[proof.slice(1)]!] = proof.startsWith('+');
  return { stageKey: 'S', ...WORDS[crm], custom };
}

function said(profile: string, words: string): string {
  const verdict = classify(evidenceOf(words), {
    profile: profiles.get(profile)!,
    now: NOW,
    dictionary,
    language: 'en',
  });
  const detail = verdict.outcome ?? verdict.phase;
  return [verdict.status + (detail === null ? '' : `/${detail}`), ...verdict.flags].join(' ');
}

const TABLES: Readonly<Record<string, readonly (readonly [when: string, words: string, verdict: string])[]>> =
  {
    standard: [
      ['won in the CRM is closed', 'won', 'closed/won'],
      ['even unsigned', 'won -signed', 'closed/won'],
      ['even unpaid', 'won +signed -paid', 'closed/won'],
      ['with every proof', 'won +accepted +signed +paid', 'closed/won'],
      ['lost', 'lost', 'closed/lost'],
      ['withdrawn by the customer', 'withdrawn', 'closed/cancelled'],
      ['open', 'open', 'active'],
      ['open although paid', 'open +paid', 'active'],
      ['reopened after won', 'open +accepted +signed', 'active'],
      ['on hold', 'hold', 'active/paused'],
      ['awaiting signature is open', 'signing', 'active/finalising'],
      ['negotiating', 'negotiation', 'active/negotiating'],
      ['the CRM is silent', 'silent', 'unknown no_evidence'],
    ],
    consulting: [
      ['accepted and signed', 'won +accepted +signed', 'closed/won'],
      ['signed says accepted too', 'won +signed', 'closed/won'],
      ['won in the CRM, unsigned', 'won +accepted -signed', 'active/finalising won_before_complete'],
      ['won in the CRM, refused in fact', 'won -accepted -signed', 'active/finalising won_before_complete'],
      ['accepted, signature not recorded', 'won +accepted', 'active/finalising completeness_missing'],
      ['nothing recorded', 'won', 'active/finalising completeness_missing'],
      ['signed, unpaid: payment is not asked here', 'won +signed -paid', 'closed/won'],
      ['accepted, not signed, still open', 'open +accepted -signed', 'active/finalising'],
      ['open', 'open', 'active'],
      ['reopened after won', 'open +accepted +signed', 'active'],
      ['on hold', 'hold', 'active/paused'],
      ['withdrawn', 'withdrawn', 'closed/cancelled'],
      ['lost', 'lost -accepted', 'closed/lost'],
      ['the CRM is silent: proof does not decide', 'silent +accepted +signed', 'unknown no_evidence'],
    ],
    agency: [
      ['contract signed, campaign begun', 'won +signed +begun', 'closed/won'],
      ['contract signed, campaign not begun', 'won +signed -begun', 'active/finalising won_before_complete'],
      ['campaign begun without a contract', 'won -signed +begun', 'active/finalising won_before_complete'],
      ['signed, nothing known of the campaign', 'won +signed', 'active/finalising completeness_missing'],
      ['campaign begun, contract not recorded', 'won +begun', 'active/finalising completeness_missing'],
      ['nothing recorded', 'won', 'active/finalising completeness_missing'],
      ['unpaid: payment is not asked here', 'won +signed +begun -paid', 'closed/won'],
      ['open, signed, campaign not begun', 'open +signed -begun', 'active/finalising'],
      ['open', 'open', 'active'],
      ['on hold', 'hold', 'active/paused'],
      ['withdrawn', 'withdrawn', 'closed/cancelled'],
      ['lost', 'lost +signed', 'closed/lost'],
      ['reopened after won', 'open +signed +begun', 'active'],
    ],
    fundraising: [
      ['committed and wired', 'won +committed +wired', 'closed/won'],
      ['money in proves the commitment', 'won +wired', 'closed/won'],
      [
        'investor committed but funds not wired',
        'won +committed -wired',
        'active/finalising won_before_complete',
      ],
      ['committed, wire not recorded', 'won +committed', 'active/finalising completeness_missing'],
      ['investor stepped back', 'won -committed -wired', 'active/finalising won_before_complete'],
      ['nothing recorded', 'won', 'active/finalising completeness_missing'],
      ['open, committed, not wired', 'open +committed -wired', 'active/finalising'],
      ['open, committed', 'open +committed', 'active/committing'],
      ['open', 'open -committed', 'active'],
      ['passed', 'lost', 'closed/lost'],
      ['withdrawn by the founders', 'withdrawn', 'closed/cancelled'],
      ['on hold', 'hold', 'active/paused'],
      ['reopened after the round had closed', 'open +committed +wired', 'active/committing'],
      ['a signed contract is no wire', 'won +committed +signed', 'active/finalising completeness_missing'],
    ],
    strict: [
      ['every proof', 'won +accepted +signed +paid', 'closed/won'],
      ['signed, unpaid', 'won +accepted +signed -paid', 'active/finalising won_before_complete'],
      ['paid, unsigned', 'won +accepted -signed +paid', 'active/finalising won_before_complete'],
      ['not accepted', 'won -accepted +signed +paid', 'active/finalising won_before_complete'],
      ['payment not recorded', 'won +accepted +signed', 'unknown completeness_missing'],
      ['nothing recorded', 'won', 'unknown completeness_missing'],
      ['one denied outweighs one missing', 'won -paid', 'active/finalising won_before_complete'],
      ['open, signed, unpaid', 'open +signed -paid', 'active/finalising'],
      ['open', 'open', 'active'],
      ['lost needs no proof', 'lost', 'closed/lost'],
      ['withdrawn', 'withdrawn', 'closed/cancelled'],
      ['on hold', 'hold', 'active/paused'],
      ['reopened after won', 'open +accepted +signed +paid', 'active'],
    ],
  };

for (const [profile, table] of Object.entries(TABLES)) {
  describe(`profile ${profile}`, () => {
    it('is documented by at least twelve cases', () =>
      assert.ok(table.length >= 12, `${table.length} cases`));

    for (const [when, words, verdict] of table) {
      it(`${when}: ${words} → ${verdict}`, () => assert.equal(said(profile, words), verdict));
    }
  });
}

describe('profiles as shipped', () => {
  it('describe themselves and every rule in both languages', () => {
    for (const profile of profiles.values()) {
      for (const part of [profile, ...profile.rules, ...profile.criteria]) {
        assert.ok(
          part.describe.en.length > 10 &&
            part.describe.fr.length > 10 &&
            part.describe.en !== part.describe.fr,
        );
      }
    }
  });

  it('hold the standard profile that needs no file, to the letter', () => {
    const shape = (profile: typeof STANDARD_PROFILE) => JSON.parse(JSON.stringify(profile)) as unknown;
    assert.deepEqual(shape(profiles.get('standard')!), shape(STANDARD_PROFILE));
  });

  it('judge engagement by their own thresholds', () => {
    const evidence: Evidence = { isClosed: false, stageKey: 'S', lastContactAt: NOW - 40 * DAY };
    const states = ['standard', 'consulting', 'fundraising'].map(
      (name) => classify(evidence, { profile: profiles.get(name)!, now: NOW }).engagement.state,
    );
    assert.deepEqual(states, ['stale', 'quiet', 'quiet']);
  });

  it('report completeness of what was won, also where it is not required', () => {
    const { completeness } = classify(evidenceOf('won +accepted -paid'), {
      profile: STANDARD_PROFILE,
      now: NOW,
    });
    assert.deepEqual(completeness, { accepted: true, contract: null, finance: false });
  });
});
