import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StageInfo } from '../../src/core/account-facts.ts';
import { OppsyncError } from '../../src/core/errors.ts';
import { compareProfiles } from '../../src/profile-comparison.ts';
import { classifierOf, loadRules, shippedProfiles } from '../../src/profiles.ts';

const OWN = 'name: ours\nextends: consulting\ndescribe: {en: Ours, fr: Le nôtre}\n';

describe('rules from files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'oppsync-rules-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const refused = (profile: string): string => {
    try {
      loadRules(profile, folder);
    } catch (error) {
      assert.ok(error instanceof OppsyncError);
      assert.equal(error.recovery, 'fix');
      return error.message;
    }
    return 'not refused';
  };

  it('the shipped profiles go by name', () => {
    assert.deepEqual([...shippedProfiles().keys()].sort(), [
      ...['agency', 'consulting', 'fundraising', 'standard', 'strict'],
    ]);
    assert.equal(loadRules('strict', folder).profile.whenMissing, 'review');
    assert.match(refused('agnecy'), /did you mean agency/);
  });

  it("a team's own file is found from the folder, and extends a shipped profile", () => {
    writeFileSync(join(folder, 'ours.yaml'), OWN);
    const { profile } = loadRules('./ours.yaml', folder);
    assert.equal(profile.name, 'ours');
    assert.equal(profile.whenMissing, 'hold');
    assert.match(refused('./theirs.yaml'), /theirs\.yaml cannot be read \(ENOENT\)/);
    writeFileSync(join(folder, 'bytes.yaml'), Uint8Array.from([0xff, 0xfe]));
    assert.match(refused('bytes.yaml'), /not UTF-8|ERR_ENCODING/);
    writeFileSync(join(folder, 'orphan.yaml'), OWN.replace('consulting', 'nobody'));
    assert.match(refused('orphan.yaml'), /orphan\.yaml:2:10: There is no profile nobody to extend/);
  });

  it('the digest changes with the file, and with nothing else', () => {
    writeFileSync(join(folder, 'ours.yaml'), OWN);
    const first = loadRules('ours.yaml', folder).digest;
    assert.equal(loadRules('ours.yaml', folder).digest, first);
    writeFileSync(join(folder, 'ours.yaml'), `${OWN}whenMissing: review\n`);
    assert.notEqual(loadRules('ours.yaml', folder).digest, first);
    assert.notEqual(loadRules('standard', folder).digest, first);
  });

  it('names of stages are read in the language given, or detected pipeline by pipeline', () => {
    const stage = (key: string, label: string, pipeline: string): StageInfo => ({
      ...{ key, label, pipeline, pipelineLabel: null, order: 0 },
      ...{ closed: null, won: null, probability: null, active: true },
    });
    const stages = [
      stage('a/1', 'Négociation', 'a'),
      stage('a/2', 'Affaire perdue', 'a'),
      stage('b/1', 'Angebot erstellt', 'b'),
      stage('b/2', 'Gewonnen', 'b'),
    ];
    const rules = loadRules('standard', folder);
    const detected = classifierOf(rules, {}, 'en').languagesOf('hubspot', stages);
    assert.deepEqual(
      stages.map(({ key }) => detected.get(key)),
      ['fr', 'fr', 'de', 'de'],
    );
    const given = classifierOf(rules, { languages: { hubspot: 'fr-CA' } }, 'en').languagesOf(
      'hubspot',
      stages,
    );
    assert.deepEqual([...new Set(given.values())], ['fr-CA']);
  });

  it('profiles side by side count every record once each and explain where they differ most', async () => {
    const row = (id: string, evidence: Record<string, unknown>) => ({
      crm: 'a',
      id,
      fields: { name: `Deal ${id}` },
      evidence,
      counterpart: null,
      findings: null,
    });
    const won = { isClosed: true, isWon: true, stageKey: 's' };
    const pages = async function* () {
      yield [row('1', { isClosed: false, stageKey: 's' }), row('2', won)];
      yield [
        row('3', { ...won, custom: { contractSigned: true } }),
        row('4', { isClosed: true, isWon: false }),
      ];
    };
    const { profiles, example } = await compareProfiles(
      pages(),
      [...shippedProfiles().values()],
      loadRules('standard', folder),
      {},
      Date.UTC(2026, 0, 1),
      'en',
    );
    assert.equal(profiles[0]?.name, 'standard');
    assert.equal(profiles[4]?.name, 'strict');
    assert.deepEqual(profiles[0]?.counts, { active: 1, won: 2, lost: 1, cancelled: 0, unknown: 0 });
    assert.deepEqual(profiles[4]?.counts, { active: 1, won: 0, lost: 1, cancelled: 0, unknown: 2 });
    for (const { counts } of profiles)
      assert.equal(
        Object.values(counts).reduce((sum, n) => sum + n, 0),
        4,
      );
    assert.equal(example?.ref.id, '3');
    assert.equal(example?.verdicts.length, 5);
  });
});
