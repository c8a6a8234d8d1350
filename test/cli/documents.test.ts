import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { COMMANDS } from '../../src/cli/commands/index.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: ROOT });

describe('documents', () => {
  it('README lists every command, and no option that does not exist', () => {
    const table = readme.split('## Commands')[1]?.split('\n## ')[0] ?? '';
    const listed = [...table.matchAll(/^\| (.+?) \|/gm)].map((row) => row[1] ?? '').join(' ');
    const known = COMMANDS.flatMap(({ usage, options }) => [
      usage.split(' ')[0] ?? '',
      ...options.map(({ flags }) => flags.split(' ')[0] ?? ''),
    ]);
    for (const option of listed.matchAll(/--[a-z][a-z-]*/g)) assert.ok(known.includes(option[0]), option[0]);
    for (const { usage } of COMMANDS) assert.match(listed, new RegExp(`\\b${usage.split(' ')[0]}\\b`));
  });

  for (const file of documents)
    it(`${file} links to what exists`, () => {
      const text = readFileSync(join(ROOT, file), 'utf8');
      for (const [, target = ''] of text.matchAll(/\]\(([^)#]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        assert.ok(existsSync(join(ROOT, dirname(file), target)), target);
      }
    });
});
