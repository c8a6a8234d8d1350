import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { ALIASES } from '../../config/environment.ts';
import { loadConfig } from '../../config/load.ts';
import { settingLines } from '../../config/schema-walk.ts';
import { SENTENCES } from '../../config/sentences.ts';
import { CONFIG_FR } from '../../src/cli/locale/config-fr.ts';

const root = new URL('../../', import.meta.url).pathname;
const EXAMPLE = 'config/oppsync.example.yaml';
const example = readFileSync(`${root}${EXAMPLE}`, 'utf8');
const reference = readFileSync(`${root}docs/configuration.md`, 'utf8');
const SECRETS = { SALESFORCE_CLIENT_ID: 'a', SALESFORCE_CLIENT_SECRET: 'b', HUBSPOT_TOKEN: 'c' };

describe('the example and the reference of the configuration', () => {
  it('the example loads', () => {
    const config = loadConfig({ file: EXAMPLE, env: SECRETS, cwd: root });
    assert.deepEqual(Object.keys(config.syncs), ['main']);
  });

  it('the example shows the defaults it claims', () => {
    const shown = parse(example) as { syncs: { main: Record<string, unknown> } };
    for (const { path, fallback } of settingLines()) {
      const key = /^syncs\.<name>\.(initial|statusAuthority|profile|tieMarginMs|schedule)$/.exec(path)?.[1];
      if (key !== undefined && fallback !== null)
        assert.deepEqual(shown.syncs.main[key], JSON.parse(fallback), path);
    }
  });

  for (const { path } of settingLines()) {
    it(`the example shows ${path}`, () => {
      const key = path.split('.').at(-1) ?? '';
      assert.match(example, new RegExp(`(^|[\\s#{])${key}:`, 'm'));
    });
    it(`the reference describes ${path}`, () => {
      assert.ok(reference.includes(`\`${path}\``), `docs/configuration.md lacks \`${path}\``);
    });
  }

  it('the reference describes nothing that does not exist', () => {
    const known = new Set(settingLines().map(({ path }) => path));
    const described = [...reference.matchAll(/^\| `([^`]+)` +\|/gm)].map((match) => match[1] ?? '');
    const settings = described.filter((path) =>
      /^(connections|syncs|http|database|redis|log|tracing)\b/.test(path),
    );
    assert.deepEqual(
      settings.filter((path) => !known.has(path)),
      [],
    );
    assert.ok(settings.length >= known.size);
  });

  for (const name of Object.keys(ALIASES))
    it(`the reference describes the variable ${name}`, () => {
      assert.ok(reference.includes(`\`${name}\``));
    });

  it('every problem has its French sentence, with the same values in it', () => {
    const values = (template: string): string[] =>
      [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort();
    assert.deepEqual(Object.keys(CONFIG_FR).sort(), Object.keys(SENTENCES).sort());
    for (const [code, template] of Object.entries(SENTENCES))
      assert.deepEqual(values(CONFIG_FR[code as keyof typeof SENTENCES]), values(template), code);
  });
});
