import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';

const ROOT = new URL('..', import.meta.url).pathname;

/**
 * Which part of the program may import which (a part may always import itself). `app` is the facade in types,
 * `core` the pure heart; parts on one level never import each other.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  config: [],
  sandbox: [],
  app: ['core'],
  connectors: ['core'],
  engine: ['core'],
  queue: ['core'],
  store: ['core'],
  observability: ['core'],
  http: ['core', 'app'],
  compose: ['core', 'app', 'config', 'connectors', 'engine', 'http', 'queue', 'store', 'observability'],
  cli: ['core', 'app', 'config', 'compose', 'observability', 'sandbox'],
  workers: ['core', 'app', 'config', 'compose', 'observability'],
};

/** Pure packages the core may stand on. */
const CORE_PACKAGES = ['decimal.js', 'yaml', '@marcbachmann/cel-js'];
/** Packages the sandbox may use: none, so that it stays a witness of its own. */
const SANDBOX_PACKAGES: readonly string[] = [];
const BAD_NAMES = /^(utils?|helpers?|common|managers?|misc|shared|lib)(\.|-|$)|-(utils?|helpers?|manager)\./;
/** Settings come from the first alone; the others only hand PATH and the like on to a program they start. */
const SEES_ENVIRONMENT = [
  'config/load.ts',
  'src/store/embedded/process-identity.ts',
  'src/store/embedded/server-output.ts',
];

/** The part a file belongs to; null for files outside of them. */
function partOf(file: string): string | null {
  const [top = '', second = ''] = file.split('/');
  if (top === 'config' || top === 'workers') return top;
  if (top !== 'src') return null;
  if (!second.endsWith('.ts')) return second;
  // Files next to compose.ts are parts of it; only the facade stands apart.
  return second === 'app.ts' ? 'app' : 'compose';
}

/** Source without comments and without the inside of strings and templates; import paths are taken before. */
function codeOnly(source: string): string {
  return source
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(['"`])(?:\\.|(?!\1)[\s\S])*?\1/g, "''")
    .replace(/\/\/[^\n]*/g, '');
}

function importsOf(source: string): readonly string[] {
  const bare = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const forms = [
    /(?:^|\n)\s*(?:import|export)\b[^'"`;=()]*?\bfrom\s*['"]([^'"]+)['"]/g,
    /(?:^|\n)\s*import\s+['"]([^'"]+)['"]/g,
    /\bimport\s*\(\s*['"]([^'"]+)['"]/g,
  ];
  return forms.flatMap((form) => [...bare.matchAll(form)].map((found) => found[1] ?? ''));
}

/** Everything that is against the rules in one file. */
function violations(file: string, source: string): readonly string[] {
  const found: string[] = [];
  const part = partOf(file);
  const code = codeOnly(source);
  for (const path of importsOf(source)) {
    if (!path.startsWith('.')) {
      const allowed = part === 'core' ? CORE_PACKAGES : part === 'sandbox' ? SANDBOX_PACKAGES : null;
      const isNode = path.startsWith('node:');
      if (part === 'core' && isNode) found.push(`core imports ${path}`);
      else if (allowed !== null && !isNode && !allowed.includes(path)) found.push(`${part} imports ${path}`);
      continue;
    }
    const target = partOf(normalize(join(dirname(file), path)));
    if (part === null || target === part) continue;
    if (target === null) found.push(`imports ${path}, which is no part of the program`);
    else if (!(MAY_IMPORT[part] ?? []).includes(target)) found.push(`${part} imports ${target} (${path})`);
  }
  if (part === 'core') {
    const impure: readonly (readonly [RegExp, string])[] = [
      [/\bawait\b/, 'await'],
      [/\basync\b/, 'async'],
      [/\bDate\.now\b/, 'Date.now'],
      [/\bnew Date\(\s*\)/, 'new Date()'],
      [/\bMath\.random\b/, 'Math.random'],
      [/\bset(Timeout|Interval|Immediate)\b/, 'a timer'],
      [/\bprocess\./, 'process'],
      [/\bfetch\(/, 'fetch'],
    ];
    for (const [pattern, name] of impure) if (pattern.test(code)) found.push(`core uses ${name}`);
  }
  if (/\bprocess\.env\b|\bprocess\[''\]/.test(code) && !SEES_ENVIRONMENT.includes(file))
    found.push('reads the environment');
  if (/(:|<|\bas|\|)\s*any\b/.test(code)) found.push('uses any');
  if (/@ts-(ignore|nocheck|expect-error)/.test(source)) found.push('silences the type checker');
  if (BAD_NAMES.test(basename(file))) found.push(`${basename(file)} says nothing of what it does`);
  if (part !== null && MAY_IMPORT[part] === undefined) found.push(`${part} has no place in the import rule`);
  return found;
}

const files = globSync(['src/**/*.ts', 'config/**/*.ts', 'workers/**/*.ts'], { cwd: ROOT }).sort();

describe('architecture', () => {
  it('sees the whole program', () => {
    assert.ok(files.length > 100, `${files.length} files`);
  });

  for (const file of files)
    it(file, () => {
      assert.deepEqual(violations(file, readFileSync(join(ROOT, file), 'utf8')), []);
    });
});

describe('the architecture check itself', () => {
  const planted: readonly (readonly [what: string, file: string, source: string, expected: string])[] = [
    [
      'connectors → store',
      'src/connectors/x/read.ts',
      "import { open } from '../../store/open.ts';",
      'connectors imports store (../../store/open.ts)',
    ],
    [
      'a type import counts',
      'src/engine/x.ts',
      "import type { Q } from '../queue/bullmq.ts';",
      'engine imports queue (../queue/bullmq.ts)',
    ],
    [
      'an import over several lines',
      'src/http/x.ts',
      "import {\n  a,\n  b,\n} from '../engine/x.ts';",
      'http imports engine (../engine/x.ts)',
    ],
    [
      'a lazy import',
      'src/engine/x.ts',
      "const a = await import('../sandbox/start.ts');",
      'engine imports sandbox (../sandbox/start.ts)',
    ],
    [
      'a re-export',
      'src/store/x.ts',
      "export { a } from '../connectors/index.ts';",
      'store imports connectors (../connectors/index.ts)',
    ],
    [
      'an import for its effect',
      'src/store/x.ts',
      "import '../queue/inline.ts';",
      'store imports queue (../queue/inline.ts)',
    ],
    [
      'config → src',
      'config/x.ts',
      "import { OppsyncError } from '../src/core/errors.ts';",
      'config imports core (../src/core/errors.ts)',
    ],
    [
      'sandbox → core',
      'src/sandbox/x.ts',
      "import { refKey } from '../core/ids.ts';",
      'sandbox imports core (../core/ids.ts)',
    ],
    ['sandbox → npm', 'src/sandbox/x.ts', "import express from 'express';", 'sandbox imports express'],
    [
      'workers → engine',
      'workers/x.ts',
      "import { pull } from '../src/engine/pull.ts';",
      'workers imports engine (../src/engine/pull.ts)',
    ],
    [
      'program → test',
      'src/cli/x.ts',
      "import { x } from '../../test/support/x.ts';",
      'imports ../../test/support/x.ts, which is no part of the program',
    ],
    ['core → node', 'src/core/x.ts', "import { readFileSync } from 'node:fs';", 'core imports node:fs'],
    ['core → npm', 'src/core/x.ts', "import { z } from 'zod';", 'core imports zod'],
    ['core waits', 'src/core/x.ts', 'export async function f() {}', 'core uses async'],
    ['core asks the time', 'src/core/x.ts', 'export const f = () => Date.now();', 'core uses Date.now'],
    ['core asks the date', 'src/core/x.ts', 'export const f = () => new Date( );', 'core uses new Date()'],
    ['core throws dice', 'src/core/x.ts', 'export const f = () => Math.random();', 'core uses Math.random'],
    [
      'the environment',
      'src/store/x.ts',
      "const url = process.env['DATABASE_URL'];",
      'reads the environment',
    ],
    ['any', 'src/store/x.ts', 'const rows: any = [];', 'uses any'],
    ['a silenced checker', 'src/store/x.ts', '// @ts-ignore\nfoo();', 'silences the type checker'],
    ['a drawer', 'src/store/utils.ts', '', 'utils.ts says nothing of what it does'],
    ['a manager', 'src/store/row-manager.ts', '', 'row-manager.ts says nothing of what it does'],
    ['a part nobody knows', 'src/plugins/x.ts', '', 'plugins has no place in the import rule'],
  ];
  for (const [what, file, source, expected] of planted)
    it(`reports: ${what}`, () => {
      assert.deepEqual(violations(file, source), [expected]);
    });

  const harmless: readonly (readonly [what: string, file: string, source: string])[] = [
    [
      'words in comments',
      'src/core/x.ts',
      '/** Never await Date.now(); from any side. */\nexport const x = 1;',
    ],
    ['words in texts', 'src/core/x.ts', "export const x = 'async: any Math.random()';"],
    ['a date from an argument', 'src/core/x.ts', 'export const f = (at: number) => new Date(at);'],
    ['a part importing itself', 'src/store/x.ts', "import { a } from './rows/a.ts';"],
    ['the facade', 'src/cli/x.ts', "import type { App } from '../app.ts';"],
  ];
  for (const [what, file, source] of harmless)
    it(`lets pass: ${what}`, () => {
      assert.deepEqual(violations(file, source), []);
    });
});
