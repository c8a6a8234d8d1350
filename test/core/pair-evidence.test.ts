/** One sale in two CRMs: what either of them proves is proven for both records. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readProfileFiles } from '../../config/rules/read.ts';
import { classify } from '../../src/core/classify.ts';
import type { Evidence } from '../../src/core/opportunity.ts';
import { shareEvidence } from '../../src/core/pair-evidence.ts';
import { parseProfiles } from '../../src/core/profile-yaml.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const DAY = 86_400_000;
const profiles = parseProfiles(readProfileFiles());
const WON: Evidence = { isClosed: true, isWon: true, stageKey: 'W' };

/** What both records of a pair are judged to be under a profile. */
function judged(profile: string, salesforce: Evidence, hubspot: Evidence): string[] {
  const shared = shareEvidence(
    { crm: 'salesforce', evidence: salesforce },
    { crm: 'hubspot', evidence: hubspot },
    NOW,
    true,
  );
  return shared.map((evidence) => {
    const { status, outcome, phase, flags } = classify(evidence, {
      profile: profiles.get(profile)!,
      now: NOW,
    });
    return [`${status}/${outcome ?? phase}`, ...flags].join(' ');
  });
}

describe('the evidence of a pair', () => {
  const cases: [what: string, profile: string, salesforce: Evidence, hubspot: Evidence, verdict: string][] = [
    [
      'a contract signed only in Salesforce proves the deal too',
      'consulting',
      { ...WON, custom: { contractSigned: true } },
      WON,
      'closed/won',
    ],
    [
      'accepted in one, signed in the other',
      'consulting',
      { ...WON, custom: { accepted: true, contractSigned: null } },
      { ...WON, custom: { contractSigned: true } },
      'closed/won',
    ],
    [
      'signed in Salesforce, delivery begun in HubSpot',
      'agency',
      { ...WON, custom: { contractSigned: true } },
      { ...WON, custom: { deliveryBegun: true } },
      'closed/won',
    ],
    [
      'committed in one, not wired in the other',
      'fundraising',
      { ...WON, custom: { investorCommitted: true } },
      { ...WON, custom: { fundsWired: false } },
      'active/finalising won_before_complete',
    ],
    [
      'a box nobody ticked does not deny the other CRM, and is not hidden',
      'consulting',
      { ...WON, custom: { accepted: true, contractSigned: false } },
      { ...WON, custom: { contractSigned: true } },
      'closed/won proofs_disagree',
    ],
    ['no proof in either', 'consulting', WON, WON, 'active/finalising completeness_missing'],
  ];
  for (const [what, profile, salesforce, hubspot, verdict] of cases) {
    it(what, () => {
      assert.deepEqual(judged(profile, salesforce, hubspot), [verdict, verdict]);
      assert.deepEqual(judged(profile, hubspot, salesforce), [verdict, verdict]);
    });
  }

  it('says which CRM proved what, and which said otherwise', () => {
    const [evidence] = shareEvidence(
      { crm: 'salesforce', evidence: { ...WON, custom: { contractSigned: false } } },
      {
        crm: 'hubspot',
        evidence: {
          ...WON,
          custom: { contractSigned: true, accepted: true },
          said: [{ crm: 'hubspot', about: 'contractSigned', says: true, from: 'quote 7' }],
        },
      },
      NOW,
      false,
    );
    const { because } = classify(evidence, { profile: profiles.get('consulting')!, now: NOW });
    assert.deepEqual(
      because.filter(({ rule }) => rule.startsWith('said/')),
      [
        { evidence: 'accepted=true (hubspot)', rule: 'said/accepted', decided: 'used' },
        { evidence: 'contractSigned=true (hubspot, quote 7)', rule: 'said/contractSigned', decided: 'used' },
        { evidence: 'contractSigned=false (salesforce)', rule: 'said/contractSigned', decided: null },
      ],
    );
  });

  it('contact is that of either CRM, never a planned one', () => {
    const share = (a: Evidence, b: Evidence) =>
      shareEvidence({ crm: 'a', evidence: a }, { crm: 'b', evidence: b }, NOW, false).map(
        ({ lastContactAt, nextActivityAt }) => [lastContactAt, nextActivityAt],
      );
    assert.deepEqual(
      share(
        { lastContactAt: NOW + DAY, nextActivityAt: NOW - DAY },
        { lastContactAt: NOW - 9 * DAY, nextActivityAt: NOW + 3 * DAY },
      ),
      [
        [NOW - 9 * DAY, NOW + 3 * DAY],
        [NOW - 9 * DAY, NOW + 3 * DAY],
      ],
    );
  });

  it('the sale is as old as its older record, and in its stage since the first of both changes', () => {
    const [a, b] = shareEvidence(
      { crm: 'a', evidence: { createdAt: 5, stageChangedAt: 9 } },
      { crm: 'b', evidence: { createdAt: 3, stageChangedAt: 12 } },
      NOW,
      true,
    );
    assert.deepEqual([a.createdAt, a.stageChangedAt, b.createdAt, b.stageChangedAt], [3, 9, 3, 9]);
  });

  it('what one CRM alone knows of its record is not shared', () => {
    const [, b] = shareEvidence(
      { crm: 'a', evidence: { custom: { hasLineItems: true, accountName: 'Acme', paid: true } } },
      { crm: 'b', evidence: {} },
      NOW,
      false,
    );
    assert.deepEqual(b.custom, { paid: true });
  });

  const value = fc.constantFrom(true, false, null, 'x', 3);
  const evidence: fc.Arbitrary<Evidence> = fc.record(
    {
      isWon: fc.boolean(),
      createdAt: fc.constantFrom(null, 1, NOW),
      lastContactAt: fc.constantFrom(null, NOW - DAY, NOW + DAY),
      nextActivityAt: fc.constantFrom(null, NOW - DAY, NOW + DAY),
      custom: fc.dictionary(fc.constantFrom('paid', 'accepted', 'accountName', 'budget'), value, {
        noNullPrototype: true,
      }),
      said: fc.array(
        fc.record(
          {
            crm: fc.constantFrom('a', 'b'),
            about: fc.constantFrom('paid', 'contact'),
            says: fc.constantFrom(true, false),
            from: fc.constantFrom('', 'x', 'y'),
          },
          { noNullPrototype: true },
        ),
        { maxLength: 3 },
      ),
    },
    { requiredKeys: [] },
  );

  it('swapping the sides swaps the answers, and sharing again changes no value', () => {
    fc.assert(
      fc.property(evidence, evidence, fc.boolean(), (one, other, sameStage) => {
        const [a, b] = [
          { crm: 'a', evidence: one },
          { crm: 'b', evidence: other },
        ];
        const [first, second] = shareEvidence(a, b, NOW, sameStage);
        assert.deepEqual(shareEvidence(b, a, NOW, sameStage), [second, first]);
        const values = ({ said: _said, ...rest }: Evidence) => rest;
        const again = shareEvidence({ ...a, evidence: first }, { ...b, evidence: second }, NOW, sameStage);
        assert.deepEqual(again.map(values), [first, second].map(values));
      }),
      { numRuns: 2_000 },
    );
  });
});
