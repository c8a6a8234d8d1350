import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readDictionaryFiles } from '../../config/dictionaries/read.ts';
import { readProfileFiles } from '../../config/rules/read.ts';
import { classify } from '../../src/core/classify.ts';
import { FLAGS, flagMeaning } from '../../src/core/classify-flags.ts';
import { parseDictionaries } from '../../src/core/dictionary-parse.ts';
import type { Evidence } from '../../src/core/opportunity.ts';
import { parseProfiles } from '../../src/core/profile-yaml.ts';
import { reasonText, sentence } from '../../src/core/sentence.ts';

/** 1,000,000 by `npm run soak:classify`; a slice otherwise. */
const RECORDS = Number(process.env['OPPSYNC_TEST_RECORDS'] ?? 100_000);
const NOW = Date.UTC(2026, 10, 23);
const dictionary = parseDictionaries(readDictionaryFiles());
const profiles = [...parseProfiles(readProfileFiles()).values()];

const odd = fc.constantFrom<unknown>(
  null,
  undefined,
  'true',
  'yes',
  1,
  0,
  -1,
  Number.NaN,
  [],
  {},
  'x',
  '',
  1e300,
);
const flag = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<unknown>(true, false, null, undefined) },
  { weight: 1, arbitrary: odd },
);
const moment = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: NOW - 1e11, max: NOW + 1e10 }) as fc.Arbitrary<unknown> },
  { weight: 1, arbitrary: odd },
);
const share = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<unknown>(0, 0.2, 1, null) },
  { weight: 1, arbitrary: odd },
);
const label = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom<unknown>(
      'Closed Won',
      'Perdu',
      'On hold',
      'Annulé',
      'Proposal',
      'Dobitak',
      '未成交',
      '',
      null,
    ),
  },
  { weight: 1, arbitrary: fc.string() as fc.Arbitrary<unknown> },
  { weight: 1, arbitrary: odd },
);
const evidence = fc.record(
  {
    isClosed: flag,
    isWon: flag,
    isLost: flag,
    stageKey: label,
    stageLabel: label,
    stageExists: flag,
    stageIsClosed: flag,
    stageIsWon: flag,
    stageProbability: share,
    probability: share,
    createdAt: moment,
    closedAt: moment,
    stageChangedAt: moment,
    lastContactAt: moment,
    nextActivityAt: moment,
    closeDate: fc.constantFrom<unknown>('2026-01-01', '2027-01-01', '2026-02-30', 'soon', null),
    said: fc.oneof(
      {
        weight: 4,
        arbitrary: fc.array(
          fc.record({
            crm: fc.constantFrom('salesforce', 'hubspot'),
            about: fc.constantFrom('contractSigned', 'paid', 'contact', 'attempt', 'x'),
            says: fc.oneof(fc.boolean(), fc.constantFrom(NOW - 1e9, NOW + 1e9, 'yes')),
            from: fc.constantFrom('', 'Contract 800'),
          }),
          { maxLength: 3 },
        ) as fc.Arbitrary<unknown>,
      },
      { weight: 1, arbitrary: odd },
    ),
    custom: fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record(
          {
            accepted: flag,
            contractSigned: flag,
            paid: flag,
            deliveryBegun: flag,
            investorCommitted: flag,
            fundsWired: flag,
          },
          { requiredKeys: [] },
        ) as fc.Arbitrary<unknown>,
      },
      { weight: 1, arbitrary: odd },
    ),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<unknown> as fc.Arbitrary<Evidence>;

describe('classify on random records', () => {
  it(`is total and deterministic, and unknown only for a named reason (${RECORDS} records)`, function () {
    this.timeout(Math.max(20_000, RECORDS / 2));
    const seen: Record<string, number> = { active: 0, closed: 0, unknown: 0 };
    fc.assert(
      fc.property(
        evidence,
        fc.nat(profiles.length - 1),
        fc.constantFrom('en', 'fr', null),
        (given, which, language) => {
          const profile = profiles[which]!;
          const context = { profile, now: NOW, dictionary, language };
          const verdict = classify(given, context);
          seen[verdict.status] = (seen[verdict.status] ?? 0) + 1;
          const again = classify(structuredClone(given), { ...context, timeZone: 'UTC' });
          if (JSON.stringify(verdict) !== JSON.stringify(again)) assert.deepEqual(again, verdict);
          if ((verdict.status === 'closed') !== (verdict.outcome !== null))
            assert.fail('outcome belongs to closed');
          if (verdict.status !== 'active' && verdict.phase !== null) assert.fail('phase belongs to active');
          if (
            verdict.status === 'unknown' &&
            !verdict.flags.some((name) => flagMeaning(name)?.mayExplainUnknown)
          ) {
            assert.fail('unknown without a named reason');
          }
          for (const name of verdict.flags)
            if (!Object.hasOwn(FLAGS, name)) assert.fail(`flag ${name} has no meaning`);
          if (verdict.flags.some((name, at) => at > 0 && name <= verdict.flags[at - 1]!))
            assert.fail('flags are sorted');
        },
      ),
      { numRuns: RECORDS },
    );
    for (const [status, count] of Object.entries(seen))
      assert.ok(count > RECORDS / 50, `${status} came ${count} times`);
  });

  it('says every verdict in a sentence that fits', () => {
    fc.assert(
      fc.property(
        evidence,
        fc.string({ maxLength: 400, unit: 'grapheme' }),
        fc.constantFrom('en' as const, 'fr' as const),
        (given, name, locale) => {
          const verdict = classify(given, { profile: profiles[0]!, now: NOW, dictionary });
          const text = sentence(verdict, { name, amount: '12.5', currency: 'EUR', stageLabel: name }, locale);
          assert.ok(text.length <= 250 && text.endsWith('.') && !/[\n\r]/.test(text), text);
          assert.ok(reasonText(verdict, locale).length <= 255);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('pushes a reason that the clock alone does not change', () => {
    fc.assert(
      fc.property(evidence, fc.integer({ min: 1, max: 400 }), (given, days) => {
        const texts = [NOW, NOW + days * 86_400_000].map((now) =>
          reasonText(classify(given, { profile: profiles[0]!, now, dictionary }), 'en'),
        );
        assert.equal(texts[0], texts[1]);
      }),
      { numRuns: 5_000 },
    );
  });

  it('does not depend on the time zone of the machine', () => {
    const before = process.env['TZ'];
    try {
      fc.assert(
        fc.property(evidence, (given) => {
          const texts = ['UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Apia'].map((zone) => {
            process.env['TZ'] = zone;
            const verdict = classify(given, {
              profile: profiles[0]!,
              now: NOW,
              dictionary,
              timeZone: 'Europe/Paris',
            });
            return JSON.stringify(verdict);
          });
          assert.equal(new Set(texts).size, 1);
        }),
        { numRuns: 2_000 },
      );
    } finally {
      if (before === undefined) delete process.env['TZ'];
      else process.env['TZ'] = before;
    }
  });

  it('does not depend on records before it, or on fields that are no evidence', () => {
    fc.assert(
      fc.property(fc.array(evidence, { minLength: 2, maxLength: 6 }), fc.string(), (records, noise) => {
        const context = { profile: profiles[0]!, now: NOW, dictionary };
        const forward = records.map((record) => classify(record, context));
        const backward = [...records]
          .reverse()
          .map((record) => classify({ ...record, ...{ description: noise, montant: noise } }, context));
        assert.deepEqual(backward.reverse(), forward);
      }),
      { numRuns: 2_000 },
    );
  });
});
